/*
 * Confidence from several cues that do not share their failures: do the points on both sides of the boundary look as
 * they should; how sharply do the channels place it; is the shape one that a tendon may have; is the anatomy around
 * there (skin and fat behind, fat or muscle in front, calcaneus below); does another path do nearly as well. Each cue
 * becomes a factor between 0 and 1; the product is the confidence.
 */
#include "segment/confidence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "segment/order.h"
#include "teno/memory.h"

/* A blurred edge makes the numbers uncertain, which their intervals say, more than it makes the tendon a wrong one. */
static const double BLUR_DOUBT = 0.4;
/* Judged. But where every series suppresses fat, an edge without contrast is also what is seen where the boundary runs
 * through a degenerated part that is as bright as the fat. */
static const double SUPPRESSED_BLUR_DOUBT = 0.6;

/* Twice the section of a tendinopathic Achilles of 17.2 x 11.2 mm (clinical.md §1.2), the one tendon that is sought
 * without a seed: what is larger holds a muscle belly. */
static const double LARGEST_ACHILLES_MM2 = 300;

enum { STRIDE = 2, RAYS = 24, RAY_STRIDE = SECTION_POINTS / RAYS, DEPTHS = 4 };

/* One ring's counts. */
typedef struct RingEvidence {
    double inside, n_inside, outside, n_outside, dark;
    double fat_behind, n_behind, before, n_before;
    double skin_mm, thickness_mm, width_mm, area_mm2, sd_mm;
} RingEvidence;

static void ring_extents(RingEvidence *e, const Tube *tube, int k)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, twice = 0, u0 = 0, v0 = 0;
    const Ring *ring = &tube->ring[k];
    double c = cos(ring->angle_rad), s = sin(ring->angle_rad);
    for (int i = 0; i <= SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i % SECTION_POINTS);
        double r = tube->radius_mm[k * SECTION_POINTS + i % SECTION_POINTS];
        double u = ray.u + r * ray.du, v = ray.v + r * ray.dv, x = u * c + v * s, y = v * c - u * s;
        low[0] = fmin(low[0], x);
        high[0] = fmax(high[0], x);
        low[1] = fmin(low[1], y);
        high[1] = fmax(high[1], y);
        if (i) twice += u0 * v - u * v0;
        u0 = u;
        v0 = v;
        e->sd_mm += tube->sd_mm[k * SECTION_POINTS + i % SECTION_POINTS] / (SECTION_POINTS + 1);
    }
    e->width_mm = fmax(high[0] - low[0], high[1] - low[1]);
    e->thickness_mm = fmin(high[0] - low[0], high[1] - low[1]);
    e->area_mm2 = fabs(twice) / 2;
}

static double skin_distance(const Ring *ring, double from_mm, const Lattice *lattice)
{
    for (double d = from_mm; d < 60; d += 1)
        if (lattice_air(lattice, vec3_along(ring->frame.centre_lps, ring->frame.v, d))) return d - from_mm;
    return (double)NAN;
}

static RingEvidence ring_evidence(const Tube *tube, int k, const Images *images)
{
    RingEvidence e = {0};
    const Ring *ring = &tube->ring[k];
    Likelihood inner[RAYS][2], outer[RAYS][DEPTHS];
    Census in = {0}, out = {0};
    ring_extents(&e, tube, k);
    for (int a = 0; a < RAYS; a++) {
        Ray ray = ring_ray(ring, a * RAY_STRIDE);
        double r = tube->radius_mm[k * SECTION_POINTS + a * RAY_STRIDE];
        Vec3 step = vec3_sub(ring_point(ring, &ray, 1), ring_point(ring, &ray, 0));
        points_classify(inner[a], 2, ring_point(ring, &ray, 0.35 * r), vec3_scale(step, 0.35 * r), images);
        points_classify(outer[a], DEPTHS, ring_point(ring, &ray, r + 0.8), vec3_scale(step, 0.8), images);
        inside_count(&in, &inner[a][0]);
        for (int d = 0; d < DEPTHS; d++) outside_count(&out, &outer[a][d]);
    }
    Shares inside = inside_shares(&in), outside = outside_shares(&out, &inside);
    for (int a = 0; a < RAYS; a++) {
        Ray ray = ring_ray(ring, a * RAY_STRIDE);
        Census here = {0};
        for (int d = 0; d < 2; d++) e.inside += point_ratio(&inner[a][d], &inside, &outside) > 0;
        for (int d = 0; d < 2; d++) e.outside += point_ratio(&outer[a][d], &inside, &outside) < 0;
        for (int d = 0; d < DEPTHS; d++) outside_count(&here, &outer[a][d]);
        e.n_inside += 2;
        e.n_outside += 2;
        if (ray.dv > 0.7) {
            e.fat_behind += (here.count[FAT] + here.count[WET_FAT]) / DEPTHS;
            e.n_behind++;
        } else if (ray.dv < -0.7) {
            e.before += (here.count[FAT] + here.count[WET_FAT] + here.count[MUSCLE]) / DEPTHS;
            e.n_before++;
        }
    }
    e.dark = in.count[TENDON] / RAYS;
    e.skin_mm = skin_distance(ring, e.thickness_mm / 2, images->lattice);
    return e;
}

static double median(double *value, int n)
{
    if (n < 1) return (double)NAN;
    values_sort(value, n);
    return value[n / 2];
}

/* Of the darker half of the sections: a long rupture between sound stumps is no less a tendon. */
static double upper_half_mean(double *value, int n)
{
    double sum = 0;
    values_sort(value, n);
    for (int i = n / 2; i < n; i++) sum += value[i];
    return sum / (n - n / 2);
}

static void evidence_sum(Evidence *out, const RingEvidence *ring, int n, double *work)
{
    RingEvidence sum = {0};
    double seen = 0, good = 0, large = 0;
    for (int i = 0; i < n; i++) {
        sum.inside += ring[i].inside;
        sum.n_inside += ring[i].n_inside;
        sum.outside += ring[i].outside;
        sum.n_outside += ring[i].n_outside;
        sum.fat_behind += ring[i].fat_behind;
        sum.n_behind += ring[i].n_behind;
        sum.before += ring[i].before;
        sum.n_before += ring[i].n_before;
        large += ring[i].area_mm2 > LARGEST_ACHILLES_MM2;
        if (isnan(ring[i].skin_mm)) continue;
        seen++;
        good += ring[i].skin_mm >= 1 && ring[i].skin_mm <= 30;
    }
    out->inside = sum.n_inside > 0 ? sum.inside / sum.n_inside : 0;
    out->outside = sum.n_outside > 0 ? sum.outside / sum.n_outside : 0;
    for (int i = 0; i < n; i++) work[i] = ring[i].dark;
    out->dark = upper_half_mean(work, n);
    out->fat_behind = sum.n_behind > 0 ? sum.fat_behind / sum.n_behind : 0;
    out->fat_or_muscle_before = sum.n_before > 0 ? sum.before / sum.n_before : 0;
    out->too_large = large / n;
    out->skin_behind = seen >= 3 ? good / seen : (double)NAN;
    for (int i = 0; i < n; i++) work[i] = ring[i].thickness_mm;
    out->thickness_mm = median(work, n);
    for (int i = 0; i < n; i++) work[i] = ring[i].width_mm;
    out->width_mm = median(work, n);
    for (int i = 0; i < n; i++) work[i] = ring[i].sd_mm;
    out->boundary_sd_mm = median(work, n);
    int m = 0;
    for (int i = 0; i + 2 < n; i++)
        work[m++] = fabs(ring[i + 2].area_mm2 - ring[i].area_mm2) / fmax(ring[i].area_mm2, 1);
    out->roughness = median(work, m);
}

int evidence_collect(Evidence *out, const Tube *tube, const Images *images, Error *error)
{
    *out = (Evidence){0};
    for (int c = 0; c < images->prepared->n_channels; c++) out->fat_shown |= !images->scale[c].fat_dark;
    for (int c = 0; c < images->prepared->n_channels; c++)
        out->muscle_seen += (double)images->prepared->channel[c].references.muscle_seen / images->prepared->n_channels;
    int n = (tube->n_rings - tube->first) / STRIDE;
    if (n < 3) return TENO_OK;
    RingEvidence *ring = array_alloc((size_t)n, sizeof *ring, error);
    double *work = array_alloc((size_t)n, sizeof *work, error);
    if (ring && work) {
#pragma omp parallel for schedule(dynamic, 4)
        for (int i = 0; i < n; i++) ring[i] = ring_evidence(tube, tube->first + i * STRIDE, images);
        evidence_sum(out, ring, n, work);
        out->length_mm = (tube->n_rings - tube->first) * tube->step_mm;
    }
    int code = ring && work ? TENO_OK : TENO_FAILED;
    free(ring);
    free(work);
    return code;
}

/* 0 below `low`, 1 above `high`. */
static double ramp(double x, double low, double high)
{
    return isnan(x) ? 1 : fmin(fmax((x - low) / (high - low), 0), 1);
}

/* 1 inside the range, falling to 0 at half its lower and twice its upper end. */
static double in_range(double x, const double range[2])
{
    return x < range[0] ? ramp(x, 0.5 * range[0], range[0]) : ramp(-x, -2 * range[1], -range[1]);
}

/*
 * From the product of the cues to the share of such results whose outline is right (Dice of at least 0.9). Counted on
 * 64 measured development studies of two simulators written by different rules: 43 of 44 from 0.9 on, 2 of 7 from 0.8,
 * 7 of 9 from 0.65, 4 of 4 from 0.5; the middle bins are few and are taken together. The top stays below its count,
 * because the program was developed on these studies.
 */
static double calibrated(double product)
{
    static const double from[] = {0, 0.5, 0.65, 0.8, 0.9, 0.98}, to[] = {0, 0.5, 0.58, 0.66, 0.8, 0.93};
    for (int i = 1; i < (int)(sizeof from / sizeof from[0]); i++)
        if (product <= from[i])
            return to[i - 1] + (to[i] - to[i - 1]) * (product - from[i - 1]) / (from[i] - from[i - 1]);
    return to[sizeof to / sizeof to[0] - 1];
}

double confidence_from(const Evidence *e, const Located *located, const Landmarks *landmarks, const TendonSpec *spec,
                       bool automatic, char *reason, size_t reason_size)
{
    /* Without a landmark a piece of a tendon cannot be told from a dark strand in anything: of five such results that
     * were counted two were strands in bottles, and one outline was wrong. */
    double anatomy = 0.45;
    /* An edge in a knee has been taken for an insertion at 0.19, and what lay 7 mm above it for the soleus. */
    if (landmarks->has_insertion) anatomy += 0.6 * ramp(landmarks->insertion_confidence, 0.2, 0.4);
    double apart_mm = landmarks->has_insertion && landmarks->has_junction
                          ? landmarks->junction_ring - landmarks->insertion_ring
                          : (double)NAN; /* rings are a millimetre apart */
    if (landmarks->has_junction) anatomy += 0.35 * landmarks->junction_confidence * ramp(apart_mm, 10, 25);
    /* A seed says which band is meant; what is then left to doubt is its edge. */
    double doubt = automatic ? 0.6 : 0.3, blur_doubt = e->fat_shown ? BLUR_DOUBT : SUPPRESSED_BLUR_DOUBT;
    const struct {
        double factor;
        const char *name;
    } cues[] = {
        {1 - doubt * (1 - ramp(e->inside, 0.6, 0.92)), "the band found is not of one tissue"},
        {0.3 + 0.7 * ramp(e->outside, 0.6, 0.9), "its boundary does not separate two tissues"},
        {ramp(e->dark, 0.1, 0.45), "too little of the band found is dark like a tendon"},
        {1 - fmin(doubt, blur_doubt) * (1 - ramp(-e->boundary_sd_mm, -0.6, -0.25)),
         "its edge is not sharp enough in these images"},
        {in_range(e->thickness_mm, spec->thickness_mm), "it is too thin or too thick for this tendon"},
        {in_range(e->width_mm, spec->width_mm), "it is too narrow or too wide for this tendon"},
        {0.4 + 0.6 * ramp(-e->roughness, -0.3, -0.12), "its section changes too abruptly"},
        {automatic ? 0.3 + 0.7 * ramp(-e->too_large, -0.2, -0.05) : 1, "part of it is larger than any such tendon"},
        {ramp(e->length_mm, 10, 25), "too short a piece of it is imaged"},
        {automatic ? ramp(e->skin_behind, 0.4, 0.8) : 1, "no skin close behind it"},
        {automatic ? 0.5 + 0.5 * ramp(e->fat_behind, 0.2, 0.6) : 1, "no fat behind it"},
        {automatic ? 0.3 + 0.7 * ramp(e->fat_or_muscle_before, 0.3, 0.6) : 1, "neither fat nor muscle in front of it"},
        {automatic ? 0.5 + 0.5 * ramp(e->muscle_seen, 0.2, 0.5) : 1, "most series show no muscle"},
        {automatic ? fmin(anatomy, 1) : 1, "neither its insertion on the calcaneus nor the soleus is seen"},
        {automatic ? 0.4 + 0.6 * ramp(located->path_score, 0.25, 0.55) : 1, "it is hardly like an Achilles tendon"},
        {automatic ? 1 - 0.3 * ramp(located->rival, 0.5, 1) : 1, "another band is nearly as much like it"},
    };
    double confidence = 0.98;
    int weakest = 0;
    for (int i = 0; i < (int)(sizeof cues / sizeof cues[0]); i++) {
        confidence *= cues[i].factor;
        if (cues[i].factor < cues[weakest].factor) weakest = i;
    }
    confidence = calibrated(confidence);
    snprintf(reason, reason_size, "low confidence (%.2f): %s", confidence, cues[weakest].name);
    return confidence;
}
