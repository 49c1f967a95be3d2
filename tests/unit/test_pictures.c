/* Pictures: contours are where they must be, every slice gets its file, bytes do not depend on threads.
 * TENO_TEST_KEEP names a folder where the pictures stay, to be looked at. */
#include "check.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/contour.h"
#include "output/plot.h"
#include "output/view.h"
#include "sample.h"
#include "teno/output.h"

static double contour_area(const Contour *c, int path)
{
    double twice = 0;
    for (int i = c->start[path], j = c->start[path + 1] - 1; i < c->start[path + 1]; j = i++)
        twice += (double)c->x[j] * (double)c->y[i] - (double)c->x[i] * (double)c->y[j];
    return fabs(twice) / 2;
}

static void test_contour_of_a_disc(void **state)
{
    (void)state;
    enum { N = 64 };
    static float image[N * N];
    Error error = {0};
    Contour contour;
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) image[j * N + i] = (float)fmin(1, fmax(0, (22 - hypot(i - 31.0, j - 33.0)) / 4));
    assert_int_equal(contour_find(&contour, image, N, N, 0.5f, &error), TENO_OK);
    assert_int_equal(contour.n_paths, 1);
    check_near(contour_area(&contour, 0), 3.14159 * 400, 4);
    for (int i = 0; i < contour.start[1]; i++)
        check_near(hypot((double)contour.x[i] - 31, (double)contour.y[i] - 33), 20, 0.05);
    contour_free(&contour);
}

static void test_contour_closes_at_the_border(void **state)
{
    (void)state;
    const float image[] = {1, 1, 0, 1, 1, 0, 0, 0, 1};
    Error error = {0};
    Contour contour;
    assert_int_equal(contour_find(&contour, image, 3, 3, 0.5f, &error), TENO_OK);
    /* the block of four and the corner pixel meet at a saddle whose mean is 0.5: joined */
    assert_int_equal(contour.n_paths, 1);
    contour_free(&contour);
    assert_int_equal(contour_find(&contour, image, 3, 3, 0.6f, &error), TENO_OK);
    assert_int_equal(contour.n_paths, 2);
    contour_free(&contour);
}

static void test_resize_keeps_lines(void **state)
{
    (void)state;
    float ramp[8 * 2];
    Error error = {0};
    for (int i = 0; i < 16; i++) ramp[i] = (float)(i % 8);
    Tile tile = {8, 2, ramp}, wide;
    assert_int_equal(tile_resize(&wide, &tile, 32, 4, &error), TENO_OK);
    for (int i = 8; i < 24; i++) check_near((double)wide.data[32 + i], (i + 0.5) / 4 - 0.5, 1e-5);
    tile_free(&wide);
}

static void test_letters(void **state)
{
    (void)state;
    char letters[3];
    direction_letters(letters, vec3(1, 0.1, 0));
    assert_string_equal(letters, "L");
    direction_letters(letters, vec3(0, -1, -0.6));
    assert_string_equal(letters, "AI");
}

static void test_plot_steps_are_round(void **state)
{
    (void)state;
    check_near(plot_step(97, 10), 10, 1e-12);
    check_near(plot_step(0.9, 5), 0.2, 1e-12);
}

static void write_to(const Analysis *analysis, const char *out, int threads)
{
    Error error = {0};
    int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    assert_int_equal(analysis_write(analysis, out, "png", &error), TENO_OK);
    omp_set_num_threads(before);
}

static void test_pictures_are_the_same_at_any_thread_count(void **state)
{
    (void)state;
    Sample sample;
    char base[] = "/tmp/teno-test-XXXXXX", out[2][128], command[512];
    assert_non_null(mkdtemp(base));
    sample_make(&sample, "AX T1", 3);
    for (int i = 0; i < 2; i++) {
        snprintf(out[i], sizeof out[i], "%s/%d", base, i);
        write_to(&sample.analysis, out[i], 1 + 2 * i);
    }
    snprintf(command, sizeof command, "diff -r %s %s", out[0], out[1]);
    assert_int_equal(system(command), 0);
    /* sections from z = 20 to 90 mm, slices from 10 mm every 3.5: slices 4 to 24, counted from 1 */
    snprintf(
        command, sizeof command,
        "cd %s/overlays && test $(ls achilles_0*.png | wc -l) = 21 && test -s achilles_004.png -a -s achilles_024.png "
        "-a -s achilles_montage.png -a -s achilles_profile.png -a -s achilles_straightened.png",
        out[0]);
    assert_int_equal(system(command), 0);
    const char *keep = getenv("TENO_TEST_KEEP");
    snprintf(command, sizeof command, "cp -r %s %s", out[0], keep ? keep : "/dev/null");
    if (keep) assert_int_equal(system(command), 0);
    sample_free(&sample);
    snprintf(command, sizeof command, "rm -r %s", base);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contour_of_a_disc),    cmocka_unit_test(test_contour_closes_at_the_border),
        cmocka_unit_test(test_resize_keeps_lines),   cmocka_unit_test(test_letters),
        cmocka_unit_test(test_plot_steps_are_round), cmocka_unit_test(test_pictures_are_the_same_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
