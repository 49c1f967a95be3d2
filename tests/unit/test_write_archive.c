/* The archive objects of a finished analysis: valid, consistent with each other and with report.json, and repeatable.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "archive_series.h"
#include "sample.h"
#include "teno/output.h"

typedef struct ArchiveStudy {
    Sample sample;
    Series made; /* owns the slices */
    char folder[256];
} ArchiveStudy;

/* A sample analysis whose reference series has slices on disk. */
static bool study_make(ArchiveStudy *study, double tear_radius_mm)
{
    sample_make(&study->sample, "AX PD", tear_radius_mm);
    if (!archive_series_make(&study->made, study->folder, 160, 160, 26)) return false;
    Study *s = &study->sample.study;
    for (int i = 0; i < s->n_series; i++) {
        s->series[i].slices = study->made.slices;
        snprintf(s->series[i].study_uid, sizeof s->series[i].study_uid, "2.25.77.1");
        snprintf(s->series[i].frame_of_reference_uid, sizeof s->series[i].frame_of_reference_uid, "2.25.77.4");
    }
    snprintf(s->series[0].series_uid, sizeof s->series[0].series_uid, "2.25.77.2");
    return true;
}

static void study_free(ArchiveStudy *study)
{
    archive_series_remove(&study->made, study->folder);
    sample_free(&study->sample);
}

static void check_objects(ArchiveStudy *study)
{
    char out[300];
    Error error = {0};
    snprintf(out, sizeof out, "%s/out", study->folder);
    int code = analysis_write(&study->sample.analysis, out, "seg,seg-binary,sr,json", &error);
    if (code) print_error("%s\n", error.message);
    assert_int_equal(code, TENO_OK);
    assert_int_equal(run_command("/usr/bin/python3 tests/support/check_sr.py %s", out), 0);
    if (program_exists("dciodvfy"))
        assert_int_equal(
            run_command("for f in %s/dicom/*.dcm; do dciodvfy $f >%s/log 2>&1 && ! grep ^Error %s/log || exit 1; done",
                        out, study->folder, study->folder),
            0);
    if (program_exists("dcentvfy"))
        assert_int_equal(run_command("dcentvfy %s/*.dcm %s/dicom/*.dcm >%s/log 2>&1 || { cat %s/log; exit 1; }",
                                     study->folder, out, study->folder, study->folder),
                         0);
    if (program_exists("dsrdump"))
        assert_int_equal(run_command("dsrdump +Pt %s/dicom/sr.dcm >%s/log 2>&1 && grep -q 'TID 1500' %s/log", out,
                                     study->folder, study->folder),
                         0);
}

static void objects_of_a_torn_tendon(void **state)
{
    (void)state;
    ArchiveStudy study;
    if (!study_make(&study, 3)) skip();
    check_objects(&study);
    study_free(&study);
}

static void objects_of_a_healthy_tendon(void **state)
{
    (void)state;
    ArchiveStudy study;
    if (!study_make(&study, 0)) skip();
    check_objects(&study);
    study_free(&study);
}

static void a_tendon_that_cannot_be_assessed_is_said(void **state)
{
    (void)state;
    ArchiveStudy study;
    if (!study_make(&study, 3)) skip();
    TendonResult *result = &study.sample.analysis.tendons[0];
    result->status = STATUS_NOT_ASSESSABLE;
    snprintf(result->reason, sizeof result->reason, "motion \u2265 3 mm");
    char out[300];
    snprintf(out, sizeof out, "%s/out", study.folder);
    assert_int_equal(analysis_write(&study.sample.analysis, out, "seg,sr", NULL), TENO_OK);
    assert_int_equal(
        run_command("for f in %s/dicom/*.dcm; do dciodvfy $f >%s/log 2>&1 && ! grep ^Error %s/log || exit 1; done", out,
                    study.folder, study.folder),
        0);
    assert_int_equal(
        run_command("dsrdump +Pl %s/dicom/sr.dcm 2>/dev/null | grep -q 'not assessable: motion >= 3 mm'", out), 0);
    assert_int_equal(run_command("dcmdump %s/dicom/seg.dcm 2>/dev/null | grep -q 'NumberOfFrames' ", out), 0);
    study_free(&study);
}

static void same_analysis_same_bytes(void **state)
{
    (void)state;
    ArchiveStudy study;
    if (!study_make(&study, 3)) skip();
    for (int run = 0; run < 2; run++) {
        char out[300];
        snprintf(out, sizeof out, "%s/out%d", study.folder, run);
        assert_int_equal(analysis_write(&study.sample.analysis, out, "seg,sr", NULL), TENO_OK);
        if (run == 0) run_command("sleep 1.1"); /* a time stamp would show */
    }
    assert_int_equal(run_command("diff -r %s/out0/dicom %s/out1/dicom", study.folder, study.folder), 0);
    study_free(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_of_a_torn_tendon),
        cmocka_unit_test(objects_of_a_healthy_tendon),
        cmocka_unit_test(a_tendon_that_cannot_be_assessed_is_said),
        cmocka_unit_test(same_analysis_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
