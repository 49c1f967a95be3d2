/* The paratenon: a film on an edge that two contrasts place differently; and the ellipse that a ring expects. */
#include <math.h>

#include "check.h"
#include "segment/film.h"
#include "segment/tube.h"

/* Votes of a film that is `more_mm` thicker than assumed, as a bright and a dark surrounding see it. */
static void hear(FilmEvidence *evidence, double more_mm, double pull_bright, double pull_dark)
{
    for (int i = 0; i < 20000; i++) {
        EdgeVote vote[2] = {{.variance_mm2 = 0.01, .film_pull = pull_bright},
                            {.variance_mm2 = 0.01, .film_pull = pull_dark}};
        for (int c = 0; c < 2; c++) vote[c].shift_mm = 0.1 + more_mm * vote[c].film_pull;
        film_hear(evidence, vote, 2);
    }
}

static void two_contrasts_tell_the_film(void **state)
{
    (void)state;
    FilmEvidence evidence = {0};
    hear(&evidence, 0.25, 0.5, -1.5);
    check_near(film_decide(&evidence, 0.2), 0.45, 0.02);
}

static void one_contrast_leaves_the_usual_film(void **state)
{
    (void)state;
    FilmEvidence evidence = {0};
    hear(&evidence, 0.25, 0.5, 0.5);
    check_near(film_decide(&evidence, 0.5), FILM_USUAL_MM, 0.01);
}

static void film_stays_within_its_bounds(void **state)
{
    (void)state;
    FilmEvidence thick = {0}, thin = {0};
    hear(&thick, 1.2, 0.5, -1.5);
    hear(&thin, -1.2, 0.5, -1.5);
    check_near(film_decide(&thick, 0.2), FILM_MAX_MM, 1e-9);
    check_near(film_decide(&thin, 0.2), 0, 1e-9);
}

static void rays_meet_the_ellipse(void **state)
{
    (void)state;
    const Ring ring = {.half_core_mm = 6, .radius_mm = 2, .angle_rad = 0.4};
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(&ring, i);
        double r = ring_expected_mm(&ring, i), u = ray.u + r * ray.du, v = ray.v + r * ray.dv;
        double x = u * cos(0.4) + v * sin(0.4), y = v * cos(0.4) - u * sin(0.4);
        check_near(x * x / 64 + y * y / 4, 1, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_contrasts_tell_the_film),
        cmocka_unit_test(one_contrast_leaves_the_usual_film),
        cmocka_unit_test(film_stays_within_its_bounds),
        cmocka_unit_test(rays_meet_the_ellipse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
