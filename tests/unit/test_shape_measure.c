/* Areas, extents and volumes of shapes whose answers are known in closed form. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "teno/measure.h"

static const double PI = 3.14159265358979323846;

/* An elliptic tube along z, semi-axes a (at angle `turn` from u) and b, n sections 1 mm apart from s0. */
static TendonShape tube(double a, double b, double turn, int n, double s0)
{
    TendonShape shape = {.n_sections = n, .step_mm = 1};
    shape.sections = calloc((size_t)n, sizeof *shape.sections);
    for (int k = 0; k < n; k++) {
        Section *s = &shape.sections[k];
        *s = (Section){.s_mm = s0 + k,
                       .centre_lps = {0, 0, k},
                       .tangent = {0, 0, 1},
                       .u = {1, 0, 0},
                       .v = {0, 1, 0},
                       .assessed = true};
        for (int i = 0; i < SECTION_POINTS; i++) {
            double t = 2 * PI * i / SECTION_POINTS, x = a * cos(t), y = b * sin(t);
            s->boundary_u_mm[i] = (float)(x * cos(turn) - y * sin(turn));
            s->boundary_v_mm[i] = (float)(x * sin(turn) + y * cos(turn));
        }
    }
    return shape;
}

static void ellipse_extents(void **state)
{
    (void)state;
    TendonShape shape = tube(7, 3, 0.4, 1, 0);
    double thickness, width;
    section_extents(&shape.sections[0], &thickness, &width);
    check_near(width, 14, 0.02);
    check_near(thickness, 6, 0.02);
    shape_free(&shape);
}

static void tube_volume_and_window(void **state)
{
    (void)state;
    TendonShape shape = tube(7, 3, 0, 91, -10);
    TendonMeasures m;
    assert_int_equal(shape_measure(&m, &shape, ORIGIN_INSERTION, NULL), TENO_OK);
    check_near(m.tendon_volume_mm3.value, PI * 21 * 90, PI * 21 * 90 * 0.002);
    check_near(m.tendon_volume_0_60_mm3.value, PI * 21 * 60, PI * 21 * 60 * 0.002);
    check_near(m.length_mm.value, 90, 1e-9);
    assert_false(m.tear_volume_mm3.known);
    assert_string_equal(m.tear_volume_mm3.reason, "no fluid-sensitive series");
    measures_free(&m);
    assert_int_equal(shape_measure(&m, &shape, ORIGIN_DISTAL_IMAGE_EDGE, NULL), TENO_OK);
    assert_false(m.tendon_volume_0_60_mm3.known);
    measures_free(&m);
    shape_free(&shape);
}

static void range_is_the_longest_assessed_run(void **state)
{
    (void)state;
    TendonShape shape = tube(7, 3, 0, 40, 0);
    shape.sections[5].assessed = shape.sections[36].assessed = false;
    TendonMeasures m;
    assert_int_equal(shape_measure(&m, &shape, ORIGIN_INSERTION, NULL), TENO_OK);
    check_near(m.s_min_mm, 6, 0);
    check_near(m.s_max_mm, 35, 0);
    assert_false(m.tendon_volume_0_60_mm3.known);
    measures_free(&m);
    for (int k = 0; k < 40; k++) shape.sections[k].assessed = false;
    Error error = {0};
    assert_int_equal(shape_measure(&m, &shape, ORIGIN_INSERTION, &error), TENO_FAILED);
    shape_free(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ellipse_extents),
        cmocka_unit_test(tube_volume_and_window),
        cmocka_unit_test(range_is_the_longest_assessed_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
