/* The digital ankle: its signals, its geometry, and that truth, masks and spec agree with each other. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "phantom/study.h"
#include "phantom/truth.h"

/* clinical.md §5.4, 3 T, relative to muscle; tissue rows of the phantom differ where ankles do (marrow, fat of a TSE).
 */
static void test_signals(void **state)
{
    (void)state;
    TissueSet set;
    tissue_set(&set, 3, 0, 1);
    Sequence t2_fs = {.tr_ms = 4000, .te_ms = 55, .flip_deg = 90, .fat_suppressed = true};
    SignalTable table;
    signal_table(&table, &set, &t2_fs);
    double muscle = table.water[TISSUE_MUSCLE];
    check_near(table.water[TISSUE_TENDINOSIS] / muscle, 1.38, 0.1);
    check_near(table.water[TISSUE_FLUID] / muscle, 4.06, 0.4);
    assert_true(table.tendon[ANGLE_BINS] / muscle < 0.05); /* parallel to the field */
    Sequence pd = {.tr_ms = 2500, .te_ms = 30, .flip_deg = 90};
    signal_table(&table, &set, &pd);
    muscle = table.water[TISSUE_MUSCLE];
    int magic = (int)lround(ANGLE_BINS * cos(0.955) * cos(0.955));
    check_near(table.tendon[magic] / muscle, 0.27, 0.06);
    assert_true(table.tendon[magic] > 3 * table.tendon[ANGLE_BINS]);
    Sequence stir = {.tr_ms = 4000, .te_ms = 25, .ti_ms = 150, .flip_deg = 90};
    signal_table(&table, &set, &stir);
    check_near(table.water[TISSUE_FLUID] / table.water[TISSUE_MUSCLE], 1.88, 0.15);
}

typedef struct Made {
    PhantomSpec spec;
    Scene scene;
    Truth truth;
} Made;

static Made *make(const char *name)
{
    Error error = {0};
    Made *made = calloc(1, sizeof *made);
    assert_non_null(made);
    assert_int_equal(phantom_case(&made->spec, name, &error), TENO_OK);
    assert_int_equal(ankle_scene(&made->scene, &made->spec.visits[0].ankle, &error), TENO_OK);
    assert_int_equal(truth_compute(&made->truth, &made->scene.achilles, &error), TENO_OK);
    return made;
}

static void unmake(Made *made)
{
    truth_free(&made->truth);
    scene_free(&made->scene);
    free(made);
}

static double volume_between(const Truth *t, double low, double high)
{
    double sum = 0;
    for (int i = 0; i < t->n_rows; i++)
        if (t->rows[i].s_mm >= low && t->rows[i].s_mm <= high) sum += t->rows[i].area_mm2 / TRUTH_STEPS;
    return sum;
}

/* Masks are sampled point by point in space, areas along the tendon: both must hold the same volume. */
static void test_masks_hold_the_truth(void **state)
{
    (void)state;
    Made *made = make("complete-fluid");
    Placement placement = scan_placement(&made->spec.visits[0], made->spec.side, 0);
    Vec3 middle = placement_apply(&placement, made->scene.achilles.centre[60]);
    Grid grid = {.nx = 120,
                 .ny = 120,
                 .nz = 60,
                 .dx = 0.5,
                 .dy = 0.5,
                 .dz = 4,
                 .axis_x = {1, 0, 0},
                 .axis_y = {0, 1, 0},
                 .axis_z = {0, 0, 1}};
    grid.origin_lps = vec3_sub(middle, (Vec3){30, 30, 80});
    Vol envelope = {0}, tear = {0};
    Error error = {0};
    assert_int_equal(truth_masks(&envelope, &tear, &made->truth, &placement, &grid, &error), TENO_OK);
    double volume = 0, torn = 0, all = 0, all_torn = 0;
    for (size_t i = 0; i < grid_count(&grid); i++) {
        volume += (double)envelope.data[i];
        torn += (double)tear.data[i];
        assert_true(tear.data[i] <= envelope.data[i]);
    }
    for (int i = 0; i < made->truth.n_rows; i++) {
        all += made->truth.rows[i].area_mm2 / TRUTH_STEPS;
        all_torn += made->truth.rows[i].torn_all_mm2 / TRUTH_STEPS;
    }
    check_near(volume * grid_voxel_mm3(&grid) / all, 1, 0.02);
    check_near(torn * grid_voxel_mm3(&grid) / all_torn, 1, 0.02);
    vol_free(&envelope);
    vol_free(&tear);
    unmake(made);
}

static void test_tear_is_as_large_as_asked(void **state)
{
    (void)state;
    Made *made = make("partial-anterior"); /* 40 % of the section at 45 mm, 24 mm long */
    double largest = 0, distal = 1e9, proximal = -1e9;
    for (int i = 0; i < made->truth.n_rows; i++) {
        const TruthRow *row = &made->truth.rows[i];
        largest = fmax(largest, row->torn_all_mm2 / row->area_mm2);
        if (row->torn_all_mm2 <= 0) continue;
        distal = fmin(distal, row->s_mm);
        proximal = fmax(proximal, row->s_mm);
    }
    check_near(largest, 0.4, 0.08); /* the wall is rough */
    check_near(proximal - distal, 24, 1.5);
    check_near((proximal + distal) / 2, 45, 1);
    unmake(made);
}

/* s = 0 is where the tendon first touches the bone: nothing touches above, something does below. */
static void test_origin_is_the_first_contact(void **state)
{
    (void)state;
    Made *made = make("healthy");
    const Achilles *a = &made->scene.achilles;
    const Solid *bone = NULL;
    for (int i = 0; i < made->scene.n_solids && !bone; i++)
        if (made->scene.solids[i].tissue == TISSUE_CORTEX && made->scene.solids[i].cut) bone = &made->scene.solids[i];
    assert_non_null(bone);
    for (double s = -3; s <= 3; s += 3) {
        int k = (int)lround(s + a->contact_m - a->first_m);
        double nearest = 1e9;
        for (int j = 0; j < ACHILLES_ANGLES; j++) {
            double angle = 2 * 3.14159265358979 * j / ACHILLES_ANGLES, r = (double)a->radius[k][j];
            Vec3 p =
                vec3_along(vec3_along(a->centre[k], a->u[k], r * cos(angle)), a->v[k], r * sin(angle) / a->stretch[k]);
            nearest = fmin(nearest, solid_distance(bone, p));
        }
        if (s < 0) assert_true(nearest < 0.1);
        if (s > 0) assert_true(nearest > 0.1);
    }
    unmake(made);
}

/* Bending the ankle moves the tendon, it does not change it. */
static void test_flexion_keeps_the_tendon(void **state)
{
    (void)state;
    Made *made = make("healthy");
    double before = volume_between(&made->truth, 0, 60);
    truth_free(&made->truth);
    scene_free(&made->scene);
    Error error = {0};
    made->spec.visits[0].ankle.flexion_deg += 20;
    assert_int_equal(ankle_scene(&made->scene, &made->spec.visits[0].ankle, &error), TENO_OK);
    assert_int_equal(truth_compute(&made->truth, &made->scene.achilles, &error), TENO_OK);
    check_near(volume_between(&made->truth, 0, 60) / before, 1, 0.02);
    unmake(made);
}

static void test_unknown_case_is_refused(void **state)
{
    (void)state;
    Error error = {0};
    PhantomSpec *spec = calloc(1, sizeof *spec);
    assert_int_equal(phantom_case(spec, "study:12x", &error), TENO_USAGE);
    assert_non_null(strstr(error.message, "study:12x"));
    free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_masks_hold_the_truth),
        cmocka_unit_test(test_tear_is_as_large_as_asked),
        cmocka_unit_test(test_origin_is_the_first_contact),
        cmocka_unit_test(test_flexion_keeps_the_tendon),
        cmocka_unit_test(test_unknown_case_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
