/* A cord beside the tendon goes, a split of the tendon stays. */
#include <math.h>

#include "check.h"
#include "scene.h"
#include "segment/plantaris.h"

enum { RINGS = 60 };
static const double muscle = 100, fat = 200;

/* Dark again beside the tendon: from x = `from` to `to`, from z = `first` to `last`. */
typedef struct Cord {
    double from, to;
    int first, last;
} Cord;

static double signal_at(Vec3 p, const void *what)
{
    const Cord *cord = what;
    bool beside = p.x > cord->from && p.x < cord->to && p.z >= cord->first && p.z <= cord->last;
    return fabs(p.y) < 2.5 && (fabs(p.x) < 6 || beside) ? 0 : fat;
}

/* A straight tendon of 12 x 5 mm along z, its outline drawn out to x = 10 mm at one end. */
static void cord_open(Scene *scene, double from, double to, int first, int last)
{
    const Cord cord = {from, to, first, last};
    Grid grid = {.nx = 100, .ny = 60, .nz = 30, .dx = 0.4, .dy = 0.4, .dz = 2, .origin_lps = {-20, -12, 0}};
    Scale scale = {.unit = muscle, .fat = fat / muscle, .surround = 1, .noise = 0.02};
    scene_open(scene, grid, scale, signal_at, &cord, RINGS, (Ring){.half_core_mm = 3.5, .radius_mm = 2.5});
    for (int k = 0; k < RINGS; k++)
        for (int i = 0; i < SECTION_POINTS; i++)
            if (ring_ray(&scene->tube.ring[k], i).du > 0.7) *scene_radius(scene, k, i) = 6.5;
}

static double reach(const Tube *tube, int k)
{
    double most = -INFINITY;
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(&tube->ring[k], i);
        most = fmax(most, ray.u + tube->radius_mm[k * SECTION_POINTS + i] * ray.du);
    }
    return most;
}

static void cord_is_cut_off(void **state)
{
    (void)state;
    Scene scene;
    cord_open(&scene, 7.2, 9.6, 0, RINGS);
    assert_int_equal(plantaris_cut(&scene.tube, &scene.images, NULL), 0);
    for (int k = 5; k < RINGS - 5; k++) check_near(reach(&scene.tube, k), 6, 0.6);
    scene_close(&scene);
}

static void short_piece_stays(void **state)
{
    (void)state;
    Scene scene;
    cord_open(&scene, 7.2, 9.6, 20, 32);
    double before = reach(&scene.tube, 26);
    assert_int_equal(plantaris_cut(&scene.tube, &scene.images, NULL), 0);
    check_near(reach(&scene.tube, 26), before, 1e-9);
    scene_close(&scene);
}

static void tendon_without_gap_stays(void **state)
{
    (void)state;
    Scene scene;
    cord_open(&scene, 5, 9.6, 0, RINGS);
    double before = reach(&scene.tube, 30);
    assert_int_equal(plantaris_cut(&scene.tube, &scene.images, NULL), 0);
    check_near(reach(&scene.tube, 30), before, 1e-9);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cord_is_cut_off),
        cmocka_unit_test(short_piece_stays),
        cmocka_unit_test(tendon_without_gap_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
