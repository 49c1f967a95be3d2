/*
 * Fluid in the paratenon lights up in fat-suppressed images as a film of less than a millimetre around a dark tendon.
 * To the surface it looks like a tear that reaches the outside. What tells them apart is depth: under a film the tendon
 * is dark again at once, and the film runs along the surface; a tear goes deep somewhere.
 *
 * Along each ray the brightest point near the boundary is looked for in the fat-suppressed channels. It is a film if it
 * outshines what lies beyond, and if within FILM_MM the signal falls off towards the tendon. Where most of the
 * circumference sees a film, and the neighbouring rays agree, the boundary goes back to where the signal falls off. In
 * the gap of a rupture, bright throughout, a film cannot be seen, but the sheath goes on: where one is seen above and
 * below, it is taken to be as thick in between. A thicker layer, up to THICK_MM, is one only where it goes along most
 * of the tendon. What it cannot do: tell a film from a tear that is as shallow and lies on most sides of the tendon.
 */
#include "segment/rim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "segment/order.h"
#include "teno/memory.h"

#define SAMPLE_MM 0.2
#define FILM_MM 1.4    /* a paratenon of 0.5 to 1 mm, blurred */
#define THICK_MM 2.4   /* a sheath full of fluid, 2 mm, blurred: it goes all along the tendon, where a tear ends */
#define ALONG 0.6      /* of the tendon, for such a sheath */
#define EDGE_SHARE 0.7 /* of the peak: a film thinner than its blur has its edge close to its peak */
#define BEYOND_MM 0.8  /* the boundary may have stopped inside the film */
#define FARTHER_MM 1.2 /* from the boundary, or the brightest point beyond it: what lies around */
#define STANDS_OUT 1.6 /* times what lies around */
#define BRIGHT_MIN 0.6 /* of muscle: chemical shift and texture of suppressed fat stay below */
#define AROUND 0.5     /* of the whole circumference: a tear of the surface is seldom on every side */
#define AGREE 0.6      /* share of the neighbouring rays */
#define CARRY_MM 40.0  /* over a gap, from the nearest film on either side */
enum { INSIDE = 26, OUTSIDE = 10, SAMPLES = INSIDE + OUTSIDE + 1, NEAR_RINGS = 2, NEAR_RAYS = 4, BESIDE = 15 };

/* No film's inner edge, because it is bright farther in. */
static const double DROWNED = -INFINITY;

/* Where a channel sees the inner edge of a film on this ray, mm from the core; DROWNED, or NaN for none. */
static double film_edge(const Channel *channel, const Scale *scale, const Ring *ring, const Ray *ray, double radius_mm,
                        double film_mm)
{
    double signal[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        Vec3 p = rigid_apply(&channel->ref_to_channel, ring_point(ring, ray, radius_mm + (i - INSIDE) * SAMPLE_MM));
        signal[i] = (vol_sample(&channel->vol, p, (double)NAN) - scale->tendon) / scale->unit;
        if (isnan(signal[i])) return (double)NAN;
    }
    int peak = INSIDE - (int)(film_mm / SAMPLE_MM), farther = (int)(FARTHER_MM / SAMPLE_MM);
    for (int i = peak; i <= INSIDE + (int)(BEYOND_MM / SAMPLE_MM); i++)
        if (signal[i] > signal[peak]) peak = i;
    int edge = peak > INSIDE ? peak : INSIDE, out = edge + farther < SAMPLES ? edge + farther : SAMPLES - 1;
    if (signal[peak] < fmax(BRIGHT_MIN, STANDS_OUT * fmax(signal[out], 0)) + 2 * scale->noise) return (double)NAN;
    for (int i = peak - 1; i >= 0 && (peak - i) * SAMPLE_MM <= film_mm; i--)
        if (signal[i] < EDGE_SHARE * signal[peak]) {
            double part = (EDGE_SHARE * signal[peak] - signal[i]) / (signal[i + 1] - signal[i]);
            return radius_mm + (i + part - INSIDE) * SAMPLE_MM;
        }
    return DROWNED;
}

/* The mean over the fat-suppressed channels that resolve a film here; DROWNED where one sees it bright throughout. */
static double ray_film(const Tube *tube, int k, int i, double film_mm, const Images *images)
{
    const Ring *ring = &tube->ring[k];
    Ray ray = ring_ray(ring, i);
    double sum = 0, n = 0, none = (double)NAN;
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        if (!images->scale[c].fat_dark) continue;
        double radius_mm = tube->radius_mm[k * SECTION_POINTS + i];
        double edge = film_edge(channel, &images->scale[c], ring, &ray, radius_mm, film_mm);
        if (isnan(edge)) continue;
        if (isfinite(edge)) {
            sum += edge;
            n++;
        } else {
            none = DROWNED;
        }
    }
    return n > 0 ? sum / n : none;
}

/* Share of the rays near (k, i) that see a film: of `rays` to either side, half of the way around for all of them. */
static double agreement(const double *edge, int n_rings, int k, int i, int rays)
{
    double films = 0, n = 0;
    for (int a = k - NEAR_RINGS; a <= k + NEAR_RINGS; a++)
        for (int b = i - rays; b <= i + rays && a >= 0 && a < n_rings; b++) {
            n++;
            films += isfinite(edge[a * SECTION_POINTS + (b + SECTION_POINTS) % SECTION_POINTS]);
        }
    return n > 0 ? films / n : 0;
}

/* Takes the film off one ring; how thick it was on the average, 0 for none. */
static double ring_peel(Tube *tube, const double *edge, int k)
{
    double sum = 0, n = 0;
    if (agreement(edge, tube->n_rings, k, 0, SECTION_POINTS / 2) < AROUND) return 0;
    for (int i = 0; i < SECTION_POINTS; i++) {
        double *radius = &tube->radius_mm[k * SECTION_POINTS + i], film = edge[k * SECTION_POINTS + i];
        if (!(film < *radius) || agreement(edge, tube->n_rings, k, i, NEAR_RAYS) < AGREE) continue;
        if (!isfinite(film)) continue;
        sum += *radius - film;
        n++;
        *radius = fmax(film, 0.2);
    }
    return n > 0 ? sum / n : 0;
}

/* Is the ring's edge bright all around, over a film or over more? */
static bool ring_drowned(const double *edge, int k)
{
    double bright = 0, drowned = 0;
    for (int i = 0; i < SECTION_POINTS; i++) {
        bright += !isnan(edge[k * SECTION_POINTS + i]);
        drowned += edge[k * SECTION_POINTS + i] == DROWNED;
    }
    return bright >= AGREE * SECTION_POINTS && drowned > 0;
}

/* Median thickness of the film on the nearest rings that show one, going from k in steps of `way`; 0 when there are
 * none near enough. At the edge of a gap the film runs into it, hence a median. */
static double film_beside(const double *thick_mm, int n_rings, int k, int way, int reach)
{
    double of[BESIDE];
    int n = 0;
    for (int i = k + way; i >= 0 && i < n_rings && n < BESIDE && (n > 0 || abs(i - k) <= reach); i += way)
        if (thick_mm[i] > 0) of[n++] = thick_mm[i];
    values_sort(of, n);
    return n ? of[n / 2] : 0;
}

/* Carries the film's thickness over rings that are bright throughout. */
static void gaps_peel(Tube *tube, const double *edge, const double *thick_mm)
{
    int reach = (int)(CARRY_MM / tube->step_mm);
    for (int k = 0; k < tube->n_rings; k++) {
        if (thick_mm[k] > 0 || !ring_drowned(edge, k)) continue;
        double below = film_beside(thick_mm, tube->n_rings, k, -1, reach),
               above = film_beside(thick_mm, tube->n_rings, k, 1, reach);
        if (!(below > 0) || !(above > 0)) continue;
        tube->ring[k].drowned = true;
        for (int i = 0; i < SECTION_POINTS; i++) {
            double *radius = &tube->radius_mm[k * SECTION_POINTS + i];
            if (!isnan(edge[k * SECTION_POINTS + i])) *radius = fmax(*radius - (below + above) / 2, 0.2);
        }
    }
}

/* The films of all rays; returns the share of rings with one all around. */
static double films_look(double *edge, const Tube *tube, double film_mm, const Images *images)
{
    int around = 0;
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++)
        for (int i = 0; i < SECTION_POINTS; i++) edge[k * SECTION_POINTS + i] = ray_film(tube, k, i, film_mm, images);
    for (int k = 0; k < tube->n_rings; k++)
        around += agreement(edge, tube->n_rings, k, 0, SECTION_POINTS / 2) >= AROUND;
    return (double)around / tube->n_rings;
}

int rim_peel(Tube *tube, const Images *images, Error *error)
{
    double *edge = array_alloc((size_t)tube->n_rings * (SECTION_POINTS + 1), sizeof *edge, error);
    if (!edge) return TENO_FAILED;
    double *thick_mm = edge + (size_t)tube->n_rings * SECTION_POINTS;
    if (films_look(edge, tube, THICK_MM, images) < ALONG) films_look(edge, tube, FILM_MM, images);
    for (int k = 0; k < tube->n_rings; k++) thick_mm[k] = ring_peel(tube, edge, k);
    gaps_peel(tube, edge, thick_mm);
    free(edge);
    return TENO_OK;
}
