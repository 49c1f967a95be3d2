#include "teno/compare.h"

#include <stdlib.h>

#include "teno/memory.h"

int compare_run(Comparison *out, const Analysis *pre, const Analysis *post, const CompareOptions *options, Error *error)
{
    (void)error;
    *out = (Comparison){.pre = pre, .post = post, .registration.fixed_to_moving = rigid_identity()};
    if (options) out->options = *options;
    string_set(out->reason, sizeof out->reason, "not comparable: the two dates were not aligned");
    return TENO_OK;
}

void comparison_free(Comparison *comparison)
{
    for (int i = 0; i < comparison->n_tendons; i++) {
        TendonChange *tendon = &comparison->tendons[i];
        free(tendon->changes);
        free(tendon->tears);
        measures_free(&tendon->pre);
        measures_free(&tendon->post);
        notes_free(&tendon->warnings);
    }
    free(comparison->tendons);
    notes_free(&comparison->warnings);
    *comparison = (Comparison){0};
}
