/* The paratenon: a film on an edge that two contrasts place differently, thin or of fluid; and the ellipse that a ring
 * expects. */
#include <math.h>

#include "check.h"
#include "segment/film.h"
#include "segment/film_seek.h"
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
    hear(&thick, 1.5, 0.5, -1.5);
    hear(&thin, -1.2, 0.5, -1.5);
    check_near(film_decide(&thick, 0.2), FILM_MAX_MM, 1e-9);
    check_near(film_decide(&thin, 0.2), 0, 1e-9);
}

static void doubt_about_the_film_is_what_the_image_leaves(void **state)
{
    (void)state;
    FilmEvidence none = {0}, two = {0};
    hear(&two, 0, 0.5, -1.5);
    check_near(film_sd_mm(&none, FILM_USUAL_MM, 0.4), 0.21, 0.01); /* what people differ by */
    double thin = film_sd_mm(&two, FILM_USUAL_MM, 0.4);
    assert_true(thin < 0.1 && thin > 0.04); /* never better than a tenth of a voxel */
    assert_true(film_sd_mm(&two, 1.0, 0.4) > 0.2);
    assert_true(film_sd_mm(&two, FILM_USUAL_MM, 0.8) > thin);
}

/* Length of [x - half, x + half] that lies in [from, to], as a share of it. */
static double overlap(double x, double half, double from, double to)
{
    return fmax(fmin(x + half, to) - fmax(x - half, from), 0) / (2 * half);
}

/* A plane edge at x = 0 under a film, in two series, where the boundary is believed to lie at `believed_mm`: the film
 * found, and by how much its patches are to be shifted on the average. */
static double seek(double film_mm, double film_level[2], double believed_mm, double *shift_mm)
{
    enum { VIEWS = 2, PATCHES = 4, N = 48 };
    const double pixel = 0.5, fat[VIEWS] = {2, 0.3};
    Grid grid = {.nx = N, .ny = 8, .nz = 8, .dx = pixel, .dy = pixel, .dz = pixel};
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    grid.origin_lps = vec3(-N / 2 * pixel, 0, 0);
    Channel channel[VIEWS] = {0};
    Scale scale[VIEWS] = {0};
    EdgeView view[VIEWS];
    static FilmMisfit misfit[PATCHES * VIEWS];
    for (int i = 0; i < PATCHES * VIEWS; i++) misfit[i] = (FilmMisfit){0};
    for (int c = 0; c < VIEWS; c++) {
        scale[c] = (Scale){.unit = 1, .fat = fat[c], .film = 1, .fluid = c ? 2.2 : 0.9, .noise = 0.05};
        view[c] = (EdgeView){.channel = &channel[c], .scale = &scale[c], .map = rigid_identity()};
        assert_int_equal(vol_alloc(&channel[c].vol, &grid, NULL), 0);
        assert_int_equal(vol_alloc(&view[c].fraction, &grid, NULL), 0);
        for (int i = 0; i < N * 64; i++) {
            double x = grid.origin_lps.x + i % N * pixel, half = pixel / 2;
            channel[c].vol.data[i] =
                (float)(film_level[c] * overlap(x, half, 0, film_mm) + fat[c] * overlap(x, half, film_mm, 100));
            view[c].fraction.data[i] = (float)overlap(x, half, -100, believed_mm);
        }
        for (int i = 0; i < 40 * PATCHES; i++)
            film_seek_hear(&misfit[i % PATCHES * VIEWS + c], &view[c], vec3(believed_mm, 1 + 0.01 * i, 1.5),
                           vec3(1, 0, 0), 5);
    }
    FilmGuess guess = {.shift_mm = (double[PATCHES]){0}};
    assert_int_equal(film_seek_best(&guess, view, VIEWS, misfit, PATCHES, NULL), 0);
    *shift_mm = 0;
    for (int p = 0; p < PATCHES; p++) *shift_mm += guess.shift_mm[p] / PATCHES;
    for (int c = 0; c < VIEWS; c++) {
        check_near(view[c].film, film_level[c], 0.25 * film_level[c]);
        vol_free(&channel[c].vol);
        vol_free(&view[c].fraction);
    }
    return guess.film_mm;
}

static void fluid_around_a_tendon_is_no_tendon(void **state)
{
    (void)state;
    double fluid[2] = {0.9, 2.2}, shift_mm;
    check_near(seek(1.0, fluid, 1.0, &shift_mm), 1.0, 0.13); /* the outer edge was taken for the tendon's */
    check_near(shift_mm, -1.0, 0.13);
    check_near(seek(0.75, fluid, 0.25, &shift_mm), 0.75, 0.13);
    check_near(shift_mm, -0.25, 0.13);
}

static void a_usual_film_is_not_taken_for_fluid(void **state)
{
    (void)state;
    double areolar[2] = {1, 1}, shift_mm;
    check_near(seek(0.25, areolar, 0.5, &shift_mm), 0.25, 0.13);
    check_near(shift_mm, -0.5, 0.13);
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
        cmocka_unit_test(doubt_about_the_film_is_what_the_image_leaves),
        cmocka_unit_test(film_stays_within_its_bounds),
        cmocka_unit_test(fluid_around_a_tendon_is_no_tendon),
        cmocka_unit_test(a_usual_film_is_not_taken_for_fluid),
        cmocka_unit_test(rays_meet_the_ellipse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
