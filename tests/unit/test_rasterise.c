/* Rasterised fractions: volume and centroid of known shapes on coarse, rotated grids. */
#include "check.h"

#include <math.h>

#include "teno/memory.h"
#include "teno/tendon.h"

static const double pi = 3.14159265358979323846;

/* An elliptic cylinder of `n` sections, tilted about x, half axes a (u) and b (v). */
static TendonShape cylinder(int n, double a_mm, double b_mm, double tilt_rad)
{
    TendonShape shape = {.n_sections = n, .step_mm = 1};
    shape.sections = array_alloc((size_t)n, sizeof *shape.sections, NULL);
    assert_non_null(shape.sections);
    for (int k = 0; k < n; k++) {
        Section *s = &shape.sections[k];
        s->tangent = vec3(0, sin(tilt_rad), cos(tilt_rad));
        s->u = vec3(-1, 0, 0);
        s->v = vec3_cross(s->tangent, s->u);
        s->centre_lps = vec3_along(vec3(3.1, -2.2, 5.3), s->tangent, k);
        s->s_mm = k;
        for (int i = 0; i < SECTION_POINTS; i++) {
            s->boundary_u_mm[i] = (float)(a_mm * cos(2 * pi * i / SECTION_POINTS));
            s->boundary_v_mm[i] = (float)(b_mm * sin(2 * pi * i / SECTION_POINTS));
        }
    }
    return shape;
}

static void check_volume(const TendonShape *shape, const Grid *grid, double wanted_mm3, double tolerance)
{
    Vol vol = {0};
    assert_int_equal(shape_rasterise(&vol, shape, grid, NULL, NULL), TENO_OK);
    double sum = 0;
    for (size_t i = 0; i < grid_count(grid); i++) {
        assert_true(vol.data[i] >= 0 && vol.data[i] <= 1.0001F);
        sum += (double)vol.data[i];
    }
    check_near(sum * grid_voxel_mm3(grid), wanted_mm3, tolerance * wanted_mm3);
    vol_free(&vol);
}

static void volume_is_exact(void **state)
{
    (void)state;
    TendonShape shape = cylinder(41, 7, 2.5, 0.3);
    /* Half a step of reach at both ends: 41 mm in all. The polygon is a little smaller than the ellipse. */
    double wanted = section_area_mm2(&shape.sections[0]) * 41;
    Grid axial = {.nx = 80,
                  .ny = 90,
                  .nz = 22,
                  .dx = 0.35,
                  .dy = 0.35,
                  .dz = 3.3,
                  .origin_lps = {-10, -15, -6},
                  .axis_x = {1, 0, 0},
                  .axis_y = {0, 1, 0},
                  .axis_z = {0, 0, 1}};
    check_volume(&shape, &axial, wanted, 0.003);
    Grid sagittal = {.nx = 100,
                     .ny = 140,
                     .nz = 10,
                     .dx = 0.5,
                     .dy = 0.5,
                     .dz = 4,
                     .origin_lps = {20, -22, 60},
                     .axis_x = {0, 1, 0},
                     .axis_y = {0, 0, -1},
                     .axis_z = {-1, 0, 0}};
    check_volume(&shape, &sagittal, wanted, 0.003);
    shape_free(&shape);
}

/* The map into the grid's frame is followed: a shape moved by it lands where the grid was moved. */
static void rigid_is_followed(void **state)
{
    (void)state;
    TendonShape shape = cylinder(21, 6, 3, 0);
    Grid grid = {.nx = 40,
                 .ny = 40,
                 .nz = 40,
                 .dx = 1,
                 .dy = 1,
                 .dz = 1,
                 .origin_lps = {0, 0, 0},
                 .axis_x = {1, 0, 0},
                 .axis_y = {0, 1, 0},
                 .axis_z = {0, 0, 1}};
    Rigid move = rigid_from(vec3(0.1, 0.05, 0.02), vec3(15, 20, 5), vec3(0, 0, 0));
    Vol vol = {0};
    assert_int_equal(shape_rasterise(&vol, &shape, &grid, &move, NULL), TENO_OK);
    Vec3 centroid = {0};
    double sum = 0;
    for (int k = 0; k < 40; k++)
        for (int j = 0; j < 40; j++)
            for (int i = 0; i < 40; i++) {
                double f = (double)vol.data[grid_index(&grid, i, j, k)];
                centroid = vec3_along(centroid, vec3(i, j, k), f);
                sum += f;
            }
    Vec3 wanted = rigid_apply(&move, shape.sections[10].centre_lps);
    check_near(vec3_distance(vec3_scale(centroid, 1 / sum), wanted), 0, 0.02);
    vol_free(&vol);
    shape_free(&shape);
}

/* A voxel cut in half by the boundary is half full. */
static void edge_voxel_is_partial(void **state)
{
    (void)state;
    TendonShape shape = cylinder(21, 30, 30, 0);
    Grid grid = {.nx = 1,
                 .ny = 1,
                 .nz = 1,
                 .dx = 1,
                 .dy = 1,
                 .dz = 2,
                 .axis_x = {1, 0, 0},
                 .axis_y = {0, 1, 0},
                 .axis_z = {0, 0, 1}};
    grid.origin_lps = vec3_add(shape.sections[10].centre_lps, vec3(30, 0, 0));
    Vol vol = {0};
    assert_int_equal(shape_rasterise(&vol, &shape, &grid, NULL, NULL), TENO_OK);
    check_near((double)vol.data[0], 0.5, 0.02);
    vol_free(&vol);
    shape_free(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(volume_is_exact), cmocka_unit_test(rigid_is_followed),
                                       cmocka_unit_test(edge_voxel_is_partial)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
