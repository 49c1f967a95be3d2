/*
 * The tear map on a voxel grid. The map is walked, not the voxels: each of its pixels is cut into a few points, every
 * point falls into one voxel, and a voxel's fraction is the mean of the points that fell into it. Cheap, since only the
 * torn part of the tendon is walked, and free of moiré, since a mean does not depend on how many points a voxel got.
 */
#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "teno/tear.h"

/* The torn part of the map, with room for the voxels at its edge. */
typedef struct Part {
    int i0, i1, j0, j1, k0, k1; /* half-open */
} Part;

static Part torn_part(const Straightened *map, double margin_mm)
{
    Part p = {map->nu, 0, map->nv, 0, map->ns, 0};
    for (int k = 0; k < map->ns; k++)
        for (int j = 0; j < map->nv; j++)
            for (int i = 0; i < map->nu; i++) {
                if (map->tear[((size_t)k * (size_t)map->nv + (size_t)j) * (size_t)map->nu + (size_t)i] <= 0) continue;
                p.i0 = i < p.i0 ? i : p.i0, p.i1 = i + 1 > p.i1 ? i + 1 : p.i1;
                p.j0 = j < p.j0 ? j : p.j0, p.j1 = j + 1 > p.j1 ? j + 1 : p.j1;
                p.k0 = k < p.k0 ? k : p.k0, p.k1 = k + 1 > p.k1 ? k + 1 : p.k1;
            }
    int pixels = (int)ceil(margin_mm / map->pixel_mm), steps = (int)ceil(margin_mm / map->step_mm);
    p.i0 = p.i0 - pixels < 0 ? 0 : p.i0 - pixels, p.i1 = p.i1 + pixels > map->nu ? map->nu : p.i1 + pixels;
    p.j0 = p.j0 - pixels < 0 ? 0 : p.j0 - pixels, p.j1 = p.j1 + pixels > map->nv ? map->nv : p.j1 + pixels;
    p.k0 = p.k0 - steps < 0 ? 0 : p.k0 - steps, p.k1 = p.k1 + steps > map->ns ? map->ns : p.k1 + steps;
    return p;
}

/* Adds the points of one plane across the tendon, `at` the real section index of the map. */
static void plane_add(float *sum, float *points, const Grid *grid, const Straightened *map, const Part *part, double at,
                      const Vec3 frame[3], int cuts)
{
    int below = (int)fmin(fmax(floor(at), 0), map->ns - 1), above = below + 1 < map->ns ? below + 1 : below;
    float weight = (float)fmin(fmax(at - below, 0), 1);
    for (int j = part->j0; j < part->j1; j++)
        for (int i = part->i0; i < part->i1; i++) {
            size_t pixel = (size_t)j * (size_t)map->nu + (size_t)i, slab = (size_t)map->nu * (size_t)map->nv;
            float value = (1 - weight) * map->tear[(size_t)below * slab + pixel] +
                          weight * map->tear[(size_t)above * slab + pixel];
            for (int cut = 0; cut < cuts * cuts; cut++) {
                double u = (i - (map->nu - 1) / 2.0 + (cut % cuts + 0.5) / cuts - 0.5) * map->pixel_mm;
                double v = (j - (map->nv - 1) / 2.0 + (cut / cuts + 0.5) / cuts - 0.5) * map->pixel_mm;
                Vec3 p = vec3_along(vec3_along(frame[0], frame[1], u), frame[2], v);
                double x = floor(p.x + 0.5), y = floor(p.y + 0.5), z = floor(p.z + 0.5);
                if (!(x >= 0 && y >= 0 && z >= 0 && x < grid->nx && y < grid->ny && z < grid->nz)) continue;
                size_t voxel = grid_index(grid, (int)x, (int)y, (int)z);
                sum[voxel] += value;
                points[voxel] += 1;
            }
        }
}

int tear_rasterise(Vol *out, const Straightened *map, const TendonShape *shape, const Grid *grid,
                   const Rigid *ref_to_grid, Error *error)
{
    int code = vol_alloc(out, grid, error);
    if (code || !map->tear || shape->n_sections < 1) return code;
    float *points = array_alloc(grid_count(grid), sizeof *points, error);
    if (!points) {
        vol_free(out);
        return TENO_FAILED;
    }
    double finest = fmin(grid->dx, fmin(grid->dy, grid->dz)), widest = fmax(grid->dx, fmax(grid->dy, grid->dz));
    int cuts = map->pixel_mm > finest ? 3 : 2, planes = (int)fmin(ceil(2 * map->step_mm / finest), 6);
    Part part = torn_part(map, widest + map->pixel_mm);
    Rigid to_grid = ref_to_grid ? *ref_to_grid : rigid_identity();
    double offset = (map->s0_mm - shape->sections[0].s_mm) / shape->step_mm;
    for (int k = part.k0; k < part.k1; k++)
        for (int plane = 0; plane < planes; plane++) {
            double at = k + (plane + 0.5) / planes - 0.5, u[3] = {0, 1, 0}, v[3] = {0, 0, 1};
            Vec3 frame[3]; /* voxel of the centre, voxels per mm along u and v */
            for (int a = 0; a < 3; a++)
                frame[a] = grid_to_vox(grid, rigid_apply(&to_grid, shape_to_lps(shape, at + offset, u[a], v[a])));
            frame[1] = vec3_sub(frame[1], frame[0]);
            frame[2] = vec3_sub(frame[2], frame[0]);
            plane_add(out->data, points, grid, map, &part, at, frame, cuts);
        }
    for (size_t i = 0; i < grid_count(grid); i++) out->data[i] = points[i] > 0 ? out->data[i] / points[i] : 0;
    free(points);
    return TENO_OK;
}
