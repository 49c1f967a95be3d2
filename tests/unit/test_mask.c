/* Masks of other programs: read to the voxel, put on the series' grid, and refused where they do not belong. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_series.h"
#include "teno/mask.h"

/* 43 × 33: frames of a binary SEG do not end on a byte. */
enum { NX = 43, NY = 33, NZ = 10 };

typedef struct Place {
    Series series;
    Study study;
    char folder[256], path[300];
} Place;

static bool place_make(Place *place)
{
    *place = (Place){0};
    if (!archive_series_make(&place->series, place->folder, NX, NY, NZ)) return false;
    place->study = (Study){.series = &place->series, .n_series = 1};
    return true;
}

static void make_mask(Place *place, const char *kind)
{
    snprintf(place->path, sizeof place->path, "%s/mask%s", place->folder, strncmp(kind, "nifti", 5) ? "" : ".nii.gz");
    assert_int_equal(
        run_command("/usr/bin/python3 tests/support/make_mask.py %s %s %s 2>%s/log || { cat %s/log; exit 1; }", kind,
                    place->folder, place->path, place->folder, place->folder),
        0);
}

/* The ellipsoid of make_mask.py. */
static bool is_inside(const Grid *grid, Vec3 p_vox)
{
    double a = (p_vox.x - NX * 0.45) / (NX * 0.3), b = (p_vox.y - NY * 0.5) / (NY * 0.25);
    double c = (p_vox.z - (NZ - 1) * 0.5) / (NZ * 0.35);
    (void)grid;
    return a * a + b * b + c * c <= 1;
}

static int envelope_read(Vol *envelope, MaskFile *mask, Place *place, Error *error)
{
    int code = mask_read(mask, place->path, error);
    if (!code)
        code = mask_envelope(envelope, mask, tendon_find("achilles"), SIDE_LEFT, &place->study, &place->series, error);
    return code;
}

/* Every voxel as the ellipsoid says. */
static void check_exact(const char *kind, const char *author)
{
    Place place;
    if (!place_make(&place)) skip();
    make_mask(&place, kind);
    Vol envelope = {0};
    MaskFile mask = {0};
    Error error = {0};
    int code = envelope_read(&envelope, &mask, &place, &error);
    if (code) print_error("%s: %s\n", kind, error.message);
    assert_int_equal(code, TENO_OK);
    int n_wrong = 0, n_inside = 0;
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) {
                bool inside = is_inside(&envelope.grid, vec3(i, j, k));
                double value = (double)envelope.data[grid_index(&envelope.grid, i, j, k)];
                n_wrong += fabs(value - inside) > 1e-3;
                n_inside += inside;
            }
    assert_true(n_inside > 500);
    if (n_wrong) print_error("%s: %d voxels differ\n", kind, n_wrong);
    assert_int_equal(n_wrong, 0);
    assert_non_null(strstr(mask.author, author));
    vol_free(&envelope);
    mask_free(&mask);
    archive_series_remove(&place.series, place.folder);
}

static void masks_on_the_series_grid(void **state)
{
    (void)state;
    check_exact("nifti", "");
    check_exact("nifti-labels", "");
    check_exact("dcmqi", "manual, by Reader1, with dcmqi");
    check_exact("slicer", "3D Slicer");
    check_exact("slicer-bone", "3D Slicer");
    check_exact("slicer-one", "3D Slicer");
    check_exact("fractional", "dcmqi");
    check_exact("labelmap", "manual");
}

static void mask_on_a_finer_grid_keeps_its_volume(void **state)
{
    (void)state;
    Place place;
    if (!place_make(&place)) skip();
    make_mask(&place, "nifti-fine");
    Vol envelope = {0};
    MaskFile mask = {0};
    assert_int_equal(envelope_read(&envelope, &mask, &place, NULL), TENO_OK);
    double sum = 0;
    for (size_t i = 0; i < grid_count(&envelope.grid); i++) sum += (double)envelope.data[i];
    double ellipsoid = 4.0 / 3 * 3.14159265358979 * NX * 0.3 * NY * 0.25 * NZ * 0.35;
    check_near(sum / ellipsoid, 1, 0.01);
    vol_free(&envelope);
    mask_free(&mask);
    archive_series_remove(&place.series, place.folder);
}

static void check_refused(const char *kind, const char *reason, bool both_geometries)
{
    Place place;
    if (!place_make(&place)) skip();
    make_mask(&place, kind);
    Vol envelope = {0};
    MaskFile mask = {0};
    Error error = {0};
    assert_int_equal(envelope_read(&envelope, &mask, &place, &error), TENO_FAILED);
    if (!strstr(error.message, reason)) print_error("%s: %s\n", kind, error.message);
    assert_non_null(strstr(error.message, reason));
    assert_int_equal(strstr(error.message, "the mask has 43 x 33 x 10") &&
                         strstr(error.message, "the series has 43 x 33 x 10"),
                     both_geometries);
    mask_free(&mask);
    archive_series_remove(&place.series, place.folder);
}

static void segments_that_say_nothing_are_refused(void **state)
{
    (void)state;
    check_refused("slicer-two", "2 segments ('Segment_1', 'Segment_2') and none is called tendon", false);
}

static void wrong_places_are_refused(void **state)
{
    (void)state;
    check_refused("nifti-shift", "outside the series", true);
    check_refused("nifti-none", "neither qform nor sform", false);
    check_refused("frame", "frame of reference", true);
}

/* Shifted by less than its size: only the matrix tells that it was drawn on another examination. */
static void same_matrix_elsewhere_is_refused(void **state)
{
    (void)state;
    Place place;
    if (!place_make(&place)) skip();
    make_mask(&place, "nifti");
    place.series.grid.origin_lps.y += 2;
    Vol envelope = {0};
    MaskFile mask = {0};
    Error error = {0};
    assert_int_equal(envelope_read(&envelope, &mask, &place, &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "matrix of a series but lies elsewhere"));
    mask_free(&mask);
    archive_series_remove(&place.series, place.folder);
}

static void other_sides_and_tendons_are_left_out(void **state)
{
    (void)state;
    Place place;
    if (!place_make(&place)) skip();
    make_mask(&place, "dcmqi");
    Vol envelope = {0}, tear = {0};
    MaskFile mask = {0};
    Error error = {0};
    assert_int_equal(mask_read(&mask, place.path, NULL), TENO_OK);
    assert_int_equal(mask.n_segments, 2);
    assert_int_equal(mask.segments[0].side, SIDE_LEFT);
    assert_string_equal(mask.segments[0].tendon, "achilles");
    assert_int_equal(mask.segments[1].kind, MASK_TEAR);
    assert_int_equal(
        mask_envelope(&envelope, &mask, tendon_find("achilles"), SIDE_RIGHT, &place.study, &place.series, &error),
        TENO_FAILED);
    assert_non_null(strstr(error.message, "no segment of the Achilles tendon, right"));
    assert_int_equal(mask_envelope(&envelope, &mask, tendon_find("fhl"), SIDE_LEFT, &place.study, &place.series, NULL),
                     TENO_FAILED);
    assert_int_equal(mask_tear(&tear, &mask, tendon_find("achilles"), SIDE_LEFT, &place.series, NULL), TENO_OK);
    assert_non_null(tear.data);
    vol_free(&tear);
    mask_free(&mask);
    archive_series_remove(&place.series, place.folder);
}

static void a_file_cut_off_is_an_error(void **state)
{
    (void)state;
    static const char *const kinds[] = {"nifti", "dcmqi", "labelmap"};
    for (int i = 0; i < 3; i++) {
        Place place;
        if (!place_make(&place)) skip();
        make_mask(&place, kinds[i]);
        assert_int_equal(run_command("truncate -s -400 %s", place.path), 0);
        MaskFile mask = {0};
        Error error = {0};
        assert_int_equal(mask_read(&mask, place.path, &error), TENO_FAILED);
        assert_non_null(strstr(error.message, place.path));
        archive_series_remove(&place.series, place.folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_on_the_series_grid),
        cmocka_unit_test(mask_on_a_finer_grid_keeps_its_volume),
        cmocka_unit_test(segments_that_say_nothing_are_refused),
        cmocka_unit_test(wrong_places_are_refused),
        cmocka_unit_test(same_matrix_elsewhere_is_refused),
        cmocka_unit_test(other_sides_and_tendons_are_left_out),
        cmocka_unit_test(a_file_cut_off_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
