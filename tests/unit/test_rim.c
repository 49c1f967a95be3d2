/* Fluid in the paratenon comes off the outline, over the gap of a rupture as well; a tear of one side stays. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "segment/rim.h"
#include "teno/memory.h"

enum { RINGS = 70, GAP_FROM = 30, GAP_TO = 40 };
static const double muscle = 100, fat = 30, fluid = 400, half_mm = 3, film_mm = 0.8;

typedef struct Scene {
    Prepared prepared;
    Channel channel;
    Series series;
    Scale scale;
    Lattice lattice;
    Images images;
    Tube tube;
} Scene;

/* A round tendon along z in a fat-suppressed image, wet to `wet_mm` beyond its edge all around or on one side only; in
 * the gap it is fluid throughout. The outline runs along the outside of what is wet. */
static void scene_open(Scene *scene, double wet_mm, bool one_side)
{
    Grid grid = {.nx = 80, .ny = 80, .nz = RINGS, .dx = 0.2, .dy = 0.2, .dz = 1, .origin_lps = {-8, -8, 0}};
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    *scene = (Scene){.scale = {.unit = muscle, .fat = fat / muscle, .fluid = fluid / muscle, .fat_dark = true}};
    scene->channel = (Channel){.series = &scene->series, .ref_to_channel = rigid_identity()};
    assert_int_equal(vol_alloc(&scene->channel.vol, &grid, NULL), 0);
    for (int i = 0; i < grid.nx * grid.ny * grid.nz; i++) {
        double x = -8 + 0.2 * (i % grid.nx), y = -8 + 0.2 * (i / grid.nx % grid.ny), r = hypot(x, y);
        int z = i / (grid.nx * grid.ny);
        bool gap = !one_side && z >= GAP_FROM && z < GAP_TO;
        bool wet = r < half_mm + wet_mm && (r > half_mm || gap) && (!one_side || y < -0.5 * r);
        scene->channel.vol.data[i] = (float)(wet ? fluid : r < half_mm ? 0 : fat);
    }
    scene->prepared = (Prepared){.channel = &scene->channel, .n_channels = 1};
    scene->images = (Images){&scene->prepared, &scene->scale, &scene->lattice};
    scene->tube = (Tube){.ring = array_alloc(RINGS, sizeof(Ring), NULL),
                         .n_rings = RINGS,
                         .step_mm = 1,
                         .radius_mm = array_alloc((size_t)RINGS * SECTION_POINTS, sizeof(double), NULL)};
    assert_true(scene->tube.ring && scene->tube.radius_mm);
    for (int k = 0; k < RINGS; k++) {
        Ring *ring = &scene->tube.ring[k];
        *ring = (Ring){.radius_mm = half_mm};
        ring->frame = (Section){.centre_lps = vec3(0, 0, k), .tangent = {0, 0, 1}, .u = {1, 0, 0}, .v = {0, 1, 0}};
        for (int i = 0; i < SECTION_POINTS; i++) {
            bool wet = !one_side || ring_ray(ring, i).dv < -0.5;
            scene->tube.radius_mm[k * SECTION_POINTS + i] = half_mm + (wet ? wet_mm : 0);
        }
    }
}

static void scene_close(Scene *scene)
{
    vol_free(&scene->channel.vol);
    free(scene->tube.ring);
    free(scene->tube.radius_mm);
}

static void a_film_comes_off_and_over_a_gap_as_well(void **state)
{
    (void)state;
    Scene scene;
    scene_open(&scene, film_mm, false);
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
    scene_open(&scene, film_mm, true);
    assert_int_equal(rim_peel(&scene.tube, &scene.images, NULL), TENO_OK);
    for (int i = 0; i < SECTION_POINTS; i++) {
        bool wet = ring_ray(&scene.tube.ring[15], i).dv < -0.5;
        check_near(scene.tube.radius_mm[15 * SECTION_POINTS + i], half_mm + (wet ? film_mm : 0), 1e-9);
    }
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_comes_off_and_over_a_gap_as_well),
        cmocka_unit_test(fluid_on_one_side_is_no_film),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
