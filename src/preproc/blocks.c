#include "preproc/blocks.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

static int block_edge(double spacing_mm, int n, double size_mm)
{
    int edge = (int)lround(size_mm / spacing_mm);
    if (edge < 1) edge = 1;
    return edge < n ? edge : n;
}

static Grid block_grid(const Grid *g, const int edge[3])
{
    Grid out = *g;
    out.nx = (g->nx + edge[0] - 1) / edge[0];
    out.ny = (g->ny + edge[1] - 1) / edge[1];
    out.nz = (g->nz + edge[2] - 1) / edge[2];
    out.dx *= edge[0];
    out.dy *= edge[1];
    out.dz *= edge[2];
    out.origin_lps = grid_to_lps(g, (Vec3){(edge[0] - 1) / 2.0, (edge[1] - 1) / 2.0, (edge[2] - 1) / 2.0});
    return out;
}

/* Sums of one row of voxels into the sums of the blocks that it crosses. */
static void row_add(const float *v, int n, int edge, double *sum, double *sum2)
{
    for (int b = 0, i = 0; i < n; b++) {
        int end = i + edge < n ? i + edge : n;
        double s = 0, s2 = 0;
        for (; i < end; i++) {
            double x = (double)v[i];
            s += x;
            s2 += x * x;
        }
        sum[b] += s;
        sum2[b] += s2;
    }
}

static void block_row(Blocks *out, const Vol *vol, int bj, int bk, double *sum)
{
    const Grid *g = &vol->grid, *b = &out->mean.grid;
    double *sum2 = sum + b->nx;
    for (int i = 0; i < 2 * b->nx; i++) sum[i] = 0;
    int j_end = (bj + 1) * out->edge[1] < g->ny ? (bj + 1) * out->edge[1] : g->ny;
    int k_end = (bk + 1) * out->edge[2] < g->nz ? (bk + 1) * out->edge[2] : g->nz;
    for (int k = bk * out->edge[2]; k < k_end; k++)
        for (int j = bj * out->edge[1]; j < j_end; j++)
            row_add(vol->data + grid_index(g, 0, j, k), g->nx, out->edge[0], sum, sum2);
    double rows = (double)(j_end - bj * out->edge[1]) * (k_end - bk * out->edge[2]);
    for (int i = 0; i < b->nx; i++) {
        int left = g->nx - i * out->edge[0];
        double n = rows * (left < out->edge[0] ? left : out->edge[0]), mean = sum[i] / n;
        out->mean.data[grid_index(b, i, bj, bk)] = (float)mean;
        out->sd.data[grid_index(b, i, bj, bk)] = (float)sqrt(fmax(0, sum2[i] / n - mean * mean));
    }
}

int blocks_make(Blocks *out, const Vol *vol, double size_mm, Error *error)
{
    const Grid *g = &vol->grid;
    *out = (Blocks){.edge = {block_edge(g->dx, g->nx, size_mm), block_edge(g->dy, g->ny, size_mm),
                             block_edge(g->dz, g->nz, size_mm)}};
    Grid grid = block_grid(g, out->edge);
    int code = vol_alloc(&out->mean, &grid, error);
    if (!code) code = vol_alloc(&out->sd, &grid, error);
    /* Work space of each row of blocks: sums and sums of squares. */
    double *work = code ? NULL : array_alloc((size_t)grid.nz * (size_t)grid.nx * 2, sizeof *work, error);
    if (!work) {
        blocks_free(out);
        return TENO_FAILED;
    }
#pragma omp parallel for schedule(static)
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++) block_row(out, vol, j, k, work + (size_t)k * (size_t)grid.nx * 2);
    free(work);
    return TENO_OK;
}

void blocks_free(Blocks *blocks)
{
    vol_free(&blocks->mean);
    vol_free(&blocks->sd);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double blocks_quantile(const Vol *values, double share)
{
    size_t n = 0, count = grid_count(&values->grid);
    float *sorted = array_alloc(count, sizeof *sorted, NULL);
    if (!sorted) return NAN;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values->data[i])) sorted[n++] = values->data[i];
    qsort(sorted, n, sizeof *sorted, by_value);
    double value = NAN;
    if (n) value = (double)sorted[(size_t)(share * (double)(n - 1) + 0.5)];
    free(sorted);
    return value;
}

double blocks_amplitude(const Blocks *blocks, size_t block, double noise_sd)
{
    double mean = (double)blocks->mean.data[block], sd = (double)blocks->sd.data[block];
    return sqrt(fmax(0, mean * mean + sd * sd - 2 * noise_sd * noise_sd));
}
