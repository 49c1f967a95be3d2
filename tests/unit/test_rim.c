/* Fluid in the paratenon comes off the outline, over the gap of a rupture as well, and a thick layer where it goes all
 * along; a tear of one side stays. */
#include <math.h>

#include "check.h"
#include "scene.h"
#include "segment/rim.h"

enum { RINGS = 70, GAP_FROM = 30, GAP_TO = 40 };
static const double muscle = 100, fat = 30, fluid = 400, half_mm = 3;

/* Where there is fluid and how much of it. */
typedef struct Wet {
    bool one_side, gap;
    double film_mm;
    int to; /* ring at which it ends */
} Wet;

/* A round tendon in a fat-suppressed image, wet beyond its edge all around, or on one side only; in the gap it is fluid
 * throughout. */
static double signal_at(Vec3 p, const void *what)
{
    const Wet *wet = what;
    bool gap = wet->gap && p.z >= GAP_FROM && p.z < GAP_TO;
    double r = hypot(p.x, p.y), middle = 1 - 0.2 * fabs(2 * (r - half_mm) / wet->film_mm - 1); /* the blur's peak */
    if (p.z < wet->to && r < half_mm + wet->film_mm && (r > half_mm || gap) && (!wet->one_side || p.y < -0.5 * r))
        return r > half_mm ? fluid * middle : fluid;
    return r < half_mm ? 0 : fat;
}

/* The outline runs along the outside of what is wet. */
static void wet_open(Scene *scene, const Wet *wet)
{
    Grid grid = {.nx = 100, .ny = 100, .nz = RINGS, .dx = 0.2, .dy = 0.2, .dz = 1, .origin_lps = {-10, -10, 0}};
    Scale scale = {.unit = muscle, .fat = fat / muscle, .fluid = fluid / muscle, .fat_dark = true};
    scene_open(scene, grid, scale, signal_at, wet, RINGS, (Ring){.radius_mm = half_mm});
    for (int k = 0; k < wet->to; k++)
        for (int i = 0; i < SECTION_POINTS; i++)
            if (!wet->one_side || ring_ray(&scene->tube.ring[k], i).dv < -0.5)
                *scene_radius(scene, k, i) += wet->film_mm;
}

static void a_film_comes_off_and_over_a_gap_as_well(void **state)
{
    (void)state;
    Scene scene;
    wet_open(&scene, &(Wet){.gap = true, .film_mm = 0.8, .to = RINGS});
    assert_int_equal(rim_peel(&scene.tube, &scene.images, NULL), TENO_OK);
    for (int i = 0; i < SECTION_POINTS; i += 8) {
        check_near(scene.tube.radius_mm[15 * SECTION_POINTS + i], half_mm, 0.3);
        check_near(scene.tube.radius_mm[35 * SECTION_POINTS + i], half_mm, 0.35);
    }
    assert_true(scene.tube.ring[35].drowned);
    assert_false(scene.tube.ring[15].drowned);
    scene_close(&scene);
}

static void fluid_on_one_side_is_no_film(void **state)
{
    (void)state;
    Scene scene;
    wet_open(&scene, &(Wet){.one_side = true, .film_mm = 0.8, .to = RINGS});
    assert_int_equal(rim_peel(&scene.tube, &scene.images, NULL), TENO_OK);
    for (int i = 0; i < SECTION_POINTS; i++) {
        bool wet = ring_ray(&scene.tube.ring[15], i).dv < -0.5;
        check_near(scene.tube.radius_mm[15 * SECTION_POINTS + i], half_mm + (wet ? 0.8 : 0), 1e-9);
    }
    scene_close(&scene);
}

static void a_thick_layer_is_a_sheath_where_it_goes_all_along(void **state)
{
    (void)state;
    Scene scene;
    for (int all = 0; all < 2; all++) {
        wet_open(&scene, &(Wet){.film_mm = 3.2, .to = all ? RINGS : RINGS / 2});
        assert_int_equal(rim_peel(&scene.tube, &scene.images, NULL), TENO_OK);
        for (int i = 0; i < SECTION_POINTS; i += 8)
            check_near(scene.tube.radius_mm[15 * SECTION_POINTS + i], all ? half_mm : half_mm + 3.2, 0.35);
        scene_close(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_comes_off_and_over_a_gap_as_well),
        cmocka_unit_test(fluid_on_one_side_is_no_film),
        cmocka_unit_test(a_thick_layer_is_a_sheath_where_it_goes_all_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
