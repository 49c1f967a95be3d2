/*
 * Error bars by repetition: the measurement is drawn again and again from the profiles that the study could as well
 * have given (repeats.c), and the spread of the results is the interval.
 */
#include "uncertainty.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "extent.h"
#include "repeats.h"
#include "tear_measures.h"
#include "teno/memory.h"

/* SD of the edge rule common to all sections, of a voxel: it is the middle of an edge whose blur is known to a tenth
 * (src/segment/edge_view.c) and which is fitted from both sides, so that half of it counts (judged). */
static const double EDGE_RULE_VOXEL = 0.06;

/* Confidence is the share of such results with a Dice of 0.9 or more (src/segment/confidence.c), at most SUREST, where
 * the other terms say all. A Dice of 0.9 in a section of 60 mm2 and 32 mm around is a boundary that lies off by
 * 0.4 mm; its mean place, which an area sees, is off by less in a wrong one (judged). */
static const double SUREST = 0.93, WRONG_MM = 0.2;

static double outline_sd_mm(double confidence)
{
    return WRONG_MM * sqrt(fmax(1 - confidence / SUREST, 0));
}

#define QUANTITY(member) offsetof(TendonMeasures, member)
static const size_t tendon_offset[TENDON_QUANTITIES] = {
    QUANTITY(tendon_volume_mm3), QUANTITY(tendon_volume_0_60_mm3),
    QUANTITY(mean_area_mm2),     QUANTITY(max_area_mm2),
    QUANTITY(max_thickness_mm),  QUANTITY(length_mm),
    QUANTITY(tear_volume_mm3),   QUANTITY(tear_fraction_percent),
    QUANTITY(tear_length_mm),    QUANTITY(tear_max_involvement_percent),
    QUANTITY(tear_gap_mm),       QUANTITY(tendinosis_volume_mm3),
    QUANTITY(mean_signal)};

static void tendon_quantities(Quantity *q[TENDON_QUANTITIES], TendonMeasures *m)
{
    for (int i = 0; i < TENDON_QUANTITIES; i++) q[i] = (Quantity *)(void *)((char *)m + tendon_offset[i]);
}

static void tear_quantities(Quantity *q[TEAR_QUANTITIES], Tear *t)
{
    Quantity *all[] = {&t->volume_mm3,
                       &t->fraction_percent,
                       &t->length_mm,
                       &t->distal_s_mm,
                       &t->proximal_s_mm,
                       &t->max_involvement_percent,
                       &t->mean_involvement_percent,
                       &t->gap_mm};
    for (int i = 0; i < TEAR_QUANTITIES; i++) q[i] = all[i];
}

static double spread_of(const double *value, int repeats, size_t stride)
{
    double sum = 0, square = 0;
    for (int i = 0; i < repeats; i++) sum += value[(size_t)i * stride];
    double mean = sum / repeats;
    for (int i = 0; i < repeats; i++) {
        double d = value[(size_t)i * stride] - mean;
        square += d * d;
    }
    return sqrt(square / (repeats - 1));
}

/* Student's t: the SD itself comes from few repeats. */
static void interval_set(Quantity *q, double sd, int repeats, double lowest, double highest)
{
    if (!q->known || !isfinite(sd)) return;
    double half = gsl_cdf_tdist_Pinv(0.975, repeats - 1) * sd;
    q->has_interval = true;
    q->low = fmax(q->value - half, lowest);
    q->high = fmin(q->value + half, highest);
}

/* A tear that may be complete by its involvement's interval may have a gap, at most as long as it is. */
static void gap_open(Quantity *gap, const Quantity *involvement, const Quantity *length)
{
    if (!gap->has_interval || gap->value > 0 || !(involvement->high >= COMPLETE_PERCENT)) return;
    gap->high = fmax(gap->high, length->value);
}

/* No tear: what could have been missed is a sphere just below the smallest detectable tear. */
static void interval_of_nothing(TendonMeasures *m)
{
    double mm3 = m->smallest_tear_mm3.value, diameter = cbrt(6 * mm3 / 3.14159265358979323846);
    double share = 100 * 0.785398163397448 * diameter * diameter / m->mean_area_mm2.value;
    Quantity *q[] = {&m->tear_volume_mm3, &m->tear_fraction_percent, &m->tear_length_mm,
                     &m->tear_max_involvement_percent, &m->tear_gap_mm};
    const double high[] = {mm3, 100 * mm3 / m->tendon_volume_mm3.value, diameter, fmin(share, 100), 0};
    for (int i = 0; i < 5; i++) {
        q[i]->has_interval = q[i]->known;
        q[i]->low = 0;
        q[i]->high = high[i];
    }
}

static void results_set(TendonMeasures *m, const double *value, int repeats, size_t stride, int n)
{
    Quantity *q[TENDON_QUANTITIES];
    tendon_quantities(q, m);
    for (int i = 0; i < TENDON_QUANTITIES; i++) {
        bool percent = q[i]->unit && q[i]->unit[0] == '%';
        bool signal = i == TENDON_QUANTITIES - 1;
        interval_set(q[i], spread_of(value + i, repeats, stride), repeats, signal ? -INFINITY : 0,
                     percent ? 100 : INFINITY);
    }
    for (int t = 0; t < m->n_tears; t++) {
        Quantity *own[TEAR_QUANTITIES];
        tear_quantities(own, &m->tears[t]);
        for (int i = 0; i < TEAR_QUANTITIES; i++) {
            bool percent = own[i]->unit[0] == '%', place = i == 3 || i == 4;
            double sd = spread_of(value + TENDON_QUANTITIES + TEAR_QUANTITIES * t + i, repeats, stride);
            interval_set(own[i], sd, repeats, place ? -INFINITY : 0, percent ? 100 : INFINITY);
        }
    }
    if (m->has_tear_measures && m->n_tears == 0) interval_of_nothing(m);
    if (m->n_tears > 0) gap_open(&m->tear_gap_mm, &m->tear_max_involvement_percent, &m->tear_length_mm);
    for (int t = 0; t < m->n_tears; t++)
        gap_open(&m->tears[t].gap_mm, &m->tears[t].max_involvement_percent, &m->tears[t].length_mm);
    const double *rows = value + TENDON_QUANTITIES + TEAR_QUANTITIES * m->n_tears;
    double wide = gsl_cdf_tdist_Pinv(0.975, repeats - 1);
    for (int k = 0; k < n; k++) {
        ProfileRow *row = &m->profile[k];
        double area = wide * spread_of(rows + k, repeats, stride),
               torn = wide * spread_of(rows + n + k, repeats, stride);
        row->area_low_mm2 = fmax(row->area_mm2 - area, 0);
        row->area_high_mm2 = row->area_mm2 + area;
        if (!m->has_tear_measures) continue;
        row->tear_low_mm2 = fmax(row->tear_area_mm2 - torn, 0);
        row->tear_high_mm2 = fmin(row->tear_area_mm2 + torn, row->area_mm2);
    }
    m->n_repeats = repeats;
}

double measures_drawn(const TendonMeasures *m, size_t offset, int repeat)
{
    if (!m->drawn || repeat >= m->n_repeats) return NAN;
    for (int i = 0; i < TENDON_QUANTITIES; i++)
        if (tendon_offset[i] == offset) return m->drawn[(size_t)repeat * m->drawn_stride + (size_t)i];
    return NAN;
}

double tear_volume_drawn(const TendonMeasures *m, int tear, int repeat)
{
    if (!m->drawn || repeat >= m->n_repeats) return NAN;
    return m->drawn[(size_t)repeat * m->drawn_stride + TENDON_QUANTITIES + TEAR_QUANTITIES * (size_t)tear];
}

int intervals_estimate(TendonMeasures *m, const TearMap *map, const Segmentation *segmentation,
                       const Prepared *prepared, int first, const TearOptions *options, Error *error)
{
    int repeats = options->repeats;
    if (repeats < 2) return TENO_OK;
    Repeats run = {.m = m,
                   .map = map,
                   .shape = &segmentation->shape,
                   .first = first,
                   .n = m->n_profile,
                   .seed = options->seed,
                   .date = options->date,
                   .common_share = options->common_share,
                   .edge_rule_mm = EDGE_RULE_VOXEL * prepared_voxel_mm(prepared),
                   .at_heel = segmentation->origin == ORIGIN_INSERTION,
                   .outline_sd_mm = outline_sd_mm(segmentation->confidence)};
    if (m->n_tears > 0) run.blur_s_mm = map_blur_s_mm(map);
    size_t stride = TENDON_QUANTITIES + TEAR_QUANTITIES * (size_t)m->n_tears + 2 * (size_t)run.n;
    double *value = array_alloc(stride * (size_t)repeats, sizeof *value, error);
    int code = value ? repeats_prepare(&run, error) : TENO_FAILED;
    if (!code) {
        int *failed = array_alloc((size_t)repeats, sizeof *failed, error);
        code = failed ? TENO_OK : TENO_FAILED;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < (code ? 0 : repeats); i++)
            failed[i] = repeat_draw(value + stride * (size_t)i, &run, i, NULL);
        for (int i = 0; i < repeats && !code; i++)
            if (failed[i]) code = error_set(error, TENO_FAILED, "intervals: out of memory in repeat %d", i + 1);
        free(failed);
    }
    if (!code) results_set(m, value, repeats, stride, run.n);
    repeats_free(&run);
    m->drawn = value;
    m->drawn_stride = stride;
    return code;
}
