/* The insertion from a synthetic wedge, and the path across a gap: what the finder must bridge and where it must stop.
 */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "segment/insertion.h"
#include "segment/path.h"
#include "teno/memory.h"
#include "teno/random.h"

enum { RINGS = 90, TIP = 30, NOWHERE = RINGS };
#define EDGE_MM 3.0

/* Tendon up to 3 mm, fat beyond; from ring `tip` on a cortex 1.2 mm thick leaves the edge at 40 degrees. */
static void wedge_fill(Fronts *f, int tip, double noise)
{
    size_t lines = RINGS * FRONT_LINES;
    *f = (Fronts){RINGS, array_alloc(lines * FRONT_DEPTH, sizeof(float), NULL),
                  array_alloc(lines * FRONT_DEPTH, sizeof(float), NULL), array_alloc(lines, sizeof(double), NULL)};
    assert_non_null(f->shade);
    assert_non_null(f->muscle);
    assert_non_null(f->edge_mm);
    for (size_t at = 0; at < lines; at++) {
        double ring = (double)(at / FRONT_LINES);
        f->edge_mm[at] = EDGE_MM;
        for (int i = 0; i < FRONT_DEPTH; i++) {
            double d = i * FRONT_SAMPLE_MM, across = (d - EDGE_MM) * cos(0.7) - (ring - tip) * sin(0.7);
            double cortex = ring >= tip ? exp(-0.5 * across * across / 0.49) : 0;
            double tendon = 1 / (1 + exp((d - EDGE_MM) / 0.25));
            f->shade[at * FRONT_DEPTH + (size_t)i] =
                (float)(fmax(tendon, cortex) + noise * random_normal(7, at * FRONT_DEPTH + (size_t)i));
        }
    }
}

static void insertion_is_where_the_cortex_meets_the_tendon(void **state)
{
    (void)state;
    Fronts fronts;
    Insertion found;
    wedge_fill(&fronts, TIP, 0.25);
    assert_int_equal(insertion_find(&found, &fronts, NULL), TENO_OK);
    assert_true(found.found);
    check_near(found.ring, TIP, 2);
    assert_true(found.confidence > 0.6);
    check_near(found.cortex_mm, 1.75, 0.4); /* the integral of a Gaussian of 0.7 mm */
    fronts_free(&fronts);
}

/* A line between muscles may leave the tendon like a cortex; but the tendon goes on below it. */
static void a_band_that_goes_on_has_not_inserted(void **state)
{
    (void)state;
    enum { HIGH = 50, GONE = HIGH - 24 };
    for (int ends = 0; ends < 2; ends++) {
        Fronts fronts;
        Insertion found;
        wedge_fill(&fronts, HIGH, 0.25);
        for (int at = 0; ends && at < GONE * FRONT_LINES; at++) fronts.edge_mm[at] = 0.2 * EDGE_MM;
        assert_int_equal(insertion_find(&found, &fronts, NULL), TENO_OK);
        if (ends) check_near(found.ring, HIGH, 3);
        assert_true(ends ? found.confidence > 0.6 : !found.found || found.confidence < 0.15);
        fronts_free(&fronts);
    }
}

static void noise_is_no_insertion(void **state)
{
    (void)state;
    Fronts fronts;
    Insertion found;
    wedge_fill(&fronts, NOWHERE, 0.25);
    assert_int_equal(insertion_find(&found, &fronts, NULL), TENO_OK);
    assert_true(found.confidence < 0.15);
    fronts_free(&fronts);
}

/* What a layer from `from` to `to` covers of a point blurred over a millimetre. */
static double dark(double d, double from, double to)
{
    return fmax(fmin(d + 0.5, to) - fmax(d - 0.5, from), 0);
}

/* Tendon up to 3 mm; from ring TIP on fat that opens by 0.15 mm a ring; cortex 1.2 mm thick; marrow. Six rings pass
 * before the fat is as thick as the blur. */
static void contact_is_found_below_the_resolution(void **state)
{
    (void)state;
    Fronts f;
    WedgePlace place = {.first = TIP - WEDGE_BELOW};
    wedge_fill(&f, NOWHERE, 0);
    for (size_t at = 0; at < RINGS * FRONT_LINES; at++) {
        double open = fmax((double)(at / FRONT_LINES) - TIP, 0) * 0.15, far = EDGE_MM + open;
        f.edge_mm[at] = open < 0.6 ? far + 1.2 : EDGE_MM; /* the outline runs across what is not resolved */
        for (int i = 0; i < FRONT_DEPTH; i++) {
            double d = i * FRONT_SAMPLE_MM;
            f.shade[at * FRONT_DEPTH + (size_t)i] = (float)(dark(d, -9, EDGE_MM) + dark(d, far, far + 1.2) +
                                                            0.1 * random_normal(7, at * FRONT_DEPTH + (size_t)i));
        }
    }
    for (int i = 0; i < WEDGE_RINGS; i++)
        for (int line = 0; line < FRONT_LINES; line++) {
            place.edge_mm[i][line] = EDGE_MM;
            place.cortex_at_mm[i][line] = EDGE_MM + 0.6 + 0.15 * fmax(i - WEDGE_BELOW, 0);
        }
    Wedge wedge = wedge_measure(&f, &place, 1.2);
    check_near(wedge.contact_ring, TIP + 2, 1.2); /* 0.3 mm are taken for closed */
    for (int line = 0; line < FRONT_LINES; line++) {
        check_near(wedge.bone_mm[2][line], 1.2, 0.3);
        check_near(wedge.bone_mm[WEDGE_BELOW + 9][line], 0, 0.3);
    }
    fronts_free(&f);
}

enum { SIDE = 20, LEVELS = 60 };

/* A straight band on x = 10 with a gap of `gap` levels, and beside its upper part a rival on x = 3. */
static int path_length(int gap, Path *path)
{
    Grid g = {.nx = SIDE, .ny = SIDE, .nz = LEVELS, .dx = 1, .dy = 1, .dz = 2};
    Bands bands = {array_alloc(SIDE * SIDE * LEVELS, sizeof(float), NULL)};
    assert_non_null(bands.score);
    for (int k = 0; k < LEVELS; k++)
        for (int i = 0; i < SIDE * SIDE; i++) {
            bool band = i == 10 * SIDE + 10 && abs(k - 30) >= gap / 2, rival = i == 10 * SIDE + 3 && k > 46;
            bands.score[k * SIDE * SIDE + i] = band || rival ? 0.3F : -0.05F;
        }
    assert_int_equal(path_best(path, &bands, &g, NULL, NULL), TENO_OK);
    bands_free(&bands);
    return path->n;
}

static void path_bridges_a_rupture(void **state)
{
    (void)state;
    Path path;
    assert_int_equal(path_length(30, &path), LEVELS); /* 60 mm */
    for (int i = 0; i < path.n; i++) assert_int_equal(path.node[i], 10 * SIDE + 10);
    path_free(&path);
}

static void path_is_closed_to_the_second_best(void **state)
{
    (void)state;
    Path path;
    Grid g = {.nx = SIDE, .ny = SIDE, .nz = LEVELS, .dx = 1, .dy = 1, .dz = 2};
    path_length(0, &path);
    unsigned char *closed = array_alloc(SIDE * SIDE * LEVELS, 1, NULL);
    assert_non_null(closed);
    path_close(closed, &path, &g, 4);
    assert_true(closed[grid_index(&g, 12, 10, 5)]);
    assert_false(closed[grid_index(&g, 3, 10, 50)]);
    free(closed);
    path_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(insertion_is_where_the_cortex_meets_the_tendon),
        cmocka_unit_test(a_band_that_goes_on_has_not_inserted),
        cmocka_unit_test(noise_is_no_insertion),
        cmocka_unit_test(contact_is_found_below_the_resolution),
        cmocka_unit_test(path_bridges_a_rupture),
        cmocka_unit_test(path_is_closed_to_the_second_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
