/* Grids and rigid transforms: voxel ↔ LPS ↔ voxel, affine signs, composition. */
#include "check.h"

#include <math.h>

#include "teno/geometry.h"
#include "teno/tendon.h"
#include "teno/vol.h"

static Grid sagittal_grid(void)
{
    return (Grid){.nx = 10,
                  .ny = 12,
                  .nz = 5,
                  .dx = 0.5,
                  .dy = 0.75,
                  .dz = 4,
                  .origin_lps = {-20, 30, 40},
                  .axis_x = {0, 1, 0},
                  .axis_y = {0, 0, -1},
                  .axis_z = {-1, 0, 0}};
}

static void grid_round_trip(void **state)
{
    (void)state;
    Grid grid = sagittal_grid();
    Vec3 p = grid_to_lps(&grid, (Vec3){2, 3, 1});
    check_near(p.x, -24, 1e-12);
    check_near(p.y, 31, 1e-12);
    check_near(p.z, 37.75, 1e-12);
    Vec3 q = grid_to_vox(&grid, p);
    check_near(q.x, 2, 1e-12);
    check_near(q.y, 3, 1e-12);
    check_near(q.z, 1, 1e-12);
    double affine[4][4];
    grid_affine_ras(&grid, affine);
    check_near(affine[0][0] * 2 + affine[0][1] * 3 + affine[0][2] + affine[0][3], 24, 1e-12);
    check_near(affine[1][0] * 2 + affine[1][1] * 3 + affine[1][2] + affine[1][3], -31, 1e-12);
}

static void rigid_inverse_undoes(void **state)
{
    (void)state;
    Rigid m = rigid_from((Vec3){0.1, -0.2, 0.3}, (Vec3){4, 5, -6}, (Vec3){10, 20, 30});
    Rigid back = rigid_inverse(&m), both = rigid_compose(&back, &m);
    Vec3 p = rigid_apply(&both, (Vec3){7, 8, 9});
    check_near(vec3_distance(p, (Vec3){7, 8, 9}), 0, 1e-12);
    check_near(rigid_angle_deg(&m), sqrt(0.14) * 180 / 3.14159265358979, 1e-9);
}

/* From up the leg to forwards, as the tendon of a pointed foot bends, u stays to the left: no frame turns about it. */
static void section_axes_do_not_turn(void **state)
{
    (void)state;
    for (int degrees = 0; degrees <= 90; degrees += 5) {
        double a = degrees * 0.017453292519943295;
        Vec3 tangent = vec3(0, -sin(a), cos(a)), u, v;
        section_axes(&u, &v, tangent);
        check_near(u.x, 1, 1e-12);
        check_near(vec3_dot(vec3_cross(u, v), tangent), 1, 1e-12);
    }
    Vec3 u, v, across = vec3(1, 0, 0);
    section_axes(&u, &v, across);
    check_near(vec3_dot(vec3_cross(u, v), across), 1, 1e-12);
}

static void sampling_is_exact_on_linear_fields(void **state)
{
    (void)state;
    Grid grid = sagittal_grid();
    Vol vol;
    assert_int_equal(vol_alloc(&vol, &grid, NULL), TENO_OK);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++) {
                Vec3 p = grid_to_lps(&grid, (Vec3){i, j, k});
                vol.data[grid_index(&grid, i, j, k)] = (float)(p.x + 2 * p.y - p.z);
            }
    Vec3 p = {-25.3, 32.1, 36.2};
    check_near(vol_sample(&vol, p, NAN), p.x + 2 * p.y - p.z, 1e-4);
    assert_true(isnan(vol_sample(&vol, (Vec3){0, 0, 0}, NAN)));
    vol_free(&vol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_round_trip),
        cmocka_unit_test(rigid_inverse_undoes),
        cmocka_unit_test(section_axes_do_not_turn),
        cmocka_unit_test(sampling_is_exact_on_linear_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
