/*
 * What the series of one visit tell about each other: how the patient moved between them, and where the tissues are.
 *
 * Patients move by up to 2 mm and 2 degrees between series. The search is bounded to a few times that: a result beyond
 * the bounds is a failure of the registration, not of the patient.
 *
 * Fat and muscle are far apart without fat suppression and may be close with it, so the reference series' map of the
 * tissues is carried over, eroded by a block against misalignment, and the other series' signals are read there.
 */
#include "preproc/together.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"
#include "teno/register.h"

static const double max_shift_mm = 8, max_angle_deg = 8;
static const double other_frame_shift_mm = 30; /* no common frame of reference: only the table position is shared */
static const double finest_mm = 0.8;           /* a tenth of this is far below what the boundary needs */
enum { SAMPLES = 30000, MIN_BLOCKS = 40 };

int channel_align(Channel *channel, const Channel *reference, Notes *warnings, Error *error)
{
    const char *frame = channel->series->frame_of_reference_uid, *wanted = reference->series->frame_of_reference_uid;
    bool same_frame = !*frame || !*wanted || !strcmp(frame, wanted);
    RegisterOptions options = {.max_shift_mm = same_frame ? max_shift_mm : other_frame_shift_mm,
                               .max_angle_deg = max_angle_deg,
                               .finest_mm = finest_mm,
                               .samples = SAMPLES,
                               .start = rigid_identity(),
                               .has_start = true};
    Registration found;
    int code = register_rigid(&found, &reference->vol, &channel->vol, &options, error);
    if (code) return code;
    channel->ref_to_channel = found.trusted ? found.fixed_to_moving : rigid_identity();
    channel->alignment_residual_mm = found.trusted ? found.residual_mm : (double)NAN;
    if (!found.trusted)
        notes_add(warnings, "series %d was not aligned to series %d: %s", channel->series->series_number,
                  reference->series->series_number, found.reason);
    return TENO_OK;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static bool tissue_inside(const Vol *tissues, int i, int j, int k)
{
    const Grid *g = &tissues->grid;
    if (i < 1 || j < 1 || i >= g->nx - 1 || j >= g->ny - 1) return false;
    const float *t = tissues->data + grid_index(g, i, j, k);
    return t[0] == t[1] && t[0] == t[-1] && t[0] == t[g->nx] && t[0] == t[-g->nx];
}

/* Median signal of the channel in the inner blocks of one tissue, NaN for too few. */
static double tissue_signal(const Channel *channel, const Vol *tissues, Tissue wanted, float *work)
{
    const Grid *g = &tissues->grid;
    size_t n = 0;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                if ((int)tissues->data[grid_index(g, i, j, k)] != (int)wanted || !tissue_inside(tissues, i, j, k))
                    continue;
                Vec3 p = rigid_apply(&channel->ref_to_channel, grid_to_lps(g, (Vec3){i, j, k}));
                double value = vol_sample(&channel->vol, p, NAN);
                if (isfinite(value)) work[n++] = (float)value;
            }
    if (n < MIN_BLOCKS) return NAN;
    qsort(work, n, sizeof *work, by_value);
    return (double)work[n / 2];
}

int references_share(Channel *channel, const Vol *tissues, Error *error)
{
    float *work = array_alloc(grid_count(&tissues->grid), sizeof *work, error);
    if (!work) return TENO_FAILED;
    TissueReferences *r = &channel->references;
    double muscle = tissue_signal(channel, tissues, TISSUE_MUSCLE, work);
    double fat = tissue_signal(channel, tissues, TISSUE_FAT, work);
    if (isfinite(muscle) && muscle > 2 * channel->noise_sd) {
        if (!(fabs(r->muscle - muscle) < 0.15 * muscle))
            notes_add(&r->notes, "muscle read where the reference series shows it (%.0f; alone: %.0f)", muscle,
                      r->muscle);
        r->muscle = muscle;
    }
    if (isfinite(fat)) r->fat = fat;
    free(work);
    return TENO_OK;
}
