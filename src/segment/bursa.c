/*
 * The retrocalcaneal bursa lies against the front of the tendon just above its insertion. Full of fluid it looks, to a
 * surface that must not be pulled in by a tear, like a tear that is open to the front.
 *
 * What tells them apart is how thick the tendon is. Above the bursa its thickness is known; down to the insertion it
 * keeps its cross-section while it widens. A layer of fluid in front that makes the tendon thicker than that, and
 * behind which the tendon is about as thick as expected, is bursa. Where the fluid goes deeper, a tear opens into the
 * bursa: the boundary lies where the tendon's front is expected.
 *
 * What it cannot do: see a bursa in front of a tear that reaches far above it, where no thickness is normal.
 */
#include "segment/bursa.h"

#include <math.h>
#include <stdlib.h>

#include "segment/order.h"
#include "teno/memory.h"

#define REACH_MM 22.0     /* the bursa ends at most so far above the insertion */
#define BELOW_MM 2.0      /* the landmark may lie a little too high */
#define CLOSE_MM 8.0      /* a bursa begins no higher */
#define REFERENCE_MM 20.0 /* of tendon above its reach, whose thickness is the measure */
#define ACROSS 0.8        /* of the width: the tips are thin */
#define SAMPLE_MM 0.2
#define NEAR_FRONT_MM 2.0 /* fluid begins within this of the outline's front: cortex may lie between */
#define FLUID_SHARE 0.5   /* of the level of free fluid */
#define FLUID_PEAK 0.75   /* and somewhere within: brighter than degenerated tendon */
#define REMAINS 0.25      /* of the expected thickness, behind the fluid: else the tendon is torn through */
#define LAYER_MM 0.5      /* thinner is a film or an edge */
#define THICKER_MM 0.4    /* than expected: tendons differ by as much */
#define BEHIND_MM 1.0     /* fluid deeper than expected by more is a tear */
#define NARROWEST 0.6
enum { COLUMNS = 9, REFERENCE_MIN = 8, GAP = 3, DEPTH = 80, NEAR = 1 };

/* Signal as a share of free fluid's, over the fat-suppressed series that see the point; NaN for none. */
static double fluid_share(const Images *images, Vec3 p)
{
    double sum = 0, n = 0;
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        const Scale *scale = &images->scale[c];
        if (!scale->fat_dark) continue;
        double value = vol_sample(&channel->vol, rigid_apply(&channel->ref_to_channel, p), (double)NAN);
        if (isnan(value)) continue;
        sum += (value - scale->tendon) / scale->unit / scale->fluid;
        n++;
    }
    return n > 0 ? sum / n : (double)NAN;
}

/* How deep a layer of fluid reaches behind the front of the outline; 0 for none. */
static double fluid_depth(const Ring *ring, double along, double back, double front, const Images *images)
{
    double eu = cos(ring->angle_rad), ev = sin(ring->angle_rad), share[DEPTH], peak = 0;
    Ray ray = {along * eu, along * ev, -ev, eu}; /* backwards */
    int n = (int)fmin((back - front) / SAMPLE_MM, DEPTH), start = -1, end;
    for (int i = 0; i < n; i++) {
        share[i] = fluid_share(images, ring_point(ring, &ray, front + i * SAMPLE_MM));
        if (isnan(share[i])) return 0;
        if (start < 0 && share[i] >= FLUID_SHARE && i * SAMPLE_MM <= NEAR_FRONT_MM) start = i;
    }
    if (start < 0) return 0;
    for (end = start; end < n && share[end] >= FLUID_SHARE; end++) peak = fmax(peak, share[end]);
    if (peak < FLUID_PEAK) return 0;
    for (; end < n && share[end] >= peak / 2; end++) continue; /* its edge is at half its height */
    return end * SAMPLE_MM;
}

static double column_mm(const Ring *ring, int j)
{
    return ACROSS * (ring->half_core_mm + ring->radius_mm) * (2.0 * j / (COLUMNS - 1) - 1);
}

/* Median thickness per column, and width, of the rings [from, to). False when there are too few. */
static bool reference_measure(double thick[COLUMNS], double *width, const Tube *tube, int from, int to, double *scratch)
{
    for (int j = 0; j < COLUMNS; j++) {
        int n = 0;
        for (int k = from; k < to; k++) {
            Outline outline = outline_of_ring(tube, k);
            double back, front;
            if (outline_across(&outline, &tube->ring[k], column_mm(&tube->ring[k], j), &back, &front))
                scratch[n++] = back - front;
        }
        if (n < REFERENCE_MIN) return false;
        thick[j] = values_median(scratch, n);
    }
    for (int k = from; k < to; k++) scratch[k - from] = tube->ring[k].half_core_mm + tube->ring[k].radius_mm;
    *width = values_median(scratch, to - from);
    return true;
}

/* What of the front of a column is bursa, mm. */
static double column_cut(const Ring *ring, const Outline *outline, int j, double expected_mm, const Images *images)
{
    double back, front;
    if (!outline_across(outline, ring, column_mm(ring, j), &back, &front)) return 0;
    double depth = fluid_depth(ring, column_mm(ring, j), back, front, images);
    double thicker = back - front - expected_mm;
    if (depth < LAYER_MM || thicker < THICKER_MM || back - front - depth < REMAINS * expected_mm) return 0;
    return depth - thicker < BEHIND_MM ? depth : thicker;
}

/* Cuts of a ring, smoothed over the neighbours, as the thickness of a layer at each point of its outline. */
static void ring_peel(Tube *tube, int k, const double *cut, int first, int n)
{
    double smooth[COLUMNS], most = 0, thick[SECTION_POINTS];
    const Ring *ring = &tube->ring[k];
    for (int j = 0; j < COLUMNS; j++) {
        double of[(2 * NEAR + 1) * (2 * NEAR + 1)];
        int m = 0;
        for (int a = k - first - NEAR; a <= k - first + NEAR; a++)
            for (int b = j - NEAR; b <= j + NEAR; b++)
                if (a >= 0 && a < n && b >= 0 && b < COLUMNS) of[m++] = cut[a * COLUMNS + b];
        smooth[j] = values_median(of, m);
        most = fmax(most, smooth[j]);
    }
    if (most <= 0) return;
    Outline outline = outline_of_ring(tube, k);
    double half = column_mm(ring, COLUMNS - 1), eu = cos(ring->angle_rad), ev = sin(ring->angle_rad);
    for (int i = 0; i < SECTION_POINTS; i++) {
        double x = ((outline.u[i] * eu + outline.v[i] * ev) / half + 1) * (COLUMNS - 1) / 2;
        x = fmin(fmax(x, 0), COLUMNS - 1);
        int j = (int)fmin(x, COLUMNS - 2);
        thick[i] = smooth[j] + (x - j) * (smooth[j + 1] - smooth[j]);
    }
    outline_peel_front(tube, k, &outline, thick);
}

int bursa_cut(Tube *tube, double insertion_ring, const Images *images, Error *error)
{
    int first = (int)fmax(insertion_ring - BELOW_MM / tube->step_mm, 0);
    int end = (int)fmin(insertion_ring + REACH_MM / tube->step_mm, tube->n_rings), n = end - first;
    int top = (int)fmin(end + REFERENCE_MM / tube->step_mm, tube->n_rings);
    if (n < 1 || top - end < REFERENCE_MIN) return TENO_OK;
    double *cut = array_alloc((size_t)(n * COLUMNS + top - end), sizeof *cut, error), thick[COLUMNS], width;
    if (!cut) return TENO_FAILED;
    if (!reference_measure(thick, &width, tube, end, top, cut + n * COLUMNS)) goto out;
#pragma omp parallel for schedule(dynamic, 2)
    for (int i = 0; i < n; i++) {
        const Ring *ring = &tube->ring[first + i];
        Outline outline = outline_of_ring(tube, first + i);
        double spread = width / (ring->half_core_mm + ring->radius_mm);
        for (int j = 0; j < COLUMNS; j++)
            cut[i * COLUMNS + j] = column_cut(ring, &outline, j, thick[j] * fmin(fmax(spread, NARROWEST), 1), images);
    }
    /* It begins at the bone and goes up without a gap. */
    for (int i = 0, empty = (int)(-(BELOW_MM + CLOSE_MM) / tube->step_mm); i < n; i++) {
        bool any = false;
        for (int j = 0; j < COLUMNS; j++) any |= cut[i * COLUMNS + j] > 0;
        empty = any ? -GAP : empty + 1;
        for (int j = 0; j < COLUMNS && empty > 0; j++) cut[i * COLUMNS + j] = 0;
        if (empty > 0) empty = n;
    }
    for (int i = 0; i < n; i++) ring_peel(tube, first + i, cut, first, n);
out:
    free(cut);
    return TENO_OK;
}
