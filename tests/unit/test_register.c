/* Registration: a leg of another contrast, moved by a known transform, must be found again. */
#include "check.h"
#include "leg.h"

#include <math.h>
#include <string.h>

#include <omp.h>

#include "teno/register.h"

static const LegSignal t1 = {.air = 0, .fat = 460, .muscle = 200, .marrow = 340, .tendon = 10, .fluid = 110};
static const LegSignal pd_fs = {.air = 0, .fat = 70, .muscle = 200, .marrow = 58, .tendon = 10, .fluid = 420};

static Vol leg_image(const LegSignal *signal, Grid grid, const Rigid *moved, double sd, unsigned long long seed)
{
    Vol vol;
    assert_int_equal(vol_alloc(&vol, &grid, NULL), TENO_OK);
    leg_fill(&vol, signal, moved);
    leg_add_noise(&vol, sd, seed);
    return vol;
}

/* Mean distance between found and true images of points of the leg. */
static double target_error(const Rigid *found, const Rigid *truth)
{
    double sum = 0, n = 0;
    for (int z = -40; z <= 40; z += 20)
        for (int y = -40; y <= 40; y += 20)
            for (int x = -30; x <= 30; x += 15, n++)
                sum += vec3_distance(rigid_apply(found, (Vec3){x, y, z}), rigid_apply(truth, (Vec3){x, y, z}));
    return sum / n;
}

static void other_contrast_is_found(void **state)
{
    (void)state;
    Rigid moved = rigid_from((Vec3){0.12, -0.08, 0.15}, (Vec3){7, -9, 6}, (Vec3){0, 0, 0});
    Vol fixed = leg_image(&t1, leg_grid(96, 104, 90, 1.1, 1.1, 1.1), NULL, 20, 1);
    Vol moving = leg_image(&pd_fs, leg_grid(96, 104, 84, 1.2, 1.2, 1.2), &moved, 20, 2);
    Registration found;
    assert_int_equal(register_rigid(&found, &fixed, &moving, NULL, NULL), TENO_OK);
    double error = target_error(&found.fixed_to_moving, &moved);
    print_message("isotropic: error %.3f mm, residual %.3f, similarity %.3f\n", error, found.residual_mm,
                  found.similarity);
    assert_true(found.trusted);
    check_near(error, 0, 0.15);
    check_near(found.residual_mm, 0.05, 0.05);
    vol_free(&fixed);
    vol_free(&moving);
}

/* Two series of one visit: 3.3 mm slices, axial against sagittal and axial against axial, up to 2 mm and 2 degrees. */
static void thick_slices_are_found(void **state)
{
    (void)state;
    Rigid moved = rigid_from((Vec3){0.02, -0.015, 0.03}, (Vec3){1.2, -0.9, 1.4}, (Vec3){0, 0, 0});
    Grid sagittal = {.nx = 134, .ny = 134, .nz = 28, .dx = 0.9, .dy = 0.9, .dz = 3.3};
    sagittal.axis_x = (Vec3){0, 1, 0};
    sagittal.axis_y = (Vec3){0, 0, -1};
    sagittal.axis_z = (Vec3){-1, 0, 0};
    sagittal.origin_lps = (Vec3){45, -60, 60};
    Vol fixed = leg_image(&t1, leg_grid(134, 134, 34, 0.9, 0.9, 3.3), NULL, 20, 1);
    Vol moving[2] = {leg_image(&pd_fs, leg_grid(134, 134, 34, 0.9, 0.9, 3.3), &moved, 20, 2),
                     leg_image(&pd_fs, sagittal, &moved, 20, 3)};
    RegisterOptions options = {.max_shift_mm = 6, .max_angle_deg = 6, .finest_mm = 0.9, .samples = 30000};
    for (int i = 0; i < 2; i++) {
        Registration found;
        assert_int_equal(register_rigid(&found, &fixed, &moving[i], &options, NULL), TENO_OK);
        double error = target_error(&found.fixed_to_moving, &moved);
        print_message("%s: error %.3f mm, residual %.3f, similarity %.3f %s\n", i ? "sagittal" : "axial", error,
                      found.residual_mm, found.similarity, found.reason);
        assert_true(found.trusted);
        check_near(error, 0, i ? 0.8 : 0.4); /* this leg hardly changes along its length */
        vol_free(&moving[i]);
    }
    vol_free(&fixed);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    Rigid moved = rigid_from((Vec3){0.05, 0, -0.05}, (Vec3){2, 1, -3}, (Vec3){0, 0, 0});
    Vol fixed = leg_image(&t1, leg_grid(72, 80, 50, 1.4, 1.4, 1.4), NULL, 20, 1);
    Vol moving = leg_image(&pd_fs, leg_grid(72, 80, 50, 1.4, 1.4, 1.4), &moved, 20, 2);
    Registration first, found;
    memset(&first, 0, sizeof first);
    int before = omp_get_max_threads();
    for (int threads = 1; threads <= 2; threads++) {
        omp_set_num_threads(threads);
        assert_int_equal(register_rigid(threads == 1 ? &first : &found, &fixed, &moving, NULL, NULL), TENO_OK);
        if (threads > 1) assert_memory_equal(&found.fixed_to_moving, &first.fixed_to_moving, sizeof(Rigid));
        if (threads > 1) assert_true(found.residual_mm == first.residual_mm);
    }
    omp_set_num_threads(before);
    vol_free(&fixed);
    vol_free(&moving);
}

/* Something else altogether: a ball with rings. */
static void other_anatomy_is_not_trusted(void **state)
{
    (void)state;
    Vol fixed = leg_image(&t1, leg_grid(72, 80, 64, 1.5, 1.5, 1.5), NULL, 20, 1), moving;
    Grid grid = leg_grid(72, 80, 64, 1.5, 1.5, 1.5);
    assert_int_equal(vol_alloc(&moving, &grid, NULL), TENO_OK);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++) {
                Vec3 p = grid_to_lps(&grid, (Vec3){i, j, k});
                double r = vec3_norm((Vec3){p.x + 5, p.y, p.z - 8});
                moving.data[grid_index(&grid, i, j, k)] = r < 40 ? (float)(200 + 100 * sin(r / 3)) : 0;
            }
    leg_add_noise(&moving, 20, 5);
    Registration found;
    assert_int_equal(register_rigid(&found, &fixed, &moving, NULL, NULL), TENO_OK);
    print_message("other anatomy: similarity %.3f, residual %.2f: %s\n", found.similarity, found.residual_mm,
                  found.reason);
    assert_false(found.trusted);
    vol_free(&fixed);
    vol_free(&moving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_contrast_is_found),
        cmocka_unit_test(thick_slices_are_found),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(other_anatomy_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
