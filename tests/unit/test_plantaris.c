/* A cord beside the tendon goes, a split of the tendon stays. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "segment/plantaris.h"
#include "teno/memory.h"

enum { RINGS = 60 };
static const double muscle = 100, fat = 200;

/* A straight tendon of 12 x 5 mm along z, its outline drawn out to x = 10 mm at one end. */
typedef struct Scene {
    Prepared prepared;
    Channel channel;
    Series series;
    Scale scale;
    Lattice lattice;
    Images images;
    Tube tube;
} Scene;

/* Dark tendon for |x| < 6, dark again from `from` to `to`. */
static void scene_open(Scene *scene, double from, double to, int first, int last)
{
    Grid grid = {.nx = 100, .ny = 60, .nz = 30, .dx = 0.4, .dy = 0.4, .dz = 2, .origin_lps = {-20, -12, 0}};
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    *scene = (Scene){.scale = {.unit = muscle, .fat = fat / muscle, .surround = 1, .noise = 0.02}};
    scene->channel = (Channel){.series = &scene->series, .ref_to_channel = rigid_identity()};
    assert_int_equal(vol_alloc(&scene->channel.vol, &grid, NULL), 0);
    for (int i = 0; i < grid.nx * grid.ny * grid.nz; i++) {
        double x = -20 + 0.4 * (i % grid.nx), y = -12 + 0.4 * (i / grid.nx % grid.ny);
        double z = 2.0 * (i / (grid.nx * grid.ny));
        bool cord = x > from && x < to && z >= first && z <= last;
        scene->channel.vol.data[i] = fabs(y) < 2.5 && (fabs(x) < 6 || cord) ? 0 : (float)fat;
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
        *ring = (Ring){.half_core_mm = 3.5, .radius_mm = 2.5};
        ring->frame = (Section){.centre_lps = vec3(0, 0, k), .tangent = {0, 0, 1}, .u = {1, 0, 0}, .v = {0, 1, 0}};
        for (int i = 0; i < SECTION_POINTS; i++) {
            Ray ray = ring_ray(ring, i);
            scene->tube.radius_mm[k * SECTION_POINTS + i] = ray.du > 0.7 ? 6.5 : 2.5;
        }
    }
}

static void scene_close(Scene *scene)
{
    vol_free(&scene->channel.vol);
    free(scene->tube.ring);
    free(scene->tube.radius_mm);
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
    scene_open(&scene, 7.2, 9.6, 0, RINGS);
    assert_int_equal(plantaris_cut(&scene.tube, &scene.images, NULL), 0);
    for (int k = 5; k < RINGS - 5; k++) check_near(reach(&scene.tube, k), 6, 0.6);
    scene_close(&scene);
}

static void short_piece_stays(void **state)
{
    (void)state;
    Scene scene;
    scene_open(&scene, 7.2, 9.6, 20, 32);
    double before = reach(&scene.tube, 26);
    assert_int_equal(plantaris_cut(&scene.tube, &scene.images, NULL), 0);
    check_near(reach(&scene.tube, 26), before, 1e-9);
    scene_close(&scene);
}

static void tendon_without_gap_stays(void **state)
{
    (void)state;
    Scene scene;
    scene_open(&scene, 5, 9.6, 0, RINGS);
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
