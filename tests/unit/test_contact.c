/* A heel narrower than the tendon: it touches in the middle, and the wings stand free before it. */
#include "segment/contact.h"

#include <math.h>

#include "check.h"
#include "scene.h"

enum { RINGS = 12 };
static const double fat = 2, cortex_mm = 1.2, thick_mm = 3, half_width_mm = 10, seat_mm = 5;

static double overlap(double y, double half, double from, double to)
{
    return fmax(fmin(y + half, to) - fmax(y - half, from), 0) / (2 * half);
}

/* Depth of the bone's face in front of the tendon. */
static double face_mm(double x)
{
    return fmax(fabs(x) - seat_mm, 0);
}

static double signal_at(Vec3 p, const void *what)
{
    const bool *seated = what;
    double face = *seated ? -face_mm(p.x) : -100, tendon = fabs(p.x) < half_width_mm ? thick_mm : 0;
    return fat * (1 - overlap(p.y, 0.5, 0, tendon) - overlap(p.y, 0.5, face - cortex_mm, face));
}

static void heel_look(Contact contact[RINGS], bool seated)
{
    Scene scene;
    Grid grid = {.nx = 100, .ny = 80, .nz = RINGS, .dx = 0.4, .dy = 0.3, .dz = 1, .origin_lps = {-20, -12, 0}};
    Scale scale = {.unit = 1, .fat = fat, .surround = 1, .noise = 0.02};
    double half = (thick_mm + cortex_mm) / 2;
    Ring ring = {.half_core_mm = half_width_mm - half, .radius_mm = half};
    ring.frame.centre_lps = vec3(0, thick_mm - half, 0);
    scene_open(&scene, grid, scale, signal_at, &seated, RINGS, ring);
    assert_int_equal(contacts_measure(contact, &scene.tube, RINGS, &scene.images, NULL), 0);
    scene_close(&scene);
}

static void wings_stand_free_beside_the_seat(void **state)
{
    (void)state;
    Contact contact[RINGS];
    heel_look(contact, true);
    for (int k = 0; k < RINGS; k++) {
        check_near(contact_share(&contact[k], 0), 1, 1e-9);
        check_near(contact_share(&contact[k], 3), 1, 1e-9);
        check_near(contact_share(&contact[k], -9), 0, 1e-9);
        check_near(contact_share(&contact[k], 20), 0, 1e-9); /* beyond the tips as at them */
    }
}

static void without_a_line_before_it_all_is_seat(void **state)
{
    (void)state;
    Contact contact[RINGS];
    heel_look(contact, false);
    for (int k = 0; k < RINGS; k++)
        for (int x = -10; x <= 10; x++) check_near(contact_share(&contact[k], x), 1, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wings_stand_free_beside_the_seat),
        cmocka_unit_test(without_a_line_before_it_all_is_seat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
