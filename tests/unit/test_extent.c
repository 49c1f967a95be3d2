/* Ends, involvement and gap of blurred profiles of boxes and ellipsoids. */
#include "check.h"

#include <math.h>

#include "tear/extent.h"

enum { N = 81 };

/* Section area of a tear of half-length h at centre c: a box over the whole section, or an ellipsoid. */
static double torn_at(int box, double s, double c, double h)
{
    double t = (s - c) / h;
    if (fabs(t) >= 1) return 0;
    return box ? 60 : 20 * (1 - t * t);
}

static void measure(Extent *e, int box, double c, double h, double sigma)
{
    double torn[N], area[N], sharp[N];
    for (int i = 0; i < N; i++) {
        double sum = 0, weight = 0;
        for (double d = -4 * sigma - 0.5; d <= 4 * sigma + 0.5; d += 0.05) {
            double g = exp(-d * d / (2 * sigma * sigma));
            sum += g * torn_at(box, i + d, c, h);
            weight += g;
        }
        area[i] = 60;
        torn[i] = sum / weight;
    }
    assert_int_equal(extent_measure(e, sharp, torn, area, N, 0, 1, sigma, NULL), TENO_OK);
}

static void ends_of_boxes_and_ellipsoids(void **state)
{
    (void)state;
    static const double sigma[] = {0.35, 0.7, 1.65};
    for (int box = 0; box < 2; box++)
        for (int q = 0; q < 3; q++)
            for (double h = 4; h <= 15; h += 3.6)
                for (double c = 40; c < 41; c += 0.25) {
                    Extent e;
                    measure(&e, box, c, h, sigma[q]);
                    check_near(e.proximal_s_mm - e.distal_s_mm, 2 * h, 1.5);
                    check_near(e.max_percent, box ? 100 : 100.0 / 3, 2);
                    check_near(e.gap_mm, box ? 2 * h : 0, 0.3);
                    check_near(e.volume_mm3, box ? 120 * h : 20 * h * 4 / 3, 0.01 * 120 * h);
                }
}

static void nothing_torn_has_no_extent(void **state)
{
    (void)state;
    double torn[5] = {0}, area[5] = {60, 60, 60, 60, 60}, sharp[5];
    Extent e;
    assert_int_equal(extent_measure(&e, sharp, torn, area, 5, 0, 1, 1.5, NULL), TENO_OK);
    check_near(e.max_percent, 0, 0);
    assert_true(isnan(e.distal_s_mm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_boxes_and_ellipsoids),
        cmocka_unit_test(nothing_torn_has_no_extent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
