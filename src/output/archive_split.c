/*
 * Which voxel belongs to which tear. Tears are labelled on the straightened tendon, fractions are wanted on voxels:
 * each voxel's centre is taken into the tendon's own coordinates and given the label found there, or the nearest one
 * within a few millimetres; what lies farther goes to the tear with the nearest centre.
 */
#include "output/archive_parts.h"

#include <math.h>

static int label_at(const Straightened *map, int i, int j, int k)
{
    if (i < 0 || j < 0 || k < 0 || i >= map->nu || j >= map->nv || k >= map->ns) return 0;
    return map->label[((size_t)k * (size_t)map->nv + (size_t)j) * (size_t)map->nu + (size_t)i];
}

/* Nearest label within `reach_mm` of a place of the straightened tendon, 0 if none. */
static int label_near(const Straightened *map, double s_mm, double u_mm, double v_mm, double reach_mm)
{
    double fi = u_mm / map->pixel_mm + (map->nu - 1) / 2.0, fj = v_mm / map->pixel_mm + (map->nv - 1) / 2.0;
    double fk = (s_mm - map->s0_mm) / map->step_mm;
    int ri = (int)ceil(reach_mm / map->pixel_mm), rk = (int)ceil(reach_mm / map->step_mm);
    int label = 0;
    double nearest = reach_mm * reach_mm;
    for (int k = (int)lround(fk) - rk; k <= (int)lround(fk) + rk; k++)
        for (int j = (int)lround(fj) - ri; j <= (int)lround(fj) + ri; j++)
            for (int i = (int)lround(fi) - ri; i <= (int)lround(fi) + ri; i++) {
                double du = (i - fi) * map->pixel_mm, dv = (j - fj) * map->pixel_mm, ds = (k - fk) * map->step_mm;
                double d = du * du + dv * dv + ds * ds;
                int here = d < nearest ? label_at(map, i, j, k) : 0;
                if (here) {
                    label = here;
                    nearest = d;
                }
            }
    return label;
}

static int nearest_tear(const TendonMeasures *measures, Vec3 p_lps)
{
    int nearest = 0;
    for (int t = 1; t < measures->n_tears; t++)
        if (vec3_distance(measures->tears[t].centre_lps, p_lps) <
            vec3_distance(measures->tears[nearest].centre_lps, p_lps))
            nearest = t;
    return nearest;
}

static int tear_of(const TendonResult *result, Vec3 p_lps)
{
    const double reach_mm = 2; /* half a coarse slice: a voxel may stick out of the labelled region that far */
    const TendonShape *shape = &result->segmentation.shape;
    double k, u_mm, v_mm;
    if (result->straightened.label && shape_from_lps(shape, p_lps, &k, &u_mm, &v_mm)) {
        double s_mm = shape->sections[0].s_mm + k * shape->step_mm;
        int label = label_near(&result->straightened, s_mm, u_mm, v_mm, reach_mm);
        if (label >= 1 && label <= result->measures.n_tears) return label - 1;
    }
    return nearest_tear(&result->measures, p_lps);
}

int archive_split_tears(Vol *shares, const TendonResult *result, Error *error)
{
    const Grid *grid = &result->tear.grid;
    for (int t = 0; t < result->measures.n_tears; t++)
        if (vol_alloc(&shares[t], grid, error)) return TENO_FAILED;
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) {
                size_t at = grid_index(grid, i, j, k);
                if (!(result->tear.data[at] > 0)) continue;
                int tear = result->measures.n_tears > 1 ? tear_of(result, grid_to_lps(grid, vec3(i, j, k))) : 0;
                shares[tear].data[at] = result->tear.data[at];
            }
    return TENO_OK;
}
