/*
 * Finding the Achilles: the path that is most like an Achilles as a whole.
 *
 * Each node has a score; each step to the next level costs by how far it moves sideways. A path may begin and end at
 * any level, and passes levels of no or negative score when what lies beyond outweighs them: this is how a complete
 * rupture, where no dark section is left, is bridged from stump to stump. The best path is found exactly by dynamic
 * programming over the levels (Viterbi), in time linear in the nodes.
 */
#include "segment/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

#define STEP_COST 0.04 /* per mm² of sideways motion from level to level: 0.08 for a slope of 35° */
enum { REACH = 2 };    /* nodes: slopes up to 45° on the usual lattice */

typedef struct Step {
    float cost;
    int dx, dy;
} Step;

/* Best predecessor of one node: -1 to begin here. */
static float node_before(const float *total, int x, int y, const Grid *g, const Step *step, int n_steps,
                         signed char *from)
{
    float best = 0;
    *from = -1;
    for (int s = 0; s < n_steps; s++) {
        int px = x + step[s].dx, py = y + step[s].dy;
        if (px < 0 || py < 0 || px >= g->nx || py >= g->ny) continue;
        float candidate = total[py * g->nx + px] - step[s].cost;
        if (candidate > best) {
            best = candidate;
            *from = (signed char)s;
        }
    }
    return best;
}

static int steps_list(Step *step, const Grid *g)
{
    int n = 0;
    for (int dy = -REACH; dy <= REACH; dy++)
        for (int dx = -REACH; dx <= REACH; dx++) {
            double apart2 = dx * g->dx * dx * g->dx + dy * g->dy * dy * g->dy;
            step[n++] = (Step){(float)(STEP_COST * apart2 * 2 / g->dz), dx, dy};
        }
    return n;
}

int path_best(Path *out, const Bands *bands, const Grid *g, const unsigned char *closed, Error *error)
{
    size_t plane = (size_t)g->nx * (size_t)g->ny, n = grid_count(g), last = 0;
    Step step[(2 * REACH + 1) * (2 * REACH + 1)];
    int n_steps = steps_list(step, g), code = TENO_FAILED;
    *out = (Path){0};
    float *total = array_alloc(n, sizeof *total, error), best = 0;
    signed char *from = array_alloc(n, 1, error);
    out->node = array_alloc((size_t)g->nz, sizeof *out->node, error);
    if (!total || !from || !out->node) goto out;
    for (int k = 0; k < g->nz; k++) {
        size_t start = plane * (size_t)k;
#pragma omp parallel for schedule(static)
        for (int y = 0; y < g->ny; y++)
            for (int x = 0; x < g->nx; x++) {
                size_t i = start + (size_t)(y * g->nx + x);
                total[i] = BAND_NOWHERE;
                from[i] = -1;
                if (bands->score[i] <= BAND_NOWHERE || (closed && closed[i])) continue;
                total[i] = bands->score[i];
                if (k) total[i] += node_before(total + start - plane, x, y, g, step, n_steps, &from[i]);
            }
    }
    for (size_t i = 0; i < n; i++)
        if (total[i] > best) {
            best = total[i];
            last = i;
        }
    out->score = (double)best;
    for (int k = (int)(last / plane), at = (int)(last % plane); best > 0;) {
        int s = from[plane * (size_t)k + (size_t)at];
        out->node[out->n++] = at;
        out->first = k;
        if (s < 0) break;
        at += step[s].dy * g->nx + step[s].dx;
        k--;
    }
    for (int a = 0, b = out->n - 1; a < b; a++, b--) {
        int swap = out->node[a];
        out->node[a] = out->node[b];
        out->node[b] = swap;
    }
    code = TENO_OK;
out:
    free(total);
    free(from);
    if (code) path_free(out);
    return code;
}

void path_close(unsigned char *closed, const Path *path, const Grid *g, double apart_mm)
{
    enum { BEYOND = 4 };
    int rx = (int)(apart_mm / g->dx), ry = (int)(apart_mm / g->dy);
    for (int k = path->first - BEYOND; k < path->first + path->n + BEYOND; k++) {
        if (k < 0 || k >= g->nz || !path->n) continue;
        int i = k - path->first, at = path->node[i < 0 ? 0 : i >= path->n ? path->n - 1 : i];
        for (int y = at / g->nx - ry; y <= at / g->nx + ry; y++)
            for (int x = at % g->nx - rx; x <= at % g->nx + rx; x++)
                if (x >= 0 && y >= 0 && x < g->nx && y < g->ny) closed[grid_index(g, x, y, k)] = 1;
    }
}

void path_free(Path *path)
{
    free(path->node);
    *path = (Path){0};
}
