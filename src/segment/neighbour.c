/*
 * Dark things that lie against the tendon: plantaris along its medial edge, septa, vessels.
 *
 * They differ from a tear under the surface by the outline: a tear leaves it convex, a neighbour makes notches. Each
 * section is opened by a disc (eroded and dilated again, by exact distances on a fine raster; Felzenszwalb and
 * Huttenlocher, Theory of Computing 8, 2012, doi:10.4086/toc.2012.v008a019); where that takes off more than the sharp
 * tip of an ellipse of the same axes would lose, the boundary falls back to the opened outline. What it cannot do: tell
 * a neighbour that is as thick as the tendon.
 */
#include "segment/neighbour.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

#define PIXEL_MM 0.25
#define DISC_MM 1.3     /* radius; plantaris is about 2 mm thick */
#define DISC_SHARE 0.72 /* never more than this part of the half thickness */
#define LOSS_MM 0.5     /* beyond what the tip of an ellipse loses */
enum { SIZE = 161, AREA = SIZE * SIZE, HALF = SIZE / 2 };

typedef struct Raster {
    float field[AREA]; /* squared distances, pixels */
    unsigned char mask[AREA];
    float line[SIZE], envelope[SIZE + 1];
    int vertex[SIZE];
} Raster;

/* Lower envelope of parabolas: squared distance to the nearest zero of one line of `n` samples, `stride` apart. */
static void line_distances(Raster *r, float *f, int stride)
{
    int k = 0;
    float *z = r->envelope;
    for (int q = 0; q < SIZE; q++) r->line[q] = f[q * stride];
    r->vertex[0] = 0;
    z[0] = -1e20F;
    z[1] = 1e20F;
    for (int q = 1; q < SIZE; q++) {
        float s;
        for (;; k--) {
            int p = r->vertex[k];
            s = ((r->line[q] + (float)(q * q)) - (r->line[p] + (float)(p * p))) / (float)(2 * (q - p));
            if (s > z[k] || k == 0) break;
        }
        if (s <= z[k]) k = -1;
        k++;
        r->vertex[k] = q;
        z[k] = k ? s : -1e20F;
        z[k + 1] = 1e20F;
    }
    k = 0;
    for (int q = 0; q < SIZE; q++) {
        while (z[k + 1] < (float)q) k++;
        int p = r->vertex[k];
        f[q * stride] = (float)((q - p) * (q - p)) + r->line[p];
    }
}

/* Squared distance to the nearest pixel whose mask equals `value`. */
static void distances(Raster *r, unsigned char value)
{
    for (int i = 0; i < AREA; i++) r->field[i] = r->mask[i] == value ? 0 : 1e6F;
    for (int x = 0; x < SIZE; x++) line_distances(r, r->field + x, SIZE);
    for (int y = 0; y < SIZE; y++) line_distances(r, r->field + y * SIZE, 1);
}

static void ring_fill(Raster *r, const Tube *tube, int k)
{
    const Ring *ring = &tube->ring[k];
    double u[SECTION_POINTS], v[SECTION_POINTS];
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i);
        double radius = tube->radius_mm[k * SECTION_POINTS + i];
        u[i] = (ray.u + radius * ray.du) / PIXEL_MM + HALF;
        v[i] = (ray.v + radius * ray.dv) / PIXEL_MM + HALF;
    }
    memset(r->mask, 0, sizeof r->mask);
    for (int y = 1; y < SIZE - 1; y++) { /* even-odd along each row */
        double cross[SECTION_POINTS];
        int n = 0;
        for (int i = SECTION_POINTS - 1, j = 0; j < SECTION_POINTS; i = j++)
            if ((v[i] > y) != (v[j] > y)) cross[n++] = u[i] + (y - v[i]) / (v[j] - v[i]) * (u[j] - u[i]);
        for (int x = 1; x < SIZE - 1 && n; x++) {
            int left = 0;
            for (int c = 0; c < n; c++) left += cross[c] < x;
            r->mask[y * SIZE + x] = left & 1;
        }
    }
}

/* By how much an ellipse with these half axes falls short of its tip when a disc opens it: the largest disc that
 * touches both sides of the tip from within has its centre where the normals through them meet. */
static double tip_loss(double half_width, double half_thickness, double disc)
{
    double a = half_width, b = half_thickness;
    if (disc >= b) return a;
    if (disc <= b * b / a) return 0;
    return fmax(a - disc - sqrt((a * a - b * b) * (1 - disc * disc / (b * b))), 0);
}

static void ring_cut(Raster *r, Tube *tube, int k)
{
    Ring *ring = &tube->ring[k];
    double *radius = tube->radius_mm + (size_t)k * SECTION_POINTS;
    double thinnest = ring->radius_mm;
    double disc_mm = fmin(DISC_MM, DISC_SHARE * thinnest), disc = disc_mm / PIXEL_MM;
    double loss = LOSS_MM + tip_loss(ring->half_core_mm + ring->radius_mm, ring->radius_mm, disc_mm);
    ring_fill(r, tube, k);
    distances(r, 0);
    for (int i = 0; i < AREA; i++) r->mask[i] = (double)r->field[i] > disc * disc;
    distances(r, 1);
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i);
        double found = 0, step = PIXEL_MM / 2;
        for (double at = 0; at <= radius[i]; at += step) {
            int x = (int)lrint((ray.u + at * ray.du) / PIXEL_MM) + HALF,
                y = (int)lrint((ray.v + at * ray.dv) / PIXEL_MM) + HALF;
            if (x < 0 || y < 0 || x >= SIZE || y >= SIZE) break;
            if ((double)r->field[y * SIZE + x] <= disc * disc)
                found = at;
            else if (found > 0.5 * ring->radius_mm)
                break;
        }
        if (found > 0.4 * ring->radius_mm && radius[i] - found > loss) radius[i] = found;
    }
}

int neighbours_cut(Tube *tube, Error *error)
{
    int failed = 0;
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++) {
        Raster *raster = array_alloc(1, sizeof *raster, NULL);
        if (raster) ring_cut(raster, tube, k);
#pragma omp critical(neighbours)
        failed |= !raster;
        free(raster);
    }
    return failed ? error_set(error, TENO_FAILED, "no memory for a section's raster") : TENO_OK;
}
