/* Which series gets which role, and what --series does to it. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "teno/series.h"

/* A usable series; fields that matter for roles. */
static Series series_of(int number, Contrast contrast, bool fat_suppressed, Plane plane, double te_ms)
{
    Series s = {.series_number = number,
                .contrast = contrast,
                .plane = plane,
                .usable = true,
                .echo_number = 1,
                .grid = {.nx = 10, .ny = 10, .nz = 10, .dx = 0.4, .dy = 0.4, .dz = 3},
                .acquisition = {.tr_ms = 2500, .te_ms = te_ms, .ti_ms = NAN, .fat_suppressed = fat_suppressed}};
    snprintf(s.series_uid, sizeof s.series_uid, "1.2.%d", number);
    snprintf(s.key, sizeof s.key, "1.2.%d", number);
    return s;
}

static void expect(Series *series, int n, const char *const *forced, int n_forced, const Role *roles, const int *ranks)
{
    Study study = {.series = series, .n_series = n};
    Error error = {0};
    assert_int_equal(study_assign_roles(&study, forced, n_forced, &error), TENO_OK);
    for (int i = 0; i < n; i++) {
        assert_int_equal(series[i].role, roles[i]);
        assert_int_equal(series[i].rank, ranks[i]);
        assert_true(series[i].reason[0] != '\0');
    }
}

static void a_usual_study(void **state)
{
    (void)state;
    Series s[] = {series_of(1, CONTRAST_T1, false, PLANE_SAGITTAL, 12),
                  series_of(2, CONTRAST_STIR, true, PLANE_SAGITTAL, 30),
                  series_of(3, CONTRAST_PD, false, PLANE_AXIAL, 30), series_of(4, CONTRAST_PD, true, PLANE_AXIAL, 35),
                  series_of(5, CONTRAST_T1, true, PLANE_AXIAL, 12)};
    expect(s, 5, NULL, 0, (Role[]){ROLE_ANATOMY, ROLE_FLUID, ROLE_ANATOMY, ROLE_FLUID, ROLE_UNUSED},
           (int[]){2, 2, 1, 1, 0});
    const char *forced[] = {"fluid=1.2.2"};
    expect(s, 5, forced, 1, (Role[]){ROLE_ANATOMY, ROLE_FLUID, ROLE_ANATOMY, ROLE_UNUSED, ROLE_UNUSED},
           (int[]){2, 1, 1, 0, 0});
    s[3].usable = false;
    snprintf(s[3].reason, sizeof s[3].reason, "localizer");
    expect(s, 5, NULL, 0, (Role[]){ROLE_ANATOMY, ROLE_FLUID, ROLE_ANATOMY, ROLE_UNUSED, ROLE_UNUSED},
           (int[]){2, 1, 1, 0, 0});
    assert_string_equal(s[3].reason, "localizer");
}

static void a_derived_series_serves_where_no_original_does(void **state)
{
    (void)state;
    Series s[] = {series_of(1, CONTRAST_PD, false, PLANE_AXIAL, 30), series_of(2, CONTRAST_PD, false, PLANE_AXIAL, 30),
                  series_of(3, CONTRAST_STIR, true, PLANE_AXIAL, 30)};
    s[0].derived = s[2].derived = true;
    expect(s, 3, NULL, 0, (Role[]){ROLE_UNUSED, ROLE_ANATOMY, ROLE_FLUID}, (int[]){0, 1, 1});
}

static void without_fat_suppression_a_long_echo_shows_fluid(void **state)
{
    (void)state;
    Series s[] = {series_of(1, CONTRAST_PD, false, PLANE_AXIAL, 30), series_of(2, CONTRAST_T2, false, PLANE_AXIAL, 90)};
    expect(s, 2, NULL, 0, (Role[]){ROLE_ANATOMY, ROLE_FLUID}, (int[]){1, 1});
}

static void fat_suppressed_only_has_no_anatomy(void **state)
{
    (void)state;
    Series s[] = {series_of(1, CONTRAST_PD, true, PLANE_AXIAL, 35)};
    expect(s, 1, NULL, 0, (Role[]){ROLE_FLUID}, (int[]){1});
}

static void a_multi_echo_train_serves_as_both(void **state)
{
    (void)state;
    Series s[5], other;
    for (int e = 0; e < 4; e++) {
        s[e] = series_of(7, CONTRAST_PD, false, PLANE_SAGITTAL, 8.0 * (e + 1));
        s[e].echo_number = e + 1;
    }
    expect(s, 4, NULL, 0, (Role[]){ROLE_UNUSED, ROLE_ANATOMY, ROLE_UNUSED, ROLE_FLUID}, (int[]){0, 1, 0, 1});
    other = series_of(9, CONTRAST_PD, false, PLANE_AXIAL, 30); /* beside a real series it is only a mapping */
    s[4] = other;
    expect(s, 5, NULL, 0, (Role[]){ROLE_UNUSED, ROLE_UNUSED, ROLE_UNUSED, ROLE_UNUSED, ROLE_ANATOMY},
           (int[]){0, 0, 0, 0, 1});
}

static void wrong_choices_are_usage_errors(void **state)
{
    (void)state;
    Series s[] = {series_of(1, CONTRAST_PD, false, PLANE_AXIAL, 30)};
    Study study = {.series = s, .n_series = 1};
    const char *const wrong[] = {"fluid=9.9", "both=1.2.1", "anatomy"};
    for (int i = 0; i < 3; i++) {
        Error error = {0};
        assert_int_equal(study_assign_roles(&study, &wrong[i], 1, &error), TENO_USAGE);
        assert_non_null(strstr(error.message, wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_study),
        cmocka_unit_test(a_derived_series_serves_where_no_original_does),
        cmocka_unit_test(without_fat_suppression_a_long_echo_shows_fluid),
        cmocka_unit_test(fat_suppressed_only_has_no_anatomy),
        cmocka_unit_test(a_multi_echo_train_serves_as_both),
        cmocka_unit_test(wrong_choices_are_usage_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
