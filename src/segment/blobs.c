/*
 * Candidates: at each level of the lattice the connected dark regions that are neither air nor thinner than 3 mm (an
 * opening takes cortical bone, skin and septa away), with what an anatomist would look at: size and shape, how deep
 * below the skin behind, what is bright around. Each level works for itself; scores are given by the finder.
 */
#include "segment/blobs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

#define DARK 0.5       /* of the tendon-likeness: half way between tendon and its surroundings */
#define AREA_MIN_MM2 8 /* a third of the thinnest Achilles section worth following */
#define AREA_MAX_MM2 700
enum { MAX_PER_LEVEL = 40 };

typedef struct Level {
    const Lattice *lattice;
    int k, nx, ny;
    const float *dark;
    const unsigned char *air;
    unsigned char *open; /* [ny][nx] opened dark mask, then visited marks */
    int *stack;          /* [ny * nx] */
    Blob blob[MAX_PER_LEVEL];
    int n;
} Level;

static bool is_dark(const Level *l, int i)
{
    return !l->air[i] && (double)l->dark[i] > DARK;
}

/* Opening with a plus-shaped element: what survives is at least three pixels thick. */
static void level_open(Level *l)
{
    memset(l->open, 0, (size_t)l->nx * (size_t)l->ny);
    for (int y = 1; y < l->ny - 1; y++)
        for (int x = 1; x < l->nx - 1; x++) {
            int i = y * l->nx + x;
            if (is_dark(l, i) && is_dark(l, i - 1) && is_dark(l, i + 1) && is_dark(l, i - l->nx) &&
                is_dark(l, i + l->nx))
                l->open[i] = l->open[i - 1] = l->open[i + 1] = l->open[i - l->nx] = l->open[i + l->nx] = 1;
        }
}

/* Flood fill of one region; clears it from the mask. Returns its pixel count. */
static int region_take(Level *l, int start)
{
    int n = 0, done = 0;
    l->stack[n++] = start;
    l->open[start] = 0;
    while (done < n) {
        int i = l->stack[done++];
        const int next[4] = {i - 1, i + 1, i - l->nx, i + l->nx}; /* the rim of the mask is empty */
        for (int d = 0; d < 4; d++)
            if (l->open[next[d]]) {
                l->open[next[d]] = 0;
                l->stack[n++] = next[d];
            }
    }
    return n;
}

static void blob_moments(Blob *b, const Level *l, int n)
{
    const Grid *g = &l->lattice->grid;
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (int p = 0; p < n; p++) {
        double x = l->stack[p] % l->nx * g->dx, y = l->stack[p] / l->nx * g->dy;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    double mx = sx / n, my = sy / n, pixel = g->dx * g->dx / 12;
    double cxx = sxx / n - mx * mx + pixel, cyy = syy / n - my * my + pixel, cxy = sxy / n - mx * my;
    double mean = (cxx + cyy) / 2, spread = hypot((cxx - cyy) / 2, cxy);
    b->centre_lps = vec3_add(g->origin_lps, vec3(mx, my, l->k * g->dz));
    b->area_mm2 = n * g->dx * g->dy;
    b->major_mm = 4 * sqrt(mean + spread);
    b->minor_mm = 4 * sqrt(fmax(mean - spread, 0));
    b->angle_rad = 0.5 * atan2(2 * cxy, cxx - cyy);
}

/* Bright tissue in a ring 1.5 mm beyond the blob's ellipse, by direction. */
static void blob_ring(Blob *b, const Level *l, int n)
{
    const Grid *g = &l->lattice->grid;
    double inside = 0, around = 0, behind = 0, front = 0;
    int n_around = 0, n_behind = 0, n_front = 0;
    for (int p = 0; p < n; p++) inside += (double)l->dark[l->stack[p]];
    enum { DIRECTIONS = 48 };
    for (int d = 0; d < 2 * DIRECTIONS; d++) {
        double t = d * 2 * 3.14159265358979 / DIRECTIONS, reach = d < DIRECTIONS ? 1.5 : 2.5;
        double a = (b->major_mm / 2 + reach) * cos(t), c = (b->minor_mm / 2 + reach) * sin(t);
        double dx = a * cos(b->angle_rad) - c * sin(b->angle_rad), dy = a * sin(b->angle_rad) + c * cos(b->angle_rad);
        int x = (int)lrint((b->centre_lps.x + dx - g->origin_lps.x) / g->dx);
        int y = (int)lrint((b->centre_lps.y + dy - g->origin_lps.y) / g->dy);
        if (x < 0 || y < 0 || x >= l->nx || y >= l->ny || isnan(l->dark[y * l->nx + x])) continue;
        double dark = (double)l->dark[y * l->nx + x], steep = fabs(dy) > 0.7 * fabs(dx);
        around += dark;
        n_around++;
        if (steep && dy > 0) {
            behind += dark < DARK;
            n_behind++;
        } else if (steep) {
            front += dark < DARK;
            n_front++;
        }
    }
    b->contrast = n_around ? inside / n - around / n_around : 0;
    b->behind = n_behind ? behind / n_behind : 0;
    b->front = n_front ? front / n_front : 0;
}

/* Straight back to the air; and where the body's middle is at this level. */
static void blob_depth(Blob *b, const Level *l)
{
    const Grid *g = &l->lattice->grid;
    int x = (int)lrint((b->centre_lps.x - g->origin_lps.x) / g->dx);
    int y0 = (int)lrint((b->centre_lps.y - g->origin_lps.y) / g->dy), y = y0;
    while (y < l->ny && !l->air[y * l->nx + x]) y++;
    bool imaged = y < l->ny && !isnan(l->dark[y * l->nx + x]);
    b->depth_mm = imaged ? (y - y0) * g->dy : (double)NAN;
    int left = x, right = x;
    while (right < l->nx && !l->air[y0 * l->nx + right]) right++;
    while (left >= 0 && !l->air[y0 * l->nx + left]) left--;
    bool whole =
        left >= 0 && right < l->nx && !isnan(l->dark[y0 * l->nx + left]) && !isnan(l->dark[y0 * l->nx + right]);
    b->beside_mm = whole ? fabs(x - (left + right) / 2.0) * g->dx : (double)NAN;
}

static void level_blobs(Level *l)
{
    double pixel_mm2 = l->lattice->grid.dx * l->lattice->grid.dy;
    level_open(l);
    for (int i = 0; i < l->nx * l->ny && l->n < MAX_PER_LEVEL; i++) {
        if (!l->open[i]) continue;
        int n = region_take(l, i);
        if (n * pixel_mm2 < AREA_MIN_MM2 || n * pixel_mm2 > AREA_MAX_MM2) continue;
        Blob *b = &l->blob[l->n++];
        *b = (Blob){.level = l->k};
        blob_moments(b, l, n);
        blob_ring(b, l, n);
        blob_depth(b, l);
    }
}

int blobs_find(Blobs *out, const Lattice *lattice, Error *error)
{
    const Grid *g = &lattice->grid;
    size_t plane = (size_t)g->nx * (size_t)g->ny, count = grid_count(g);
    int code = TENO_FAILED, total = 0;
    *out = (Blobs){.n_levels = g->nz};
    unsigned char *open = array_alloc(count, 1, error);
    int *stack = array_alloc(count, sizeof *stack, error);
    Level *level = array_alloc((size_t)g->nz, sizeof *level, error);
    out->first = array_alloc((size_t)g->nz + 1, sizeof *out->first, error);
    if (!open || !stack || !level || !out->first) goto out;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < g->nz; k++) {
        size_t start = plane * (size_t)k;
        level[k] = (Level){.lattice = lattice,
                           .k = k,
                           .nx = g->nx,
                           .ny = g->ny,
                           .dark = lattice->dark + start,
                           .air = lattice->air + start,
                           .open = open + start,
                           .stack = stack + start};
        level_blobs(&level[k]);
    }
    for (int k = 0; k < g->nz; k++) total += level[k].n;
    out->blob = array_alloc((size_t)total + 1, sizeof *out->blob, error);
    if (!out->blob) goto out;
    for (int k = 0; k < g->nz; k++) {
        out->first[k] = out->n;
        memcpy(out->blob + out->n, level[k].blob, (size_t)level[k].n * sizeof *out->blob);
        out->n += level[k].n;
    }
    out->first[g->nz] = out->n;
    code = TENO_OK;
out:
    free(open);
    free(stack);
    free(level);
    if (code) blobs_free(out);
    return code;
}

void blobs_free(Blobs *blobs)
{
    free(blobs->blob);
    free(blobs->first);
    *blobs = (Blobs){0};
}
