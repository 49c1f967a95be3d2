/* The tear map on a voxel grid: every voxel averages the map over its own box, by sampling points inside it. */
#include <math.h>
#include <stdlib.h>

#include "teno/tear.h"

/* Points along a voxel's edge: no more than half a millimetre apart, at most 8. */
static int points_along(double voxel_mm)
{
    int n = (int)ceil(voxel_mm / 0.5);
    return n < 2 ? 2 : n > 8 ? 8 : n;
}

/* Trilinear value of the map at a point of the shape's frame; 0 outside. */
static double map_value(const Straightened *map, double k, double u_mm, double v_mm)
{
    double x = u_mm / map->pixel_mm + (map->nu - 1) / 2.0, y = v_mm / map->pixel_mm + (map->nv - 1) / 2.0;
    if (k < -0.5 || k > map->ns - 0.5 || x < 0 || y < 0 || x > map->nu - 1 || y > map->nv - 1) return 0;
    k = fmin(fmax(k, 0), map->ns - 1);
    int i = (int)fmin(x, map->nu - 2), j = (int)fmin(y, map->nv - 2), z = map->ns > 1 ? (int)fmin(k, map->ns - 2) : 0;
    double wx = x - i, wy = y - j, wz = map->ns > 1 ? k - z : 0, sum = 0;
    for (int corner = 0; corner < 8; corner++) {
        double weight = (corner & 1 ? wx : 1 - wx) * (corner & 2 ? wy : 1 - wy) * (corner & 4 ? wz : 1 - wz);
        if (weight <= 0) continue;
        size_t at =
            ((size_t)(z + (corner >> 2)) * (size_t)map->nv + (size_t)(j + (corner >> 1 & 1))) * (size_t)map->nu +
            (size_t)(i + (corner & 1));
        sum += weight * (double)map->tear[at];
    }
    return sum;
}

/* How far from the centreline the map can hold anything, mm. */
static double map_reach(const Straightened *map)
{
    return hypot(map->nu, map->nv) * map->pixel_mm / 2 + 1;
}

static double voxel_value(const Straightened *map, const TendonShape *shape, const Grid *grid, const Rigid *grid_to_ref,
                          const int points[3], int i, int j, int k)
{
    double offset = (map->s0_mm - shape->sections[0].s_mm) / shape->step_mm, sum = 0, middle_k, u, v;
    Vec3 middle = rigid_apply(grid_to_ref, grid_to_lps(grid, vec3(i, j, k)));
    if (!shape_from_lps(shape, middle, &middle_k, &u, &v) || hypot(u, v) > map_reach(map)) return 0;
    for (int c = 0; c < points[2]; c++)
        for (int b = 0; b < points[1]; b++)
            for (int a = 0; a < points[0]; a++) {
                Vec3 p_vox = vec3(i - 0.5 + (a + 0.5) / points[0], j - 0.5 + (b + 0.5) / points[1],
                                  k - 0.5 + (c + 0.5) / points[2]);
                double at;
                if (shape_from_lps(shape, rigid_apply(grid_to_ref, grid_to_lps(grid, p_vox)), &at, &u, &v))
                    sum += map_value(map, at - offset, u, v);
            }
    return sum / (points[0] * points[1] * points[2]);
}

int tear_rasterise(Vol *out, const Straightened *straightened, const TendonShape *shape, const Grid *grid,
                   const Rigid *ref_to_grid, Error *error)
{
    int code = vol_alloc(out, grid, error);
    if (code || !straightened->tear || shape->n_sections < 1) return code;
    Rigid grid_to_ref = ref_to_grid ? rigid_inverse(ref_to_grid) : rigid_identity();
    const int points[3] = {points_along(grid->dx), points_along(grid->dy), points_along(grid->dz)};
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++)
                out->data[grid_index(grid, i, j, k)] =
                    (float)voxel_value(straightened, shape, grid, &grid_to_ref, points, i, j, k);
    return TENO_OK;
}
