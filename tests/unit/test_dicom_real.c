/* The real data beside the project: the knee's eight echoes, and one image in nine transfer syntaxes. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "teno/series.h"

static void knee_has_eight_volumes(void **state)
{
    (void)state;
    const char *folder = shared_data("knee-mese");
    if (!folder) skip();
    Scan scan;
    Error error = {0};
    if (scan_inputs(&scan, &folder, 1, &error)) {
        if (scan.n_skipped) print_error("%s\n", scan.skipped[0].reason);
        fail_msg("%s", error.message);
    }
    assert_int_equal(scan.n_studies, 1);
    assert_int_equal(scan.n_files, 192);
    Study *study = &scan.studies[0];
    assert_int_equal(study->n_series, 8);
    for (int e = 0; e < 8; e++) {
        Series *s = &study->series[e];
        assert_true(s->usable);
        assert_int_equal(s->echo_number, e + 1);
        assert_int_equal(s->grid.nz, 24);
        assert_int_equal(s->plane, PLANE_SAGITTAL);
        check_near(s->grid.dx, 0.625, 1e-9);
        check_near(s->grid.dz, 4, 1e-3);
        check_near(s->acquisition.te_ms, 6.312 * (e + 1), 0.01);
    }
    assert_int_equal(study_assign_roles(study, NULL, 0, &error), TENO_OK);
    assert_int_equal(study->series[1].role, ROLE_ANATOMY);
    assert_int_equal(study->series[7].role, ROLE_FLUID);
    assert_int_equal(series_load(&study->series[0], &error), TENO_OK);
    double sum = 0;
    for (size_t i = 0; i < grid_count(&study->series[0].grid); i++) sum += (double)study->series[0].vol.data[i];
    check_near(sum, 1974895277.0, 0.5);
    scan_free(&scan);
}

static void syntaxes_give_identical_pixels(void **state)
{
    (void)state;
    const char *folder = shared_data("transfer-syntaxes");
    if (!folder) skip();
    float *wanted = NULL;
    for (int i = 1; i <= 9; i++) {
        char path[4200];
        DicomFile file;
        Error error = {0};
        snprintf(path, sizeof path, "%s/%d.dcm", folder, i);
        float *values = frame_of_file(path, 0, &file, &error);
        if (!values) fail_msg("%s", error.message);
        assert_int_equal(file.frames[0].pixels.rows, 384);
        if (wanted)
            assert_memory_equal(values, wanted, 384 * 384 * sizeof *values);
        else
            wanted = values;
        if (values != wanted) free(values);
        dicom_file_free(&file);
    }
    double sum = 0;
    for (int i = 0; i < 384 * 384; i++) sum += (double)wanted[i];
    check_near(sum, 38036663.0, 0.5); /* by pydicom, of the uncompressed file */
    free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knee_has_eight_volumes),
                                       cmocka_unit_test(syntaxes_give_identical_pixels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
