/* Fluid in front of a whole tendon goes, a tear that opens to the front stays, and of both together the bursa goes. */
#include <math.h>

#include "check.h"
#include "scene.h"
#include "segment/bursa.h"

enum { RINGS = 60, INSERTION = 4, TOP = 18 };
static const double muscle = 100, fat = 30, fluid = 400, half_mm = 2.5;

/* Fluid in front (y < 0) between two depths. */
typedef struct Wet {
    double from_mm, to_mm;
} Wet;

/* A tendon 5 mm thick along z, wet from the insertion to TOP. */
static double signal_at(Vec3 p, const void *what)
{
    const Wet *wet = what;
    if (p.z <= TOP && fabs(p.x) < 7 && p.y > wet->from_mm && p.y < wet->to_mm) return fluid;
    return fabs(p.y) < half_mm && fabs(p.x) < 7 ? 0 : fat;
}

/* Depth of the front on the middle of a ring after the cut. */
static double front_after(double from_mm, double to_mm)
{
    Scene scene;
    const Wet wet = {from_mm, to_mm};
    Grid grid = {.nx = 80, .ny = 80, .nz = RINGS, .dx = 0.5, .dy = 0.25, .dz = 1, .origin_lps = {-20, -10, 0}};
    Scale scale = {.unit = muscle, .fat = fat / muscle, .fluid = fluid / muscle, .fat_dark = true};
    scene_open(&scene, grid, scale, signal_at, &wet, RINGS, (Ring){.half_core_mm = 4.5, .radius_mm = half_mm});
    for (int k = 0; k <= TOP; k++) /* the outline reaches to where the fluid ends */
        for (int i = 0; i < SECTION_POINTS; i++)
            if (ring_ray(&scene.tube.ring[k], i).dv < -0.5) *scene_radius(&scene, k, i) = fmax(-from_mm, half_mm);
    assert_int_equal(bursa_cut(&scene.tube, INSERTION, &scene.images, NULL), TENO_OK);
    Outline outline = outline_of_ring(&scene.tube, 10), above = outline_of_ring(&scene.tube, TOP + 10);
    double back, front;
    assert_true(outline_across(&above, &scene.tube.ring[TOP + 10], 0, &back, &front));
    check_near(front, -half_mm, 1e-9);
    assert_true(outline_across(&outline, &scene.tube.ring[10], 0, &back, &front));
    check_near(back, half_mm, 1e-9);
    scene_close(&scene);
    return front;
}

static void a_bursa_is_no_tendon(void **state)
{
    (void)state;
    check_near(front_after(-5, -half_mm), -half_mm, 0.3);
}

static void a_tear_of_the_front_stays(void **state)
{
    (void)state;
    check_near(front_after(-half_mm, -0.5), -half_mm, 1e-9);
}

static void a_tear_that_opens_into_a_bursa_ends_at_the_front(void **state)
{
    (void)state;
    check_near(front_after(-5, -0.5), -half_mm, 0.3);
}

static void a_gap_full_of_fluid_stays(void **state)
{
    (void)state;
    check_near(front_after(-3.5, half_mm), -3.5, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bursa_is_no_tendon),
        cmocka_unit_test(a_tear_of_the_front_stays),
        cmocka_unit_test(a_tear_that_opens_into_a_bursa_ends_at_the_front),
        cmocka_unit_test(a_gap_full_of_fluid_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
