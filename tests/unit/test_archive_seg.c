/* SEG: valid for dciodvfy and dcentvfy, read back pixel by pixel by pydicom, in every residue of rows × columns mod 8.
 */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "archive_series.h"

/* An ellipse with a soft edge that moves with the slice; empty on the first and the last slice. */
static void draw(Vol *vol, const Grid *grid)
{
    Grid crop = grid_crop(grid, 2, 1, 0, grid->nx - 3, grid->ny - 3, grid->nz);
    assert_int_equal(vol_alloc(vol, &crop, NULL), TENO_OK);
    for (int k = 1; k < crop.nz - 1; k++)
        for (int j = 0; j < crop.ny; j++)
            for (int i = 0; i < crop.nx; i++) {
                double x = (i - crop.nx * 0.4 - k) / (crop.nx * 0.2), y = (j - crop.ny * 0.5) / (crop.ny * 0.3);
                double fraction = 3 * (1 - hypot(x, y));
                vol->data[grid_index(&crop, i, j, k)] = (float)fmax(0, fmin(1, fraction));
            }
}

static ArchiveSegment segment(const char *label, const Vol *vol)
{
    ArchiveSegment s = {.category = {"91723000", "SCT", "Anatomical Structure"},
                        .type = {"61352006", "SCT", "Achilles tendon"},
                        .region = {"70258002", "SCT", "Ankle joint"},
                        .side = SIDE_LEFT,
                        .rgb = {255, 200, 0},
                        .fraction = vol};
    snprintf(s.label, sizeof s.label, "%s", label);
    snprintf(s.description, sizeof s.description, "%s of the test", label);
    snprintf(s.tracking_id, sizeof s.tracking_id, "%s 1", label);
    uid_from_text(s.tracking_uid, label);
    return s;
}

/* The fractions as raw floats on the whole grid, for check_seg.py to compare with. */
static void save_truth(const char *path, const Vol *vol, const Grid *grid)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) {
                Vec3 p = grid_to_vox(&vol->grid, grid_to_lps(grid, vec3(i, j, k)));
                int ci = (int)lround(p.x), cj = (int)lround(p.y);
                bool inside = ci >= 0 && cj >= 0 && ci < vol->grid.nx && cj < vol->grid.ny;
                float value = inside ? vol->data[grid_index(&vol->grid, ci, cj, k)] : 0;
                assert_int_equal(fwrite(&value, sizeof value, 1, file), 1);
            }
    assert_int_equal(fclose(file), 0);
}

static void check_matrix(int nx, int ny, bool binary)
{
    Series series;
    char folder[256], path[300];
    if (!archive_series_make(&series, folder, nx, ny, 6)) skip();
    Vol vol = {0};
    draw(&vol, &series.grid);
    ArchiveSegment segments[] = {segment("Tendon", &vol), segment("Tear", NULL), segment("Tendinosis", &vol)};
    ArchiveObject object = {.source_path = series.slices[0].path,
                            .series_number = 1001,
                            .series_description = "Teno segmentation",
                            .side = SIDE_LEFT};
    uid_derive(object.sop_instance_uid, "seg %d %d %d", nx, ny, binary);
    uid_derive(object.series_uid, "series %d %d", nx, ny);
    Error error = {0};
    snprintf(path, sizeof path, "%s/seg.dcm", folder);
    int code = archive_write_seg(path, &object, &series, segments, 3, binary, &error);
    if (code) print_error("%s\n", error.message);
    assert_int_equal(code, TENO_OK);

    char truth[300];
    snprintf(truth, sizeof truth, "%s/truth.raw", folder);
    save_truth(truth, &vol, &series.grid);
    assert_int_equal(run_command("/usr/bin/python3 tests/support/check_seg.py %s %s %s", path, truth, folder), 0);
    if (program_exists("dciodvfy"))
        assert_int_equal(run_command("dciodvfy %s >%s/log 2>&1 && ! grep ^Error %s/log", path, folder, folder), 0);
    if (program_exists("dcentvfy"))
        assert_int_equal(
            run_command("dcentvfy %s/*.dcm >%s/log 2>&1 || { cat %s/log; exit 1; }", folder, folder, folder), 0);
    vol_free(&vol);
    archive_series_remove(&series, folder);
}

static void binary_in_all_residues(void **state)
{
    (void)state;
    static const int matrix[][2] = {{40, 32}, {41, 33}, {42, 33}, {43, 33}, {42, 34}, {41, 37}, {41, 38}, {41, 39}};
    for (int residue = 0; residue < 8; residue++) {
        int nx = matrix[residue][0], ny = matrix[residue][1];
        check_matrix(nx, ny, true);
    }
}

static void fractional(void **state)
{
    (void)state;
    check_matrix(40, 32, false);
    check_matrix(41, 33, false);
}

static void same_input_same_bytes(void **state)
{
    (void)state;
    Series series;
    char folder[256], path[300];
    if (!archive_series_make(&series, folder, 24, 20, 4)) skip();
    Vol vol = {0};
    draw(&vol, &series.grid);
    ArchiveSegment tendon = segment("Tendon", &vol);
    ArchiveObject object = {.source_path = series.slices[0].path, .series_number = 1001, .series_description = "Teno"};
    uid_from_text(object.sop_instance_uid, "a");
    uid_from_text(object.series_uid, "b");
    for (int run = 0; run < 2; run++) {
        snprintf(path, sizeof path, "%s/seg%d.dcm", folder, run);
        assert_int_equal(archive_write_seg(path, &object, &series, &tendon, 1, false, NULL), TENO_OK);
        if (run == 0) run_command("sleep 1.1"); /* a time stamp would show */
    }
    assert_int_equal(run_command("cmp %s/seg0.dcm %s/seg1.dcm", folder, folder), 0);
    vol_free(&vol);
    archive_series_remove(&series, folder);
}

static void segment_off_the_grid_is_refused(void **state)
{
    (void)state;
    Series series;
    char folder[256], path[300];
    if (!archive_series_make(&series, folder, 24, 20, 4)) skip();
    Vol vol = {0};
    draw(&vol, &series.grid);
    vol.grid.origin_lps.x += 0.2;
    ArchiveSegment tendon = segment("Tendon", &vol);
    ArchiveObject object = {.source_path = series.slices[0].path, .series_description = "Teno"};
    uid_from_text(object.sop_instance_uid, "a");
    uid_from_text(object.series_uid, "b");
    Error error = {0};
    snprintf(path, sizeof path, "%s/seg.dcm", folder);
    assert_int_equal(archive_write_seg(path, &object, &series, &tendon, 1, false, &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "not on the source series' grid"));
    vol_free(&vol);
    archive_series_remove(&series, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_in_all_residues),
        cmocka_unit_test(fractional),
        cmocka_unit_test(same_input_same_bytes),
        cmocka_unit_test(segment_off_the_grid_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
