/*
 * From the series of a study to channels that can be measured together.
 *
 * The reference is the anatomy series that shows a tendon's cross-section best: its frame is the analysis frame. Every
 * other series keeps its own grid (nothing is resampled before measuring) and gets the transform from the reference
 * frame into its own, because patients move between series.
 */
#include "teno/preproc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "preproc/together.h"
#include "teno/memory.h"

/* Smaller is a better reference: role first, then how finely a section across the leg is sampled, then voxel volume. */
static double reference_cost(const Series *series)
{
    double cost = grid_voxel_mm3(&series->grid);
    if (series->role != ROLE_ANATOMY) cost += 1e4;
    if (series->plane == PLANE_SAGITTAL || series->plane == PLANE_CORONAL) cost += 1e3;
    return cost;
}

static int by_cost(const void *a, const void *b)
{
    const Channel *x = a, *y = b;
    double p = reference_cost(x->series), q = reference_cost(y->series);
    if (p != q) return p < q ? -1 : 1;
    return x->series < y->series ? -1 : x->series > y->series;
}

/* Gaussian SD of a point's image. In plane the truncated k-space of the acquired pixel d: its edge response rises by
 * 1/d, as a Gaussian of SD 0.4 d does. Across slices the profile is nearly a box of the slice's thickness t, SD
 * t/sqrt(12); a 3-D series is encoded along z as in plane. */
static void psf_set(Channel *channel)
{
    const Series *series = channel->series;
    const Grid *g = &channel->vol.grid;
    double thickness = series->slice_thickness_mm > 0 ? series->slice_thickness_mm : g->dz;
    channel->psf_mm[0] = 0.4 * fmax(g->dx, channel->acquired_mm[0]);
    channel->psf_mm[1] = 0.4 * fmax(g->dy, channel->acquired_mm[1]);
    channel->psf_mm[2] = series->plane == PLANE_3D ? 0.4 * fmax(g->dz, thickness) : thickness / sqrt(12);
}

bool series_suppressed(const Series *series)
{
    return series->acquisition.fat_suppressed || series->contrast == CONTRAST_STIR;
}

/* Everything that a channel can know alone; `tissues` as in references_find. */
static int channel_prepare(Channel *channel, Vol *tissues, bool fat_shown, Error *error)
{
    Noise noise;
    int code = vol_copy(&channel->vol, &channel->series->vol, error);
    if (!code) code = noise_estimate(&noise, &channel->vol, error);
    if (!code) code = bias_correct(&channel->vol, noise.sd, &channel->bias, error);
    if (code) return code;
    channel->noise_sd = noise.sd;
    channel->acquired_mm[0] = noise.acquired_mm[0];
    channel->acquired_mm[1] = noise.acquired_mm[1];
    psf_set(channel);
    channel->ref_to_channel = rigid_identity();
    return references_find(&channel->references, tissues, &channel->vol, channel->series, channel->noise_sd, !fat_shown,
                           error);
}

static int channels_list(Prepared *out, Study *study, Error *error)
{
    int n = 0;
    for (int i = 0; i < study->n_series; i++) n += study->series[i].role != ROLE_UNUSED;
    if (!n) return error_set(error, TENO_NO_DICOM, "study: none of its %d series can be measured", study->n_series);
    out->channel = array_alloc((size_t)n, sizeof *out->channel, error);
    if (!out->channel) return TENO_FAILED;
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].role != ROLE_UNUSED) out->channel[out->n_channels++].series = &study->series[i];
    qsort(out->channel, (size_t)n, sizeof *out->channel, by_cost);
    return TENO_OK;
}

/* How one channel's alignment went. */
typedef struct Outcome {
    int code;
    Notes warnings;
    Error error;
} Outcome;

/* To the first of them. Most of a registration waits for its last step, hence side by side where there are several. */
static int channels_align(Prepared *out, Error *error)
{
    int code = TENO_OK;
    Outcome *outcome = array_alloc((size_t)out->n_channels, sizeof *outcome, error);
    if (!outcome) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic, 1) if (out->n_channels > 2)
    for (int i = 1; i < out->n_channels; i++)
        outcome[i].code = channel_align(&out->channel[i], &out->channel[0], &outcome[i].warnings, &outcome[i].error);
    for (int i = 1; i < out->n_channels; i++) {
        if (!code && outcome[i].code) code = error_set(error, outcome[i].code, "%s", outcome[i].error.message);
        notes_append(&out->warnings, &outcome[i].warnings);
        notes_free(&outcome[i].warnings);
    }
    free(outcome);
    return code;
}

int study_prepare(Prepared *out, Study *study, Error *error)
{
    Vol *tissues = NULL;
    *out = (Prepared){0};
    int code = channels_list(out, study, error);
    if (!code && !(tissues = array_alloc((size_t)out->n_channels, sizeof *tissues, error))) code = TENO_FAILED;
    bool fat_shown = false; /* by a series that does not suppress it: fat_share carries its level over */
    for (int i = 0; i < out->n_channels && !code; i++) fat_shown |= !series_suppressed(out->channel[i].series);
    for (int i = 0; i < out->n_channels && !code; i++) {
        Channel *channel = &out->channel[i];
        Series *series = study->series + (channel->series - study->series);
        if (!series->vol.data) code = series_load(series, error);
        if (!code) code = channel_prepare(channel, &tissues[i], fat_shown, error);
    }
    if (!code) code = channels_align(out, error);
    if (!code && out->n_channels > 1) code = bias_share(out, tissues, error);
    if (!code && out->n_channels > 1) code = references_share(out, tissues, error);
    for (int i = 0; tissues && i < out->n_channels; i++) vol_free(&tissues[i]);
    free(tissues);
    if (code) prepared_free(out);
    return code;
}

double prepared_voxel_mm(const Prepared *prepared)
{
    double finest = INFINITY;
    for (int c = 0; c < prepared->n_channels; c++) {
        const Channel *channel = &prepared->channel[c];
        const Grid *g = &channel->vol.grid;
        finest = fmin(finest, sqrt(fmax(g->dx, channel->acquired_mm[0]) * fmax(g->dy, channel->acquired_mm[1])));
    }
    return finest;
}

void prepared_free(Prepared *prepared)
{
    for (int i = 0; i < prepared->n_channels; i++) {
        vol_free(&prepared->channel[i].vol);
        vol_free(&prepared->channel[i].bias);
        notes_free(&prepared->channel[i].references.notes);
    }
    free(prepared->channel);
    notes_free(&prepared->warnings);
    *prepared = (Prepared){0};
}

int prepared_borrow(Prepared *out, const Prepared *from, Error *error)
{
    *out = (Prepared){.channel = array_alloc((size_t)from->n_channels, sizeof *out->channel, error),
                      .n_channels = from->n_channels};
    if (!out->channel) return TENO_FAILED;
    memcpy(out->channel, from->channel, (size_t)from->n_channels * sizeof *out->channel);
    return TENO_OK;
}

void prepared_release(Prepared *borrowed)
{
    free(borrowed->channel);
    *borrowed = (Prepared){0};
}
