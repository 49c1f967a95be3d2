/* Secondary capture and encapsulated PDF: valid, and the very pixels and bytes come back. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "archive_series.h"

static ArchiveObject object_of(const Series *series, const char *what)
{
    ArchiveObject object = {
        .source_path = series->slices[0].path, .series_number = 9003, .series_description = what, .side = SIDE_LEFT};
    uid_from_text(object.sop_instance_uid, what);
    uid_derive(object.series_uid, "series of %s", what);
    return object;
}

static void check_valid(const char *path, const char *folder)
{
    if (program_exists("dciodvfy"))
        assert_int_equal(run_command("dciodvfy %s >%s/log 2>&1 && ! grep ^Error %s/log", path, folder, folder), 0);
    if (program_exists("dcentvfy"))
        assert_int_equal(
            run_command("dcentvfy %s/*.dcm >%s/log 2>&1 || { cat %s/log; exit 1; }", folder, folder, folder), 0);
}

static void secondary_capture(void **state)
{
    (void)state;
    enum { WIDTH = 15, HEIGHT = 7, FRAMES = 3, SIZE = WIDTH * HEIGHT * 3 * FRAMES }; /* an odd number of bytes */
    unsigned char rgb[SIZE];
    for (int i = 0; i < SIZE; i++) rgb[i] = (unsigned char)(i * 7);
    Series series;
    char folder[256], path[300];
    if (!archive_series_make(&series, folder, 24, 20, 2)) skip();
    snprintf(path, sizeof path, "%s/sc.dcm", folder);
    ArchiveObject object = object_of(&series, "Teno overlays");
    assert_int_equal(archive_write_sc(path, &object, rgb, WIDTH, HEIGHT, FRAMES, NULL), TENO_OK);
    check_valid(path, folder);
    if (program_exists("dcmdjpeg")) /* pydicom alone does not decode JPEG */
        assert_int_equal(run_command("dcmdjpeg %s %s/decoded && mv %s/decoded %s", path, folder, folder, path), 0);
    else
        skip();
    assert_int_equal(run_command("/usr/bin/python3 -c \"import pydicom; d = pydicom.dcmread('%s'); "
                                 "a = d.pixel_array; assert a.shape == (3, 7, 15, 3); "
                                 "assert a.tobytes() == bytes(i * 7 %% 256 for i in range(a.size)); "
                                 "assert d.PatientID == 'PH001' and d.Laterality == 'L'\"",
                                 path),
                     0);
    archive_series_remove(&series, folder);
}

static void encapsulated_pdf(void **state)
{
    (void)state;
    static const unsigned char pdf[] = "%PDF-1.5\nnot much of a document\n%%EOF\n ";
    size_t size = sizeof pdf - 1; /* an odd number of bytes: the padding must not come back */
    assert_int_equal(size % 2, 1);
    Series series;
    char folder[256], path[300];
    if (!archive_series_make(&series, folder, 24, 20, 2)) skip();
    snprintf(path, sizeof path, "%s/report.pdf.dcm", folder);
    ArchiveObject object = object_of(&series, "Teno report");
    assert_int_equal(archive_write_pdf(path, &object, pdf, size, "Tendon report", NULL), TENO_OK);
    check_valid(path, folder);
    char original[300];
    snprintf(original, sizeof original, "%s/original.pdf", folder);
    FILE *file = fopen(original, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(pdf, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    if (program_exists("dcm2pdf"))
        assert_int_equal(
            run_command("dcm2pdf %s %s/back.pdf 2>/dev/null && cmp %s/back.pdf %s", path, folder, folder, original), 0);
    Error error = {0};
    assert_int_equal(archive_write_pdf(path, &object, (const unsigned char *)"<html>", 6, "x", &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "not a PDF"));
    archive_series_remove(&series, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secondary_capture),
        cmocka_unit_test(encapsulated_pdf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
