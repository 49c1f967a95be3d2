/*
 * The plantaris tendon runs along the medial edge of the Achilles, about 2 mm thick and often less than that away. The
 * first surface takes it in, above all when fluid fills the gap, for then the gap looks like a tear. From the outline
 * alone the two cannot be told apart; but a cord has a light gap across the whole thickness of the section on its inner
 * side, is small, and stays beside the tendon over centimetres, where a split of the tendon's edge ends.
 *
 * Per section the darkest signal of every column across the major axis makes a profile along it: dark cord, light gap,
 * dark tendon. Where most of the sections around agree on the side, the boundary goes back to the tendon's edge.
 * What it cannot do: see a gap that no series resolves, or tell a cord from the torn edge of a split as long.
 */
#include "segment/plantaris.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define SAMPLE_MM 0.25
#define LIGHT 0.5        /* of muscle, or of suppressed fat: half the level of what fills a gap */
#define NOISE_SDS 3.0    /* of a sample above tendon before it is called light */
#define CORD_MAX_MM 4.5  /* a plantaris of 2 to 3 mm, blurred on both sides */
#define GAP_MIN_MM 0.5   /* less is noise */
#define GAP_MAX_MM 4.0   /* farther away it is not taken in */
#define TENDON_TIMES 2.0 /* the rest of the section is at least so many cords wide */
#define NEAR_MM 15.0
#define AGREE 0.6  /* share of the sections within NEAR_MM */
#define ACROSS 0.8 /* cosine between the tendon and a series' slices: it must show sections */
enum { COLUMNS = 240, SIDES = 2 };

/* Which series shows the section best: unsuppressed if any, the finest pixel of those; -1 for none. */
static int section_channel(const Tube *tube, const Images *images)
{
    int best = -1;
    double least = INFINITY;
    Vec3 tangent = tube->ring[tube->n_rings / 2].frame.tangent;
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        const Grid *g = &channel->vol.grid;
        double along = fabs(vec3_dot(rigid_rotate(&channel->ref_to_channel, tangent), g->axis_z));
        bool fine = g->dz < 1.5 * g->dx;
        double cost = fmax(g->dx, g->dy) + (images->scale[c].fat_dark ? 10 : 0);
        if ((along < ACROSS && !fine) || cost >= least) continue;
        least = cost;
        best = c;
    }
    return best;
}

typedef struct Outline {
    double x[SECTION_POINTS], y[SECTION_POINTS], low, high; /* along and across the major axis; extent along it */
    double c, s;                                            /* direction of the major axis, towards larger u */
} Outline;

static Outline ring_outline(const Tube *tube, int k)
{
    const Ring *ring = &tube->ring[k];
    Outline o = {.low = INFINITY, .high = -INFINITY, .c = cos(ring->angle_rad), .s = sin(ring->angle_rad)};
    if (o.c < 0) {
        o.c = -o.c;
        o.s = -o.s;
    }
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i);
        double r = tube->radius_mm[k * SECTION_POINTS + i], u = ray.u + r * ray.du, v = ray.v + r * ray.dv;
        o.x[i] = u * o.c + v * o.s;
        o.y[i] = v * o.c - u * o.s;
        o.low = fmin(o.low, o.x[i]);
        o.high = fmax(o.high, o.x[i]);
    }
    return o;
}

/* Extent of the outline across the axis at x. */
static bool column_extent(const Outline *o, double x, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = SECTION_POINTS - 1, j = 0; j < SECTION_POINTS; i = j++) {
        if ((o->x[i] > x) == (o->x[j] > x)) continue;
        double y = o->y[i] + (x - o->x[i]) / (o->x[j] - o->x[i]) * (o->y[j] - o->y[i]);
        *low = fmin(*low, y);
        *high = fmax(*high, y);
    }
    return *low < *high;
}

/* Darkest of the column's samples, in units of what fills a gap; 0 is tendon. */
static double column_darkest(const Ring *ring, const Outline *o, double x, const Channel *channel, const Scale *scale)
{
    double low, high, darkest = INFINITY;
    if (!column_extent(o, x, &low, &high)) return (double)NAN;
    for (double y = low; y <= high; y += SAMPLE_MM) {
        Vec3 p = vec3_along(ring->frame.centre_lps, ring->frame.u, x * o->c - y * o->s);
        p = vec3_along(p, ring->frame.v, x * o->s + y * o->c);
        double value = vol_sample(&channel->vol, rigid_apply(&channel->ref_to_channel, p), (double)NAN);
        if (!isnan(value)) darkest = fmin(darkest, (value - scale->tendon) / scale->unit / scale->surround);
    }
    return isinf(darkest) ? (double)NAN : darkest;
}

/* Number of columns from `at` on, in this direction, that are light (or dark). */
static int run_length(const double *darkest, int n, int at, int step, bool light, double limit)
{
    int length = 0;
    while (at >= 0 && at < n && !isnan(darkest[at]) && (darkest[at] > limit) == light) {
        length++;
        at += step;
    }
    return length;
}

/* Where the tendon begins behind a cord at the low (side 0) or high end of the section; NaN without a cord. */
static double cord_end(const double *darkest, int n, int side, const Outline *o, double limit)
{
    int step = side ? -1 : 1, at = side ? n - 1 : 0;
    at += step * run_length(darkest, n, at, step, true, limit); /* the blurred rim of the cord itself */
    int cord = run_length(darkest, n, at, step, false, limit);
    at += step * cord;
    int gap = run_length(darkest, n, at, step, true, limit);
    at += step * gap;
    int rest = run_length(darkest, n, at, step, false, limit);
    if (!cord || cord * SAMPLE_MM > CORD_MAX_MM || gap * SAMPLE_MM < GAP_MIN_MM || gap * SAMPLE_MM > GAP_MAX_MM ||
        rest < TENDON_TIMES * cord)
        return (double)NAN;
    return o->low + (at - 0.5 * step + 0.5) * SAMPLE_MM;
}

static void ring_cords(double cord[SIDES], const Tube *tube, int k, const Channel *channel, const Scale *scale)
{
    Outline o = ring_outline(tube, k);
    double darkest[COLUMNS], limit = fmax(LIGHT, NOISE_SDS * scale->noise / scale->surround);
    int n = (int)fmin((o.high - o.low) / SAMPLE_MM, COLUMNS);
    for (int i = 0; i < n; i++)
        darkest[i] = column_darkest(&tube->ring[k], &o, o.low + (i + 0.5) * SAMPLE_MM, channel, scale);
    for (int side = 0; side < SIDES; side++) cord[side] = n > 0 ? cord_end(darkest, n, side, &o, limit) : (double)NAN;
}

/* Share of the sections around k that see a cord on this side. */
static double agreement(const double *cord, const Tube *tube, int k, int side)
{
    int reach = (int)(NEAR_MM / tube->step_mm), n = 0, seen = 0;
    for (int a = k - reach; a <= k + reach; a++) {
        if (a < 0 || a >= tube->n_rings) continue;
        n++;
        seen += !isnan(cord[a * SIDES + side]);
    }
    return (double)seen / n;
}

static void ring_clip(Tube *tube, int k, int side, double end_mm)
{
    const Ring *ring = &tube->ring[k];
    Outline o = ring_outline(tube, k);
    for (int i = 0; i < SECTION_POINTS; i++) {
        double *radius = &tube->radius_mm[k * SECTION_POINTS + i];
        Ray ray = ring_ray(ring, i);
        double from = ray.u * o.c + ray.v * o.s, slope = ray.du * o.c + ray.dv * o.s;
        if (side ? o.x[i] <= end_mm : o.x[i] >= end_mm) continue;
        *radius = (side ? slope > 0 : slope < 0) ? fmin(fmax((end_mm - from) / slope, 0), *radius) : 0;
    }
}

int plantaris_cut(Tube *tube, const Images *images, Error *error)
{
    int c = section_channel(tube, images);
    if (c < 0) return TENO_OK;
    double *cord = array_alloc((size_t)tube->n_rings * SIDES, sizeof *cord, error);
    if (!cord) return TENO_FAILED;
    const Channel *channel = &images->prepared->channel[c];
#pragma omp parallel for schedule(static)
    for (int k = 0; k < tube->n_rings; k++) ring_cords(cord + (size_t)k * SIDES, tube, k, channel, &images->scale[c]);
    for (int k = 0; k < tube->n_rings; k++)
        for (int side = 0; side < SIDES; side++)
            if (!isnan(cord[k * SIDES + side]) && agreement(cord, tube, k, side) >= AGREE)
                ring_clip(tube, k, side, cord[k * SIDES + side]);
    free(cord);
    return TENO_OK;
}
