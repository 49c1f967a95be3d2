#include "teno/preproc.h"

#include <math.h>

/* Lower neighbour on the coarse axis and the weight of the upper one, for voxel i of the fine axis; held at the ends.
 */
static int coarse_split(int i, double scale, double offset, int n, double *weight)
{
    double p = fmin(fmax(i * scale + offset, 0), n - 1);
    int low = (int)p;
    if (low > n - 2) low = n > 1 ? n - 2 : 0;
    *weight = p - low;
    return low;
}

/* Where a fine row lies between four rows of the coarse field. */
typedef struct Cell {
    const float *row[4]; /* (j, k), (j+1, k), (j, k+1), (j+1, k+1) */
    double weight[4];
} Cell;

static double cell_value(const Cell *cell, int i)
{
    double value = 0;
    for (int c = 0; c < 4; c++) value += cell->weight[c] * (double)cell->row[c][i];
    return value;
}

static void row_divide(float *v, int n, const Cell *cell, int n_coarse, double scale, double offset)
{
    int at = -1;
    double low = 1, high = 1, weight;
    for (int i = 0; i < n; i++) {
        int next = coarse_split(i, scale, offset, n_coarse, &weight);
        if (next != at) {
            at = next;
            low = cell_value(cell, at);
            high = cell_value(cell, n_coarse > 1 ? at + 1 : at);
        }
        v[i] = (float)((double)v[i] / (low + weight * (high - low)));
    }
}

void bias_divide(Vol *vol, const Vol *bias)
{
    const Grid *g = &vol->grid, *c = &bias->grid;
    Vec3 origin = grid_to_vox(c, g->origin_lps);
    double sx = g->dx / c->dx, sy = g->dy / c->dy, sz = g->dz / c->dz;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < g->nz; k++) {
        double wj, wk;
        int ck = coarse_split(k, sz, origin.z, c->nz, &wk), ck1 = ck + (c->nz > 1);
        for (int j = 0; j < g->ny; j++) {
            int cj = coarse_split(j, sy, origin.y, c->ny, &wj), cj1 = cj + (c->ny > 1);
            Cell cell = {{bias->data + grid_index(c, 0, cj, ck), bias->data + grid_index(c, 0, cj1, ck),
                          bias->data + grid_index(c, 0, cj, ck1), bias->data + grid_index(c, 0, cj1, ck1)},
                         {(1 - wj) * (1 - wk), wj * (1 - wk), (1 - wj) * wk, wj * wk}};
            row_divide(vol->data + grid_index(g, 0, j, k), g->nx, &cell, c->nx, sx, origin.x);
        }
    }
}
