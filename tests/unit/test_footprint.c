/* The insertion's lower end: bone comes off the front, the tendon ends where it does, and s is true arc length. */
#include <math.h>

#include "check.h"
#include "scene.h"
#include "segment/footprint.h"
#include "segment/respace.h"
#include "teno/memory.h"

enum { RINGS = 60, END = 20, CONTACT = 50 };
static const double muscle = 100, fat = 200, cortex_mm = 1.2, thick_mm = 3, half_width_mm = 9;

/* Share of [y - half, y + half] that lies in [from, to]. */
static double covered(double y, double half, double from, double to)
{
    return fmax(fmin(y + half, to) - fmax(y - half, from), 0) / (2 * half);
}

/* A bone's face at y = 0 with its cortex in front; behind it a tendon that ends at ring END. All is blurred by 1.2 mm.
 */
static double signal_at(Vec3 p, const void *what)
{
    (void)what;
    bool tendon = fabs(p.x) < half_width_mm && p.z >= END;
    return fat * (1 - covered(p.y, 0.6, -cortex_mm, tendon ? thick_mm : 0));
}

/* The outline holds both, all the way down. */
static void heel_open(Scene *scene)
{
    Grid grid = {.nx = 80, .ny = 70, .nz = RINGS, .dx = 0.5, .dy = 0.3, .dz = 1, .origin_lps = {-20, -10, 0}};
    Scale scale = {.unit = muscle, .fat = fat / muscle, .surround = 1, .noise = 0.02};
    double half = (thick_mm + cortex_mm) / 2;
    Ring ring = {.half_core_mm = half_width_mm - half, .radius_mm = half};
    ring.frame.centre_lps = vec3(0, thick_mm - half, 0);
    scene_open(scene, grid, scale, signal_at, NULL, RINGS, ring);
}

static void bone_comes_off_and_the_tendon_ends(void **state)
{
    (void)state;
    Scene scene;
    heel_open(&scene);
    Landmarks landmarks = {
        .has_insertion = true, .insertion_ring = CONTACT, .cortex_mm = cortex_mm, .cortex_sd_mm = 0.2};
    assert_int_equal(footprint_trim(&scene.tube, &landmarks, &scene.images, NULL), TENO_OK);
    check_near(scene.tube.first, END, 1.5);
    check_near((double)scene.tube.ring[30].frame.heel_sd_mm, 0.224, 0.02);
    check_near((double)scene.tube.ring[CONTACT + 3].frame.heel_sd_mm, 0, 1e-9);
    for (int i = 0; i < SECTION_POINTS; i++) {
        const Ring *ring = &scene.tube.ring[30];
        Ray ray = ring_ray(ring, i);
        double r = scene.tube.radius_mm[30 * SECTION_POINTS + i], y = ring->frame.centre_lps.y + ray.v + r * ray.dv;
        if (ray.dv < -0.999) check_near(y, 0, 0.1);
        if (ray.dv > 0.999) check_near(y, thick_mm, 0.01);
    }
    double above = scene.tube.radius_mm[(CONTACT + 3) * SECTION_POINTS];
    check_near(above, (thick_mm + cortex_mm) / 2, 1e-9);
    scene_close(&scene);
}

static void without_an_insertion_nothing_changes(void **state)
{
    (void)state;
    Scene scene;
    heel_open(&scene);
    Landmarks none = {.cortex_mm = cortex_mm};
    assert_int_equal(footprint_trim(&scene.tube, &none, &scene.images, NULL), TENO_OK);
    assert_int_equal(scene.tube.first, 0);
    for (int i = 0; i < RINGS * SECTION_POINTS; i++)
        check_near(scene.tube.radius_mm[i], (thick_mm + cortex_mm) / 2, 1e-9);
    scene_close(&scene);
}

/* Discs of radius 2 whose planes are a millimetre apart on a circle of radius 40, but which lie 4 mm inside it. */
static void steps_are_arc_length_of_the_centroids(void **state)
{
    (void)state;
    enum { N = 41 };
    TendonShape shape = {.sections = array_alloc(N, sizeof(Section), NULL), .n_sections = N, .step_mm = 1};
    assert_non_null(shape.sections);
    for (int k = 0; k < N; k++) {
        double turn = k / 40.0;
        Section *s = &shape.sections[k];
        *s = (Section){.centre_lps = vec3(0, 36 * cos(turn), 36 * sin(turn)),
                       .tangent = vec3(0, -sin(turn), cos(turn)),
                       .v = vec3(0, cos(turn), sin(turn)),
                       .bridged = k >= 20};
        s->u = vec3_cross(s->v, s->tangent);
        for (int i = 0; i < SECTION_POINTS; i++) {
            s->boundary_u_mm[i] = (float)(2 * cos(2 * M_PI * i / SECTION_POINTS));
            s->boundary_v_mm[i] = (float)(2 * sin(2 * M_PI * i / SECTION_POINTS));
        }
    }
    double place[] = {20, -2, 10.5};
    assert_int_equal(shape_respace(&shape, place, 3, NULL), TENO_OK);
    assert_int_equal(shape.n_sections, 37);
    check_near(place[0], 18, 0.01);
    check_near(place[1], -2, 0.01);
    check_near(place[2], 9.45, 0.01);
    for (int k = 1; k < shape.n_sections; k++) {
        check_near(vec3_distance(shape.sections[k].centre_lps, shape.sections[k - 1].centre_lps), 1, 0.002);
        check_near(shape.sections[k].s_mm, k, 1e-9);
        assert_int_equal(shape.sections[k].bridged, k >= 18);
        check_near(vec3_dot(shape.sections[k].u, shape.sections[k].v), 0, 1e-9);
    }
    shape_free(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bone_comes_off_and_the_tendon_ends),
        cmocka_unit_test(without_an_insertion_nothing_changes),
        cmocka_unit_test(steps_are_arc_length_of_the_centroids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
