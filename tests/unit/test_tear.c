/* The tear engine on scanned tubes whose tears are known in closed form. */
#include "check.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "teno/tear.h"
#include "tube.h"

static void measure(TendonMeasures *m, const Tube *tube)
{
    TubeStudy study;
    Straightened map;
    Error error = {0};
    TearOptions options = {.repeats = 0, .seed = 1};
    tube_scan(&study, tube);
    assert_int_equal(
        tendon_measure(m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, &error), 0);
    straightened_free(&map);
    test_tube_free(&study);
}

static void healthy_has_no_tear(void **state)
{
    (void)state;
    Tube tube = tube_default();
    TendonMeasures m;
    for (int wet = 0; wet < 2; wet++) { /* fluid all around is not a tear either */
        tube.series[0].outside = wet ? 4 : 0.5;
        measure(&m, &tube);
        assert_int_equal(m.n_tears, 0);
        assert_int_equal(m.grade, GRADE_NORMAL);
        assert_true(m.tear_volume_mm3.known);
        measures_free(&m);
    }
}

static void inside_tear_has_its_volume(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    for (int level = 3; level <= 5; level++) { /* the fluid's true level is not ours to choose */
        tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {level}};
        TendonMeasures m;
        double truth = tube_blob_mm3(&tube, 0);
        measure(&m, &tube);
        assert_int_equal(m.n_tears, 1);
        check_near(m.tear_volume_mm3.value, truth, 0.1 * truth);
        check_near(m.tear_length_mm.value, 20, 3);
        check_near(m.tear_max_involvement_percent.value, 30, 6);
        assert_int_equal(m.tears[0].surfaces, SURFACE_INTRASUBSTANCE);
        assert_int_equal(m.grade, GRADE_PARTIAL_LOW);
        assert_string_equal(m.kuwada, "I");
        measures_free(&m);
    }
}

static void complete_tear_has_its_gap(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {20, 20, 10}, true, {4}};
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.grade, GRADE_COMPLETE);
    check_near(m.tear_gap_mm.value, 20, 1.5);
    check_near(m.tear_volume_mm3.value, tube_blob_mm3(&tube, 0), 0.05 * tube_blob_mm3(&tube, 0));
    assert_string_equal(m.kuwada, "II");
    measures_free(&m);
}

/* An outline that is a little too wide leaves a dark rim around a gap, which is no strand that holds. */
static void gap_in_a_wide_outline_is_complete(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {20, 20, 10}, true, {4}};
    tube.boundary_error_mm = 0.25;
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.grade, GRADE_COMPLETE);
    check_near(m.tear_max_involvement_percent.value, 100, 0.1);
    check_near(m.tear_gap_mm.value, 20, 1.5);
    measures_free(&m);
}

static void tendinosis_is_no_tear(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {6, 2.5, 20}, false, {1.38}};
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.n_tears, 0);
    assert_int_equal(m.grade, GRADE_TENDINOSIS);
    check_near(m.tendinosis_volume_mm3.value, tube_blob_mm3(&tube, 0), 0.15 * tube_blob_mm3(&tube, 0));
    measures_free(&m);
}

static void open_tear_names_its_surface(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{2, 3, 40}, {3, 2, 8}, false, {4}};
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.n_tears, 1);
    assert_int_equal(m.tears[0].surfaces, SURFACE_POSTERIOR);
    assert_string_equal(m.tears[0].zone, "mid-portion");
    measures_free(&m);
}

static void without_fluid_series_tears_are_unknown(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.series[0].acquisition = (Acquisition){.tr_ms = 600, .te_ms = 18, .ti_ms = NAN, .flip_deg = 90, .field_t = 3};
    tube.series[0].contrast = CONTRAST_T1;
    tube.series[0].role = ROLE_ANATOMY;
    TendonMeasures m;
    measure(&m, &tube);
    assert_false(m.has_tear_measures);
    assert_false(m.tear_volume_mm3.known);
    assert_true(m.tendon_volume_mm3.known);
    measures_free(&m);
}

static void intervals_repeat_and_hold_the_truth(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4}};
    TendonMeasures m[2];
    for (int i = 0; i < 2; i++) {
        TubeStudy study;
        Straightened map;
        TearOptions options = {.repeats = 24, .seed = 7};
        tube_scan(&study, &tube);
        assert_int_equal(
            tendon_measure(&m[i], &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL),
            0);
        assert_int_equal(map.label[0], 0);
        straightened_free(&map);
        test_tube_free(&study);
    }
    const Quantity *a = &m[0].tear_volume_mm3, *b = &m[1].tear_volume_mm3;
    double truth = tube_blob_mm3(&tube, 0);
    assert_true(a->has_interval && a->low < truth && truth < a->high);
    assert_true(a->high - a->low < 0.6 * truth);
    assert_true(a->low == b->low && a->high == b->high);
    assert_true(m[0].tears[0].length_mm.has_interval && m[0].tendon_volume_mm3.has_interval);
    check_near(m[0].tendon_volume_mm3.value, 3.14159265 * 21 * 80, 10);
    assert_true(m[0].profile[40].area_low_mm2 < 66 && m[0].profile[40].area_high_mm2 > 66);
    measures_free(&m[0]);
    measures_free(&m[1]);
}

static double mean_of(const double *value, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += value[i] / n;
    return sum;
}

/* The same study as both dates of a comparison, with that share of their errors in common: correlation of the repeats
 * of the tendon's volume. */
static double dates_correlation(double common_share)
{
    enum { N = 200 };
    Tube tube = tube_default();
    double drawn[2][N], sum[3] = {0, 0, 0};
    for (int date = 0; date < 2; date++) {
        TubeStudy study;
        Straightened map;
        TendonMeasures m;
        TearOptions options = {.repeats = N, .seed = 7, .date = date + 1, .common_share = common_share};
        tube_scan(&study, &tube);
        assert_int_equal(
            tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
        for (int i = 0; i < N; i++) drawn[date][i] = measures_drawn(&m, offsetof(TendonMeasures, tendon_volume_mm3), i);
        assert_true(isnan(measures_drawn(&m, offsetof(TendonMeasures, tendon_volume_mm3), N)));
        straightened_free(&map);
        test_tube_free(&study);
        measures_free(&m);
    }
    double mean[2] = {mean_of(drawn[0], N), mean_of(drawn[1], N)};
    for (int i = 0; i < N; i++) {
        double a = drawn[0][i] - mean[0], b = drawn[1][i] - mean[1];
        sum[0] += a * a;
        sum[1] += b * b;
        sum[2] += a * b;
    }
    return sum[2] / sqrt(sum[0] * sum[1]);
}

static void dates_draw_what_they_share_alike(void **state)
{
    (void)state;
    check_near(dates_correlation(0), 0, 0.2);
    check_near(dates_correlation(0.65), 0.65, 0.12);
    check_near(dates_correlation(1), 1, 1e-9);
}

/* An error that all sections share does not average out; one of the front alone counts with what faces forwards. */
static void shared_errors_reach_the_volume(void **state)
{
    (void)state;
    Tube tube = tube_default();
    double half[3];
    for (int i = 0; i < 3; i++) {
        TubeStudy study;
        Straightened map;
        TendonMeasures m;
        TearOptions options = {.repeats = 200, .seed = 7};
        tube_scan(&study, &tube);
        for (int k = 0; k < study.segmentation.shape.n_sections; k++) {
            study.segmentation.shape.sections[k].film_mm = i == 1 ? 0.2f : 0;
            study.segmentation.shape.sections[k].heel_sd_mm = i == 2 ? 0.4f : 0;
        }
        assert_int_equal(
            tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
        half[i] = (m.tendon_volume_mm3.high - m.tendon_volume_mm3.value) / 1.96;
        straightened_free(&map);
        test_tube_free(&study);
        measures_free(&m);
    }
    double around = 2 * 3.14159265 * sqrt((49 + 9) / 2.0), wide = 14; /* of the default tube, 7 x 3 mm */
    check_near(sqrt(half[1] * half[1] - half[0] * half[0]), 0.2 * around * 80, 0.15 * 0.2 * around * 80);
    check_near(sqrt(half[2] * half[2] - half[0] * half[0]), 0.4 * wide * 80, 0.15 * 0.4 * wide * 80);
}

/* Put into a healthy tube, a tear of known volume is found with that volume, and the noise stays what it was. */
static void inserted_tear_is_found(void **state)
{
    (void)state;
    Tube tube = tube_default();
    TubeStudy study;
    TendonMeasures before, after;
    Straightened map;
    SyntheticTear tear;
    TearOptions options = {.repeats = 0, .seed = 1};
    tube_scan(&study, &tube);
    const TendonSpec *spec = tendon_find("achilles");
    Channel *channel = &study.prepared.channel[0];
    Vol untouched = {0};
    assert_int_equal(tendon_measure(&before, &map, &study.prepared, &study.segmentation, spec, &options, NULL), 0);
    straightened_free(&map);
    assert_int_equal(vol_copy(&untouched, &channel->vol, NULL), 0);
    assert_true(synthetic_tear_place(&tear, &study.segmentation.shape, &before, 0.5, 10));
    check_near(tear.s_mm, 40, 0.5);
    check_near(synthetic_tear_mm3(&tear), 4.18879 * 3.5 * 1.5 * 10, 2);
    tear_insert(channel, &tear, 5);
    size_t changed = 0, far = 0;
    for (size_t i = 0; i < grid_count(&channel->vol.grid); i++) {
        if (channel->vol.data[i] == untouched.data[i]) continue;
        changed++;
        int k = (int)(i / (size_t)(channel->vol.grid.nx * channel->vol.grid.ny));
        far += fabs(grid_to_lps(&channel->vol.grid, vec3(0, 0, k)).z - 40) > 10 + 3;
    }
    assert_true(changed > 100);
    assert_int_equal(far, 0);
    assert_int_equal(tendon_measure(&after, &map, &study.prepared, &study.segmentation, spec, &options, NULL), 0);
    straightened_free(&map);
    assert_int_equal(after.n_tears, 1);
    check_near(after.tear_volume_mm3.value, synthetic_tear_mm3(&tear), 0.15 * synthetic_tear_mm3(&tear));
    /* With a tear there, the next one must lie apart from it; one longer than what is free fits nowhere. */
    assert_true(synthetic_tear_place(&tear, &study.segmentation.shape, &after, 0.5, 4));
    assert_true(tear.s_mm < 30 - 8 || tear.s_mm > 50 + 8);
    assert_false(synthetic_tear_place(&tear, &study.segmentation.shape, &after, 0.5, 30));
    measures_free(&before);
    measures_free(&after);
    vol_free(&untouched);
    test_tube_free(&study);
}

/* Half of the tube's tear is cut off at the series' ceiling: said, and not taken for its level. */
static void cut_off_signal_is_said(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4}};
    TubeStudy study;
    TendonMeasures m;
    Straightened map;
    TearOptions options = {.repeats = 24, .seed = 1};
    tube_scan(&study, &tube);
    Series *series = &study.study.series[0];
    Vol *vol = &study.prepared.channel[0].vol;
    for (size_t i = 0; i < grid_count(&vol->grid); i++) vol->data[i] = fminf(vol->data[i], 900); /* 3 times muscle */
    assert_int_equal(vol_copy(&series->vol, vol, NULL), 0);
    assert_int_equal(
        tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
    bool said = false;
    for (int i = 0; i < m.warnings.count; i++) said = said || strstr(m.warnings.text[i], "cut off");
    assert_true(said);
    double truth = tube_blob_mm3(&tube, 0);
    assert_true(m.tear_volume_mm3.low < truth && truth < m.tear_volume_mm3.high);
    vol_free(&series->vol);
    straightened_free(&map);
    measures_free(&m);
    test_tube_free(&study);
}

/* A muscle reference four times too bright must not turn a tear into tendinosis. */
static void wrong_muscle_is_doubted(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4}};
    TubeStudy study;
    TendonMeasures m;
    Straightened map;
    TearOptions options = {.repeats = 0, .seed = 1};
    tube_scan(&study, &tube);
    study.prepared.channel[0].references.muscle *= 4;
    assert_int_equal(
        tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
    assert_int_equal(m.n_tears, 1);
    check_near(m.tear_volume_mm3.value, tube_blob_mm3(&tube, 0), 0.15 * tube_blob_mm3(&tube, 0));
    bool said = false;
    for (int i = 0; i < m.warnings.count; i++) said = said || strstr(m.warnings.text[i], "does not fit");
    assert_true(said);
    straightened_free(&map);
    measures_free(&m);
    test_tube_free(&study);
}

/* The same level is believed when several series show it: then the study rather holds no fluid. */
static void agreed_muscle_is_believed(void **state)
{
    (void)state;
    for (int agreed = 0; agreed < 2; agreed++) {
        Tube tube = tube_default();
        TubeStudy study;
        TendonMeasures m;
        Straightened map;
        TearOptions options = {.repeats = 0, .seed = 1};
        tube_scan(&study, &tube);
        study.prepared.channel[0].references.muscle *= 4;
        study.prepared.channel[0].references.muscle_agreed = agreed;
        assert_int_equal(
            tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
        bool said = false;
        for (int i = 0; i < m.warnings.count; i++) said = said || strstr(m.warnings.text[i], "does not fit");
        assert_int_equal(said, !agreed);
        straightened_free(&map);
        measures_free(&m);
        test_tube_free(&study);
    }
}

/* Tendinosis all around does not become part of the tear, nor is the tear measured against normal tendon. */
static void tear_in_tendinosis_has_its_volume(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.n_blobs = 2;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {6.5, 2.8, 25}, false, {1.38}};
    tube.blob[1] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4}};
    TendonMeasures m;
    double truth = tube_blob_mm3(&tube, 1);
    measure(&m, &tube);
    assert_int_equal(m.n_tears, 1);
    check_near(m.tear_volume_mm3.value, truth, 0.12 * truth);
    check_near(m.tear_length_mm.value, 20, 3);
    measures_free(&m);
}

static bool warned(const TendonMeasures *m, const char *words)
{
    for (int i = 0; i < m->warnings.count; i++)
        if (strstr(m->warnings.text[i], words)) return true;
    return false;
}

/* An outline that is too wide takes in fluid around the tendon: a rim, and said to be one. */
static void rim_is_no_tear(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.series[0].outside = 4;
    tube.boundary_error_mm = 0.5;
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.n_tears, 0);
    assert_true(warned(&m, "along the surface and nowhere deeper"));
    measures_free(&m);
}

/* At 55 degrees to the field and on a short echo time: four times as bright as muscle, which the magic angle is not. */
static void tear_at_the_magic_angle_is_flagged(void **state)
{
    (void)state;
    Tube tube = tube_default();
    tube.tilt_rad = 0.96;
    tube.series[0].acquisition.te_ms = 30;
    tube.series[0].voxel_mm = tube.series[0].slice_mm = 0.6;
    tube.series[0].gap_mm = 0;
    tube.n_blobs = 1;
    tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4}};
    TendonMeasures m;
    measure(&m, &tube);
    assert_int_equal(m.n_tears, 1);
    assert_true(m.tears[0].possible_magic_angle);
    assert_true(warned(&m, "counted as a tear all the same"));
    measures_free(&m);
}

/* Two series; the second lies a millimetre and a half beside the outline, or does not show the tear as fluid. */
static void second_series_is_moved_and_heard(void **state)
{
    (void)state;
    for (int what = 0; what < 2; what++) {
        Tube tube = tube_default();
        tube.n_series = 2;
        tube.series[1] = tube.series[0];
        tube.n_blobs = 1;
        tube.blob[0] = (TubeBlob){{0, 0, 40}, {3.5, 1.8, 10}, false, {4, what == 0 ? 4 : 1.4}};
        TubeStudy study;
        TendonMeasures m;
        Straightened map;
        TearOptions options = {.repeats = 0, .seed = 1};
        tube_scan(&study, &tube);
        if (what == 0) study.prepared.channel[1].ref_to_channel.t.y += 1.5;
        assert_int_equal(
            tendon_measure(&m, &map, &study.prepared, &study.segmentation, tendon_find("achilles"), &options, NULL), 0);
        assert_int_equal(m.n_tears, 1);
        assert_int_equal(warned(&m, "series 2: moved by 1."), what == 0);
        assert_int_equal(warned(&m, "the series disagree: series 2"), what == 1);
        double truth = tube_blob_mm3(&tube, 0);
        if (what == 0) check_near(m.tear_volume_mm3.value, truth, 0.12 * truth);
        straightened_free(&map);
        measures_free(&m);
        test_tube_free(&study);
    }
}

/* A series in which fluid is expected as bright as tendinosis: a gap is one distinct level all the same, and a
 * continuum up to that level is none. */
static void valley_tells_what_prediction_cannot(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool torn = i & 1, darker = i & 2;
        Tube tube = tube_default();
        tube.series[0].acquisition.tr_ms = 1250;
        tube.series[0].acquisition.te_ms = darker ? 28 : 36;
        tube.series[0].contrast = CONTRAST_PD;
        tube.series[0].pool = 1.7;
        tube.series[0].gap_mm = 0;
        tube.series[0].slice_mm = 1;
        tube.n_blobs = torn ? 1 : 8;
        for (int b = 0; b < 8; b++) /* from outside inwards ever brighter */
            tube.blob[b] = (TubeBlob){{0, 0, 40}, {6.5 - 0.6 * b, 2.8 - 0.3 * b, 30 - 3 * b}, false, {0.1 + 0.1 * b}};
        if (torn) tube.blob[0] = (TubeBlob){{0, 0, 40}, {20, 20, 10}, true, {0.8}};
        TendonMeasures m;
        measure(&m, &tube);
        assert_int_equal(m.has_tear_measures, torn || !darker);
        if (m.has_tear_measures) assert_int_equal(m.grade, torn ? GRADE_COMPLETE : GRADE_TENDINOSIS);
        if (torn) check_near(m.tear_gap_mm.value, 20, 1.5);
        assert_int_equal(warned(&m, "what fills a tear stands out"), torn);
        measures_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_has_no_tear),
        cmocka_unit_test(inside_tear_has_its_volume),
        cmocka_unit_test(complete_tear_has_its_gap),
        cmocka_unit_test(gap_in_a_wide_outline_is_complete),
        cmocka_unit_test(tendinosis_is_no_tear),
        cmocka_unit_test(open_tear_names_its_surface),
        cmocka_unit_test(without_fluid_series_tears_are_unknown),
        cmocka_unit_test(intervals_repeat_and_hold_the_truth),
        cmocka_unit_test(shared_errors_reach_the_volume),
        cmocka_unit_test(dates_draw_what_they_share_alike),
        cmocka_unit_test(inserted_tear_is_found),
        cmocka_unit_test(cut_off_signal_is_said),
        cmocka_unit_test(wrong_muscle_is_doubted),
        cmocka_unit_test(agreed_muscle_is_believed),
        cmocka_unit_test(tear_in_tendinosis_has_its_volume),
        cmocka_unit_test(second_series_is_moved_and_heard),
        cmocka_unit_test(valley_tells_what_prediction_cannot),
        cmocka_unit_test(rim_is_no_tear),
        cmocka_unit_test(tear_at_the_magic_angle_is_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
