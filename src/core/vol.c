#include "teno/vol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

int vol_alloc(Vol *out, const Grid *grid, Error *error)
{
    *out = (Vol){.grid = *grid};
    if (grid->nx < 1 || grid->ny < 1 || grid->nz < 1)
        return error_set(error, TENO_FAILED, "volume: matrix %d x %d x %d, wanted at least 1 x 1 x 1", grid->nx,
                         grid->ny, grid->nz);
    out->data = array_alloc(grid_count(grid), sizeof *out->data, error);
    return out->data ? TENO_OK : TENO_FAILED;
}

int vol_copy(Vol *out, const Vol *from, Error *error)
{
    int code = vol_alloc(out, &from->grid, error);
    if (!code) memcpy(out->data, from->data, grid_count(&from->grid) * sizeof *out->data);
    return code;
}

void vol_free(Vol *vol)
{
    free(vol->data);
    vol->data = NULL;
}

double vol_sample(const Vol *vol, Vec3 p_lps, double outside)
{
    return vol_sample_vox(vol, grid_to_vox(&vol->grid, p_lps), outside);
}

void vol_resample(Vol *out, const Vol *from, const Rigid *out_to_from)
{
    /* The whole map is affine in voxel indices, so a row is a straight walk through the source. */
    const Grid *g = &out->grid;
    Vec3 corner[4];
    for (int c = 0; c < 4; c++) {
        Vec3 p = grid_to_lps(g, (Vec3){c == 1, c == 2, c == 3});
        corner[c] = grid_to_vox(&from->grid, out_to_from ? rigid_apply(out_to_from, p) : p);
    }
    Vec3 di = vec3_sub(corner[1], corner[0]), dj = vec3_sub(corner[2], corner[0]), dk = vec3_sub(corner[3], corner[0]);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++) {
            Vec3 row = vec3_along(vec3_along(corner[0], dj, j), dk, k);
            float *value = out->data + grid_index(g, 0, j, k);
            for (int i = 0; i < g->nx; i++) value[i] = (float)vol_sample_vox(from, vec3_along(row, di, i), NAN);
        }
}
