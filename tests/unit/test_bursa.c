/* Fluid in front of a whole tendon goes, a tear that opens to the front stays, and of both together the bursa goes. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "segment/bursa.h"
#include "teno/memory.h"

enum { RINGS = 60, INSERTION = 4, TOP = 18 };
static const double muscle = 100, fat = 30, fluid = 400, half_mm = 2.5;

typedef struct Scene {
    Prepared prepared;
    Channel channel;
    Series series;
    Scale scale;
    Lattice lattice;
    Images images;
    Tube tube;
} Scene;

/* A tendon 5 mm thick along z. From the insertion to TOP fluid lies in front (y < 0) between the two depths, and the
 * outline reaches to where it ends. */
static void scene_open(Scene *scene, double from_mm, double to_mm)
{
    Grid grid = {.nx = 80, .ny = 80, .nz = RINGS, .dx = 0.5, .dy = 0.25, .dz = 1, .origin_lps = {-20, -10, 0}};
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    *scene = (Scene){.scale = {.unit = muscle, .fat = fat / muscle, .fluid = fluid / muscle, .fat_dark = true}};
    scene->channel = (Channel){.series = &scene->series, .ref_to_channel = rigid_identity()};
    assert_int_equal(vol_alloc(&scene->channel.vol, &grid, NULL), 0);
    for (int i = 0; i < grid.nx * grid.ny * grid.nz; i++) {
        double x = -20 + 0.5 * (i % grid.nx), y = -10 + 0.25 * (i / grid.nx % grid.ny);
        bool wet = i / (grid.nx * grid.ny) <= TOP && fabs(x) < 7 && y > from_mm && y < to_mm;
        scene->channel.vol.data[i] = (float)(wet ? fluid : fabs(y) < half_mm && fabs(x) < 7 ? 0 : fat);
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
        *ring = (Ring){.half_core_mm = 4.5, .radius_mm = half_mm};
        ring->frame = (Section){.centre_lps = vec3(0, 0, k), .tangent = {0, 0, 1}, .u = {1, 0, 0}, .v = {0, 1, 0}};
        for (int i = 0; i < SECTION_POINTS; i++) {
            Ray ray = ring_ray(ring, i);
            double front = k <= TOP ? fmax(-from_mm, half_mm) : half_mm;
            scene->tube.radius_mm[k * SECTION_POINTS + i] = ray.dv < -0.5 ? front : half_mm;
        }
    }
}

/* Depth of the front on the middle of a ring after the cut. */
static double front_after(double from_mm, double to_mm)
{
    Scene scene;
    scene_open(&scene, from_mm, to_mm);
    assert_int_equal(bursa_cut(&scene.tube, INSERTION, &scene.images, NULL), TENO_OK);
    Outline outline = outline_of_ring(&scene.tube, 10), above = outline_of_ring(&scene.tube, TOP + 10);
    double back, front;
    assert_true(outline_across(&above, &scene.tube.ring[TOP + 10], 0, &back, &front));
    check_near(front, -half_mm, 1e-9);
    assert_true(outline_across(&outline, &scene.tube.ring[10], 0, &back, &front));
    check_near(back, half_mm, 1e-9);
    vol_free(&scene.channel.vol);
    free(scene.tube.ring);
    free(scene.tube.radius_mm);
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
