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

/* The part of the map that holds anything, widened by what a voxel reaches: most voxels lie outside and cost nothing.
 */
typedef struct MapBox {
    double low[3], high[3]; /* section, u mm, v mm */
} MapBox;

static MapBox map_box(const Straightened *map, double reach_mm)
{
    MapBox box = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    const float *value = map->tear;
    for (int k = 0; k < map->ns; k++)
        for (int j = 0; j < map->nv; j++)
            for (int i = 0; i < map->nu; i++) {
                if (*value++ <= 0) continue;
                const double at[3] = {k, (i - (map->nu - 1) / 2.0) * map->pixel_mm,
                                      (j - (map->nv - 1) / 2.0) * map->pixel_mm};
                for (int axis = 0; axis < 3; axis++) {
                    box.low[axis] = fmin(box.low[axis], at[axis]);
                    box.high[axis] = fmax(box.high[axis], at[axis]);
                }
            }
    const double margin[3] = {1 + reach_mm / map->step_mm, map->pixel_mm + reach_mm, map->pixel_mm + reach_mm};
    for (int axis = 0; axis < 3; axis++) {
        box.low[axis] -= margin[axis];
        box.high[axis] += margin[axis];
    }
    return box;
}

static bool box_holds(const MapBox *box, double k, double u_mm, double v_mm)
{
    return k >= box->low[0] && k <= box->high[0] && u_mm >= box->low[1] && u_mm <= box->high[1] &&
           v_mm >= box->low[2] && v_mm <= box->high[2];
}

/* Mean of the map over one voxel. Inside it the tendon is straight enough (3 mm against a bend of some 100 mm) for the
 * frame of the voxel's middle, so that the nearest section is looked for once and not at every point. */
static double voxel_value(const Straightened *map, const MapBox *box, const TendonShape *shape, const Grid *grid,
                          const Rigid *grid_to_ref, const int points[3], int i, int j, int k)
{
    double offset = (map->s0_mm - shape->sections[0].s_mm) / shape->step_mm, sum = 0, at, u, v;
    Vec3 middle = rigid_apply(grid_to_ref, grid_to_lps(grid, vec3(i, j, k)));
    if (!shape_from_lps(shape, middle, &at, &u, &v) || !box_holds(box, at - offset, u, v)) return 0;
    const Vec3 centre = shape_to_lps(shape, at, 0, 0);
    const Vec3 axis_u = vec3_sub(shape_to_lps(shape, at, 1, 0), centre);
    const Vec3 axis_v = vec3_sub(shape_to_lps(shape, at, 0, 1), centre);
    const Vec3 tangent = vec3_cross(axis_u, axis_v);
    const Vec3 step[3] = {rigid_rotate(grid_to_ref, vec3_scale(grid->axis_x, grid->dx)),
                          rigid_rotate(grid_to_ref, vec3_scale(grid->axis_y, grid->dy)),
                          rigid_rotate(grid_to_ref, vec3_scale(grid->axis_z, grid->dz))};
    for (int c = 0; c < points[2]; c++)
        for (int b = 0; b < points[1]; b++)
            for (int a = 0; a < points[0]; a++) {
                Vec3 d = vec3_scale(step[0], (a + 0.5) / points[0] - 0.5);
                d = vec3_along(d, step[1], (b + 0.5) / points[1] - 0.5);
                d = vec3_along(d, step[2], (c + 0.5) / points[2] - 0.5);
                sum += map_value(map, at - offset + vec3_dot(d, tangent) / shape->step_mm, u + vec3_dot(d, axis_u),
                                 v + vec3_dot(d, axis_v));
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
    const MapBox box = map_box(straightened, sqrt(grid->dx * grid->dx + grid->dy * grid->dy + grid->dz * grid->dz));
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++)
                out->data[grid_index(grid, i, j, k)] =
                    (float)voxel_value(straightened, &box, shape, grid, &grid_to_ref, points, i, j, k);
    return TENO_OK;
}
