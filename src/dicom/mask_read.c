#include "teno/mask.h"

#include <stdlib.h>

int mask_read(MaskFile *out, const char *path, Error *error) {
    *out = (MaskFile){0};
    return error_set(error, TENO_FAILED, "%s: masks cannot be read yet", path);
}

void mask_free(MaskFile *mask) {
    for (int i = 0; i < mask->n_segments; i++) vol_free(&mask->segments[i].fraction);
    free(mask->segments);
    *mask = (MaskFile){0};
}

int mask_envelope(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Series *series,
                  Error *error) {
    (void)spec, (void)side, (void)series;
    *out = (Vol){0};
    return error_set(error, TENO_FAILED, "%s: masks cannot be used yet", mask->path);
}

int mask_tear(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Series *series, Error *error) {
    (void)mask, (void)spec, (void)side, (void)series, (void)error;
    *out = (Vol){0};
    return TENO_OK;
}
