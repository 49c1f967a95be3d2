/* A scalar volume on a grid. */
#ifndef TENO_VOL_H
#define TENO_VOL_H

#include "teno/error.h"
#include "teno/geometry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Vol {
    Grid grid;
    float *data; /* [nz][ny][nx] */
} Vol;

int vol_alloc(Vol *out, const Grid *grid, Error *error) TENO_CHECKED; /* zeroed; caller frees */
int vol_copy(Vol *out, const Vol *from, Error *error) TENO_CHECKED;
void vol_free(Vol *vol); /* repeatable */
/* Trilinear sample at a patient point; beyond half a voxel outside the grid: `outside` (NAN is usual). Along an axis
 * with one slice the value is constant over the slice's half spacing. */
double vol_sample(const Vol *vol, Vec3 p_lps, double outside);

/* Lower neighbour and weight of the upper one along an axis of n voxels; false when p is over half a voxel outside. */
static inline bool vol_axis_locate(double p, int n, int *low, double *weight)
{
    if (!(p >= -0.5 && p <= n - 0.5)) return false;
    if (p <= 0 || n == 1) {
        *low = 0;
        *weight = 0;
    } else if (p >= n - 1) {
        *low = n - 2;
        *weight = 1;
    } else {
        *low = (int)p;
        *weight = p - *low;
    }
    return true;
}

/* As vol_sample, at a point in voxel coordinates; here, and not in the .c file, because the inner loops are made of it.
 */
static inline double vol_sample_vox(const Vol *vol, Vec3 p, double outside)
{
    const Grid *g = &vol->grid;
    int i, j, k;
    double wi, wj, wk;
    if (!vol_axis_locate(p.x, g->nx, &i, &wi) || !vol_axis_locate(p.y, g->ny, &j, &wj) ||
        !vol_axis_locate(p.z, g->nz, &k, &wk))
        return outside;
    size_t step_i = g->nx > 1, step_j = g->ny > 1 ? (size_t)g->nx : 0;
    size_t step_k = g->nz > 1 ? (size_t)g->nx * (size_t)g->ny : 0;
    const float *v = vol->data + grid_index(g, i, j, k);
    double low = (1 - wj) * ((1 - wi) * (double)v[0] + wi * (double)v[step_i]) +
                 wj * ((1 - wi) * (double)v[step_j] + wi * (double)v[step_j + step_i]);
    v += step_k;
    double high = (1 - wj) * ((1 - wi) * (double)v[0] + wi * (double)v[step_i]) +
                  wj * ((1 - wi) * (double)v[step_j] + wi * (double)v[step_j + step_i]);
    return (1 - wk) * low + wk * high;
}

/* Fills `out` (allocated, with its grid) from `from`; `out_to_from` maps LPS points of out's frame into from's
 * (NULL: same frame). Trilinear; NaN outside. Parallel over slices. */
void vol_resample(Vol *out, const Vol *from, const Rigid *out_to_from);

#ifdef __cplusplus
}
#endif
#endif
