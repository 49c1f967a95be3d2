/* What the cues see of a tube of which a part holds more than a tendon. */
#include "segment/confidence.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "scene.h"
#include "teno/memory.h"

enum { RINGS = 60, SWOLLEN = 20 };

static double signal_at(Vec3 p, const void *what)
{
    (void)what;
    return hypot(p.x, p.y) < 4 ? 0 : 2;
}

/* Rings of 4 mm radius; the last SWOLLEN of them have `radius_mm`. */
static double too_large(double radius_mm)
{
    Scene scene;
    Evidence evidence;
    Grid grid = {.nx = 60, .ny = 60, .nz = RINGS, .dx = 1, .dy = 1, .dz = 1, .origin_lps = {-30, -30, 0}};
    Scale scale = {.unit = 1, .fat = 2, .surround = 1, .noise = 0.02};
    scene_open(&scene, grid, scale, signal_at, NULL, RINGS, (Ring){.radius_mm = 4});
    scene.tube.sd_mm = array_alloc((size_t)RINGS * SECTION_POINTS, sizeof(double), NULL);
    assert_non_null(scene.tube.sd_mm);
    for (int k = RINGS - SWOLLEN; k < RINGS; k++)
        for (int i = 0; i < SECTION_POINTS; i++) *scene_radius(&scene, k, i) = radius_mm;
    assert_int_equal(evidence_collect(&evidence, &scene.tube, &scene.images, NULL), 0);
    check_near(evidence.thickness_mm, 8, 0.5); /* the median does not see it */
    free(scene.tube.sd_mm);
    scene_close(&scene);
    return evidence.too_large;
}

static void sections_larger_than_any_tendon_are_counted(void **state)
{
    (void)state;
    check_near(too_large(8), 0, 1e-9); /* 201 mm2: a swollen tendon */
    check_near(too_large(11), (double)SWOLLEN / RINGS, 0.04);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sections_larger_than_any_tendon_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
