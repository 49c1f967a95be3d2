/* Preprocessing on a synthetic leg: the field, the noise and the tissues that were put in must come out. */
#include "check.h"
#include "leg.h"

#include <math.h>

#include "teno/preproc.h"

static const LegSignal t1 = {.air = 0, .fat = 460, .muscle = 200, .marrow = 340, .tendon = 10, .fluid = 110};
static const LegSignal pd_fs = {.air = 0, .fat = 70, .muscle = 200, .marrow = 58, .tendon = 10, .fluid = 420};

static Series series_of(Contrast contrast, bool fat_suppressed, double tr_ms, double te_ms)
{
    Series series = {.contrast = contrast, .plane = PLANE_AXIAL};
    series.acquisition = (Acquisition){
        .tr_ms = tr_ms, .te_ms = te_ms, .ti_ms = NAN, .flip_deg = 90, .field_t = 3, .fat_suppressed = fat_suppressed};
    return series;
}

static Vol leg_image(const LegSignal *signal, Grid grid, double range, double sd)
{
    Vol vol;
    assert_int_equal(vol_alloc(&vol, &grid, NULL), TENO_OK);
    leg_fill(&vol, signal, NULL);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++)
                vol.data[grid_index(&grid, i, j, k)] *=
                    (float)leg_bias(&grid, range, grid_to_lps(&grid, (Vec3){i, j, k}));
    leg_add_noise(&vol, sd, 7);
    return vol;
}

/* SD and range of the ratio of found to true field over the leg's tissue (both with mean logarithm 0). */
static void field_error(const Vol *bias, double range, const LegSignal *signal, double *sd, double *left_range)
{
    double sum = 0, sum2 = 0, n = 0, low = INFINITY, high = -INFINITY;
    const Grid *g = &bias->grid;
    for (size_t i = 0; i < grid_count(g); i++) {
        Vec3 p = grid_to_lps(g, (Vec3){(double)(i % (size_t)g->nx), (double)(i / (size_t)g->nx % (size_t)g->ny),
                                       (double)(i / (size_t)g->nx / (size_t)g->ny)});
        if (leg_signal(signal, p) <= signal->air) continue;
        double r = log((double)bias->data[i] / leg_bias(g, range, p));
        sum += r;
        sum2 += r * r;
        n++;
        low = fmin(low, r);
        high = fmax(high, r);
    }
    *sd = sqrt(sum2 / n - sum / n * sum / n);
    *left_range = exp(high - low);
}

static void bias_of_factor_three_is_found(void **state)
{
    (void)state;
    const LegSignal *signals[] = {&t1, &pd_fs};
    for (int s = 0; s < 2; s++) {
        Vol vol = leg_image(signals[s], leg_grid(128, 128, 28, 0.9, 0.9, 3.8), 3, 12), bias;
        double sd, left_range;
        assert_int_equal(bias_correct(&vol, 12, &bias, NULL), TENO_OK);
        field_error(&bias, 3, signals[s], &sd, &left_range);
        print_message("bias of %s: error SD %.3f, range left %.2f\n", s ? "PD-FS" : "T1", sd, left_range);
        check_near(sd, 0, 0.03);
        check_near(left_range, 1, 0.2);
        vol_free(&vol);
        vol_free(&bias);
    }
}

static void no_bias_is_left_alone(void **state)
{
    (void)state;
    Vol vol = leg_image(&t1, leg_grid(128, 128, 28, 0.9, 0.9, 3.8), 1, 12), bias;
    double sd, left_range;
    assert_int_equal(bias_correct(&vol, 12, &bias, NULL), TENO_OK);
    field_error(&bias, 1, &t1, &sd, &left_range);
    print_message("no bias: error SD %.3f, range left %.2f\n", sd, left_range);
    check_near(sd, 0, 0.035);
    vol_free(&vol);
    vol_free(&bias);
}

static void noise_is_found(void **state)
{
    (void)state;
    for (double sd = 6; sd < 30; sd *= 2) {
        Vol vol = leg_image(&t1, leg_grid(200, 200, 12, 0.6, 0.6, 6), 2, sd);
        Noise noise;
        assert_int_equal(noise_estimate(&noise, &vol, NULL), TENO_OK);
        assert_true(noise.from_air);
        check_near(noise.sd / sd, 1, 0.05);
        check_near(noise.acquired_mm[0], 0.6, 0.06);
        /* Air masked to zero by the reconstruction. */
        for (size_t i = 0; i < grid_count(&vol.grid); i++)
            if (vol.data[i] < 5 * (float)sd) vol.data[i] = 0;
        assert_int_equal(noise_estimate(&noise, &vol, NULL), TENO_OK);
        assert_false(noise.from_air);
        check_near(noise.sd / sd, 1, 0.05);
        vol_free(&vol);
    }
}

/* Linear interpolation by two: what is left of the noise is what counts, and the interpolation is seen. */
static void interpolated_noise_is_found(void **state)
{
    (void)state;
    Vol vol = leg_image(&t1, leg_grid(160, 160, 12, 0.7, 0.7, 5), 1, 15), fine;
    Grid grid = leg_grid(320, 320, 12, 0.35, 0.35, 5);
    assert_int_equal(vol_alloc(&fine, &grid, NULL), TENO_OK);
    vol_resample(&fine, &vol, NULL);
    for (size_t i = 0; i < grid_count(&grid); i++)
        if (!(fine.data[i] > 60)) fine.data[i] = 0;
    Noise noise;
    assert_int_equal(noise_estimate(&noise, &fine, NULL), TENO_OK);
    /* Sampled a quarter and three quarters between the samples: each axis leaves sqrt(0.75^2 + 0.25^2). */
    print_message("interpolated: SD %.2f of %.2f, acquired %.2f mm\n", noise.sd, 15 * 0.625, noise.acquired_mm[0]);
    check_near(noise.sd / (15 * 0.625), 1, 0.1);
    check_near(noise.acquired_mm[0], 0.7, 0.15);
    vol_free(&vol);
    vol_free(&fine);
}

static void references_are_found(void **state)
{
    (void)state;
    struct {
        const LegSignal *signal;
        Series series;
    } cases[] = {{&t1, series_of(CONTRAST_T1, false, 600, 18)}, {&pd_fs, series_of(CONTRAST_PD, true, 2500, 30)}};
    for (int c = 0; c < 2; c++) {
        Vol vol = leg_image(cases[c].signal, leg_grid(170, 170, 20, 0.7, 0.7, 5), 1, 15);
        TissueReferences found;
        assert_int_equal(references_find(&found, NULL, &vol, &cases[c].series, 15, false, NULL), TENO_OK);
        print_message("muscle %.0f fat %.0f tendon %.0f fluid %.0f\n", found.muscle, found.fat, found.tendon,
                      found.fluid);
        check_near(found.muscle / cases[c].signal->muscle, 1, 0.04);
        check_near(found.fat / cases[c].signal->fat, 1, 0.1);
        assert_true(found.tendon < 0.25 * found.muscle);
        if (c) check_near(found.fluid / cases[c].signal->fluid, 1, 0.1);
        if (!c) assert_true(isnan(found.fluid));
        notes_free(&found.notes);
        vol_free(&vol);
    }
}

/* Muscle and fat are found whatever suppression leaves of fat: it is taken neither for muscle nor muscle for fluid. */
static void any_residue_of_fat_is_found(void **state)
{
    (void)state;
    const struct {
        Series series;
        double fat;
    } cases[] = {{series_of(CONTRAST_PD, true, 2500, 30), 45},   {series_of(CONTRAST_PD, true, 2500, 30), 110},
                 {series_of(CONTRAST_T2, true, 4000, 60), 45},   {series_of(CONTRAST_T2, true, 4000, 60), 110},
                 {series_of(CONTRAST_STIR, true, 4000, 30), 45}, {series_of(CONTRAST_STIR, true, 4000, 30), 110}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        LegSignal signal = pd_fs;
        signal.fat = signal.marrow = cases[c].fat;
        Vol vol = leg_image(&signal, leg_grid(170, 170, 20, 0.7, 0.7, 5), 1, 8);
        TissueReferences found;
        assert_int_equal(references_find(&found, NULL, &vol, &cases[c].series, 8, true, NULL), TENO_OK);
        print_message("fat of %.0f: muscle %.0f fat %.0f tendon %.0f\n", signal.fat, found.muscle, found.fat,
                      found.tendon);
        check_near(found.muscle / signal.muscle, 1, 0.04);
        check_near(found.fat / signal.fat, 1, 0.1);
        assert_true(found.tendon < 0.7 * found.fat);
        notes_free(&found.notes);
        vol_free(&vol);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bias_of_factor_three_is_found),
        cmocka_unit_test(no_bias_is_left_alone),
        cmocka_unit_test(noise_is_found),
        cmocka_unit_test(interpolated_noise_is_found),
        cmocka_unit_test(references_are_found),
        cmocka_unit_test(any_residue_of_fat_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
