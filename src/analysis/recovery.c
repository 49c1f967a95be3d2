/*
 * The recovery test: what could this scan have shown? Tears of known volume are put into the study's own images, one at
 * a time, and the study is outlined and measured again as it was before. How much of the change was found stands beside
 * the results. Bounded: three repetitions of outlining and measuring, without intervals.
 *
 * What it cannot tell: how an unusual tear would look. The inserted one is an ellipsoid of fluid inside the tendon, in
 * the place between the tendon's own tears that is nearest to its mid-portion.
 */
#include "analysis/recovery.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "teno/random.h"

/* Half axes as shares of the section's, and half lengths, mm: from a small focus to half of a section. */
static const struct {
    double share, half_length_mm;
} TRIALS[RECOVERY_TRIALS] = {{0.25, 4}, {0.45, 6}, {0.65, 10}};
/* A tear counts as found when at least this share of its volume is. */
static const double FOUND_SHARE = 0.2;

static void images_free(Prepared *images)
{
    for (int c = 0; c < images->n_channels; c++) vol_free(&images->channel[c].vol);
    free(images->channel);
    *images = (Prepared){0};
}

/* Channels with volumes of their own; the rest is borrowed. */
static int images_copy(Prepared *out, const Prepared *from, Error *error)
{
    *out = (Prepared){.channel = array_alloc((size_t)from->n_channels, sizeof *out->channel, error)};
    if (!out->channel) return TENO_FAILED;
    int code = TENO_OK;
    for (int c = 0; c < from->n_channels && !code; c++) {
        out->channel[c] = from->channel[c];
        out->channel[c].vol = (Vol){0};
        out->n_channels = c + 1;
        code = vol_copy(&out->channel[c].vol, &from->channel[c].vol, error);
    }
    return code;
}

/* Outlines and measures again; *found_mm3 is NaN when the tendon is not found any more. */
static int measure_again(double *found_mm3, Prepared *images, const SegmentRequest *request, unsigned long long seed,
                         Error *error)
{
    Segmentation segmentation = {0};
    *found_mm3 = NAN;
    int code = tendon_segment(&segmentation, images, request, error);
    if (!code && segmentation.assessable) {
        TendonMeasures measures = {0};
        Straightened straightened = {0};
        TearOptions options = {.repeats = 0, .seed = seed};
        code = tendon_measure(&measures, &straightened, images, &segmentation, request->spec, &options, error);
        if (!code && measures.tear_volume_mm3.known) *found_mm3 = measures.tear_volume_mm3.value;
        straightened_free(&straightened);
        measures_free(&measures);
    }
    segmentation_free(&segmentation);
    return code;
}

static int trial_run(RecoveryTrial *trial, const SyntheticTear *tear, const Prepared *prepared,
                     const SegmentRequest *request, double before_mm3, unsigned long long seed, Error *error)
{
    Prepared images;
    double after_mm3 = NAN;
    int code = images_copy(&images, prepared, error);
    for (int c = 0; c < images.n_channels && !code; c++)
        tear_insert(&images.channel[c], tear, random_bits(random_seed(seed, "recovery"), (uint64_t)c));
    if (!code) code = measure_again(&after_mm3, &images, request, seed, error);
    images_free(&images);
    *trial = (RecoveryTrial){.s_mm = tear->s_mm,
                             .length_mm = 2 * tear->half_mm[2],
                             .inserted_mm3 = synthetic_tear_mm3(tear),
                             .found_mm3 = after_mm3 - before_mm3};
    trial->found = trial->found_mm3 >= FOUND_SHARE * trial->inserted_mm3;
    return code;
}

int recovery_test(Recovery *out, const Prepared *prepared, const SegmentRequest *request,
                  const Segmentation *segmentation, const TendonMeasures *measures, unsigned long long seed,
                  Error *error)
{
    *out = (Recovery){.wanted = true};
    if (!measures->has_tear_measures) {
        string_set(out->reason, sizeof out->reason, "no series in which a tear could be looked for");
        return TENO_OK;
    }
    for (int i = 0; i < RECOVERY_TRIALS; i++) {
        SyntheticTear tear;
        if (!synthetic_tear_place(&tear, &segmentation->shape, measures, TRIALS[i].share, TRIALS[i].half_length_mm))
            continue;
        int code = trial_run(&out->trial[out->n_trials++], &tear, prepared, request, measures->tear_volume_mm3.value,
                             seed, error);
        if (code) return code;
    }
    if (out->n_trials == 0)
        string_set(out->reason, sizeof out->reason, "no stretch of the tendon free of tears is long enough");
    return TENO_OK;
}
