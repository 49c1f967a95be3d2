/* Ends, involvement and gap of the profiles of boxes and ellipsoids; films that go on from a tear. */
#include "check.h"

#include <math.h>

#include "tear/extent.h"
#include "tear/films.h"

enum { N = 81 };

/* Section area of a tear of half-length h at centre c: a box over the whole section, or an ellipsoid. */
static double torn_at(int box, double s, double c, double h)
{
    double t = (s - c) / h;
    if (fabs(t) >= 1) return 0;
    return box ? 60 : 20 * (1 - t * t);
}

static void measure(Extent *e, int box, double c, double h)
{
    double torn[N], area[N];
    for (int i = 0; i < N; i++) { /* a sample is the mean over its millimetre */
        area[i] = 60;
        torn[i] = 0;
        for (int q = 0; q < 100; q++) torn[i] += torn_at(box, i - 0.495 + q / 100.0, c, h) / 100;
    }
    extent_measure(e, torn, area, N, 0, 1);
}

static void ends_of_boxes_and_ellipsoids(void **state)
{
    (void)state;
    for (int box = 0; box < 2; box++)
        for (double h = 4; h <= 15; h += 3.6)
            for (double c = 40; c < 41; c += 0.25) {
                Extent e;
                measure(&e, box, c, h);
                check_near(e.distal_s_mm, c - h, 0.75);
                check_near(e.proximal_s_mm, c + h, 0.75);
                check_near(e.max_percent, box ? 100 : 100.0 / 3, 1);
                check_near(e.gap_mm, box ? 2 * h : 0, 0.5);
                check_near(e.volume_mm3, box ? 120 * h : 20 * h * 4 / 3, 0.01 * 120 * h);
                check_near(e.mean_percent, box ? 97 : 21, 5);
            }
}

/* A long thin end may be drawn earlier or later, a box's end may not. */
static void a_tapering_end_is_blunt(void **state)
{
    (void)state;
    double torn[N] = {0}, area[N];
    Extent e;
    for (int i = 0; i < N; i++) {
        area[i] = 60;
        if (i >= 20 && i <= 40) torn[i] = 20;
        if (i > 40) torn[i] = fmax(0, 20 - 0.8 * (i - 40));
    }
    extent_measure(&e, torn, area, N, 0, 1);
    check_near(e.distal_blunt_mm, 0, 0.3);
    check_near(e.proximal_blunt_mm, 1.25, 0.4); /* from 1 to 3 mm2 along 0.8 mm2 a millimetre, halved */
}

/* A deep piece keeps its taper and loses the film beyond; a film alone and a single deep section stay for others. */
static void films_end_a_taper_beyond_the_deep(void **state)
{
    (void)state;
    double deep[N] = {0};
    bool film[N];
    for (int i = 30; i < 40; i++) deep[i] = 5;
    deep[70] = 1.5;
    films_mark(film, deep, N, 6, 20);
    for (int i = 0; i < N; i++) assert_int_equal(film[i], i < 24 || i > 45);
    films_mark(film, deep, N, 6, 1000);
    for (int i = 0; i < N; i++) assert_false(film[i]);
}

static void nothing_torn_has_no_extent(void **state)
{
    (void)state;
    double torn[5] = {0}, area[5] = {60, 60, 60, 60, 60};
    Extent e;
    extent_measure(&e, torn, area, 5, 0, 1);
    check_near(e.max_percent, 0, 0);
    assert_true(isnan(e.distal_s_mm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_boxes_and_ellipsoids),
        cmocka_unit_test(a_tapering_end_is_blunt),
        cmocka_unit_test(films_end_a_taper_beyond_the_deep),
        cmocka_unit_test(nothing_torn_has_no_extent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
