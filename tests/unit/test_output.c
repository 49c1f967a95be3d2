/* What is written: the folder that appears whole or not at all, JSON, tables and masks. */
#include "check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/folder.h"
#include "output/text.h"
#include "sample.h"
#include "teno/output.h"

static char *scratch(void)
{
    static char folder[64];
    snprintf(folder, sizeof folder, "/tmp/teno-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void run(const char *command, const char *folder)
{
    char line[512];
    snprintf(line, sizeof line, command, folder);
    assert_int_equal(system(line), 0);
}

static void commit_with(const char *out, const char *file)
{
    OutFolder folder = {0};
    Error error = {0};
    assert_int_equal(folder_begin(&folder, out, &error), TENO_OK);
    assert_int_equal(file_write(folder.temporary, "log.txt", FOLDER_MARKER "\n", strlen(FOLDER_MARKER) + 1, &error), 0);
    assert_int_equal(file_write(folder.temporary, file, "x", 1, &error), TENO_OK);
    assert_int_equal(folder_commit(&folder, &error), TENO_OK);
    folder_discard(&folder);
}

static void test_folder_replaces_only_our_results(void **state)
{
    (void)state;
    char *base = scratch(), out[128];
    Error error = {0};
    OutFolder folder = {0};
    snprintf(out, sizeof out, "%s/deep/er/out/", base);
    commit_with(out, "first");
    commit_with(out, "second");
    run("test -e %s/deep/er/out/second && test ! -e %1$s/deep/er/out/first", base);
    run("test $(ls -A %s/deep/er | wc -l) = 1", base); /* nothing partial left */
    run("rm %s/deep/er/out/log.txt", base);
    assert_int_equal(folder_begin(&folder, out, &error), TENO_USAGE);
    assert_non_null(strstr(error.message, "not a result of teno"));
    folder_discard(&folder);
    run("rm -r %s", base);
}

static void test_folder_sweeps_what_was_killed(void **state)
{
    (void)state;
    char *base = scratch(), out[128];
    snprintf(out, sizeof out, "%s/out", base);
    run("mkdir %s/.out.partial-dead && touch %1$s/.out.partial-dead/half", base);
    OutFolder alive = {0};
    Error error = {0};
    assert_int_equal(folder_begin(&alive, out, &error), TENO_OK);
    run("test ! -e %s/.out.partial-dead", base);
    commit_with(out, "other"); /* a second run beside a living one must not sweep it */
    struct stat info;
    assert_int_equal(stat(alive.temporary, &info), 0);
    folder_discard(&alive);
    run("test $(ls -A %s | wc -l) = 1", base);
    run("rm -r %s", base);
}

static void test_text_is_escaped(void **state)
{
    (void)state;
    Text text = {0};
    text_add_escaped(&text, "<script>\"a'&\xff\x01 \xc3\xa9");
    assert_string_equal(text.data, "&lt;script&gt;&quot;a&#39;&amp;?? \xc3\xa9");
    text_free(&text);
    text_add_csv(&text, "a,\"b\"");
    assert_string_equal(text.data, "\"a,\"\"b\"\"\"");
    text_free(&text);
    text_add_base64(&text, (const unsigned char *)"hello", 5);
    assert_string_equal(text.data, "aGVsbG8=");
    text_free(&text);
}

static double number_at(json_t *object, const char *a, const char *b)
{
    return json_number_value(json_object_get(json_object_get(object, a), b));
}

static void test_report_json(void **state)
{
    (void)state;
    char *base = scratch(), out[128], path[256];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX \xff<script>alert(1)</script>", 3);
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(analysis_write(&sample.analysis, out, "nii,json,csv", &error), TENO_OK);
    snprintf(path, sizeof path, "%s/report.json", out);
    json_t *report = json_load_file(path, 0, NULL);
    assert_non_null(report);
    assert_string_equal(json_string_value(json_object_get(report, "schema")), "teno-report/1");
    json_t *tendon = json_array_get(json_object_get(report, "tendons"), 0);
    const TendonMeasures *measures = &sample.analysis.tendons[0].measures;
    check_near(number_at(tendon, "tendon_volume_mm3", "value"), measures->tendon_volume_mm3.value, 0.01);
    check_near(number_at(json_object_get(tendon, "tear"), "volume_mm3", "value"), measures->tear_volume_mm3.value,
               0.01);
    assert_int_equal(json_array_size(json_object_get(tendon, "tears")), 1);
    assert_int_equal(json_array_size(json_object_get(tendon, "profile")), measures->n_profile);
    assert_string_equal(json_string_value(json_object_get(json_object_get(tendon, "segmentation"), "mask")),
                        "masks/achilles_tendon.nii.gz");
    json_decref(report);
    run("! grep -rqi secret %s", out); /* names and ids stay out */
    run("test $(grep -c , %s/measurements.csv) -gt 20", out);
    sample_free(&sample);
    run("rm -r %s", base);
}

static void test_unknown_is_never_zero(void **state)
{
    (void)state;
    char *base = scratch(), out[128], path[256];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX T1", 0);
    sample.analysis.tendons[0].status = STATUS_NOT_ASSESSABLE;
    snprintf(sample.analysis.tendons[0].reason, sizeof sample.analysis.tendons[0].reason, "out of the field of view");
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(analysis_write(&sample.analysis, out, "nii,json,csv,html,pdf", &error), TENO_OK);
    snprintf(path, sizeof path, "%s/report.json", out);
    json_t *report = json_load_file(path, 0, NULL);
    json_t *tendon = json_array_get(json_object_get(report, "tendons"), 0);
    json_t *volume = json_object_get(tendon, "tendon_volume_mm3");
    assert_true(json_is_null(json_object_get(volume, "value")));
    assert_string_equal(json_string_value(json_object_get(volume, "reason")), "out of the field of view");
    assert_true(json_is_null(json_object_get(tendon, "tears")));
    assert_true(json_is_null(json_object_get(json_object_get(tendon, "grade"), "value")));
    json_decref(report);
    run("test ! -e %s/masks", out);
    run("grep -q 'Not assessable' %s/report.html", out);
    const char *keep = getenv("TENO_TEST_KEEP");
    if (keep)
        run("mkdir -p $TENO_TEST_KEEP && rm -rf $TENO_TEST_KEEP/not_assessable && cp -r %s "
            "$TENO_TEST_KEEP/not_assessable",
            out);
    sample_free(&sample);
    run("rm -r %s", base);
}

static void test_masks_read_back(void **state)
{
    (void)state;
    char *base = scratch(), out[128], line[1024];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX T1", 3);
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(analysis_write(&sample.analysis, out, "nii", &error), TENO_OK);
    const Vol *envelope = &sample.analysis.tendons[0].envelope;
    double sum = 0;
    for (size_t i = 0; i < grid_count(&envelope->grid); i++) sum += (double)envelope->data[i];
    run("gzip -t %s/masks/achilles_tendon.nii.gz", out);
    if (system("/usr/bin/python3 -c 'import nibabel' 2>/dev/null") == 0) {
        snprintf(line, sizeof line,
                 "/usr/bin/python3 -c \"import nibabel as n,numpy as np; m=n.load('%s/masks/achilles_tendon.nii.gz');"
                 "d=m.get_fdata(); assert m.shape==(160,160,26); assert abs(d.sum()-%.6f)<.01*%.6f;"
                 "assert np.allclose(m.affine@[0,0,0,1],[40,20,10,1]), m.affine;"
                 "assert np.allclose(m.affine@[1,2,3,1],[39.5,19,20.5,1]), m.affine;"
                 "c=m.affine@np.append(np.mean(np.argwhere(d>.5),0),1); assert abs(c[0]+2)<.5, c\"",
                 out, sum, sum);
        assert_int_equal(system(line), 0);
    }
    sample_free(&sample);
    run("rm -r %s", base);
}

static void test_report_html(void **state)
{
    (void)state;
    char *base = scratch(), out[128];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX \xff<script>alert(1)</script>&\"", 3);
    sample.analysis.tendons[0].recovery =
        (Recovery){.wanted = true,
                   .n_trials = 2,
                   .trial = {{.s_mm = 31, .length_mm = 8, .inserted_mm3 = 200, .found_mm3 = 150, .found = true},
                             {.s_mm = 31, .length_mm = 12, .inserted_mm3 = 400, .found_mm3 = NAN}}};
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(analysis_write(&sample.analysis, out, "html,json", &error), TENO_OK);
    run("grep -q 'AX ?&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;' %s/report.html", out);
    run("! grep -q '<script>alert' %s/report.html", out);
    run("grep -q '150 (75 %%)' %s/report.html", out);
    run("grep -q 'tendon not found' %s/report.html", out);
    run("/usr/bin/python3 -c \"import json;t=json.load(open('%s/report.json'))['tendons'][0]['recovery']['trials'];"
        "assert t[0]['found_mm3']==150 and t[1]['found_mm3'] is None and not t[1]['found']\"",
        out);
    run("! grep -qE '(src|href)=\"?(https?:)?//' %s/report.html", out);
    run("! grep -qi secret %s/report.html", out);
    run("! grep -qiE 'healed|cured|effective' %s/report.html", out);
    run("test $(stat -c %%s %s/report.html) -lt 12000000", out);
    const char *keep = getenv("TENO_TEST_KEEP");
    if (keep) run("mkdir -p $TENO_TEST_KEEP && cp %s/report.html %1$s/report.json $TENO_TEST_KEEP", out);
    sample_free(&sample);
    run("rm -r %s", base);
}

static void test_pdf_is_whole_and_the_same_twice(void **state)
{
    (void)state;
    char *base = scratch(), out[128];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX \xff T1", 3);
    for (int i = 0; i < 2; i++) {
        snprintf(out, sizeof out, "%s/%d", base, i);
        assert_int_equal(analysis_write(&sample.analysis, out, "pdf", &error), TENO_OK);
    }
    run("cmp %s/0/report.pdf %1$s/1/report.pdf", base);
    if (system("command -v pdftotext >/dev/null") == 0) {
        run("pdftotext %s/0/report.pdf - | grep -q 'Partial tear'", base);
        run("test $(pdfinfo %s/0/report.pdf | sed -n 's/Pages: *//p') -le 3", base);
        run("pdffonts %s/0/report.pdf | tail -n +3 | grep -q yes", base); /* embedded */
    }
    const char *keep = getenv("TENO_TEST_KEEP");
    if (keep) run("mkdir -p $TENO_TEST_KEEP && cp %s/0/report.pdf $TENO_TEST_KEEP", base);
    sample_free(&sample);
    run("rm -r %s", base);
}

/* A tendon thinner than half a voxel everywhere, no straightened maps, no series with fluid: a report all the same. */
static void test_sparse_results_are_written(void **state)
{
    (void)state;
    char *base = scratch(), out[128];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX T1", 0);
    TendonResult *result = &sample.analysis.tendons[0];
    for (size_t i = 0; i < grid_count(&result->envelope.grid); i++) result->envelope.data[i] *= 0.4f;
    vol_free(&result->tear);
    straightened_free(&result->straightened);
    result->measures.has_tear_measures = false;
    sample.study.series[1].role = ROLE_UNUSED;
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(analysis_write(&sample.analysis, out, "png,json,csv,html,nii,pdf", &error), TENO_OK);
    run("grep -q 'tears not assessable' %s/report.html", out);
    sample_free(&sample);
    run("rm -r %s", base);
}

/* 180 mm wide at 300 dpi, letters as outlines, and the same bytes whatever was drawn before. */
static void test_figures_for_papers(void **state)
{
    (void)state;
    char *base = scratch(), out[128], path[256];
    Sample sample;
    Error error = {0};
    sample_make(&sample, "AX T1", 3);
    for (int i = 0; i < 2; i++) {
        snprintf(out, sizeof out, "%s/%d", base, i);
        assert_int_equal(analysis_write(&sample.analysis, out, i ? "png,figures" : "figures", &error), TENO_OK);
    }
    run("diff -r %s/0/figures %1$s/1/figures", base);
    run("test $(ls %s/0/figures | grep -cE '^achilles_(slice|montage|profile|straightened|map).(png|svg)$') = 10",
        base);
    run("! grep -l '<text\\|font-family\\|http://[^w]' %s/0/figures/*.svg", base);
    run("for f in %s/0/figures/*.svg; do grep -q 'width=\"180mm\"' $f || exit 1; done", base);
    snprintf(path, sizeof path, "%s/0/figures/achilles_profile.png", base);
    FILE *file = fopen(path, "rb");
    unsigned char head[128];
    assert_non_null(file);
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    fclose(file);
    assert_memory_equal(head + 16, "\0\0\x08\x4e", 4); /* IHDR: 2126 pixels */
    size_t at = 0;
    while (at < 100 && memcmp(head + at, "pHYs", 4) != 0) at++;
    assert_memory_equal(head + at, "pHYs\0\0\x2e\x23\0\0\x2e\x23\x01", 13); /* 11811 pixels a metre */
    sample_free(&sample);
    run("rm -r %s", base);
}

static void test_kinds(void **state)
{
    (void)state;
    Error error = {0};
    assert_int_equal(output_check_kinds("+figures", &error), TENO_OK);
    assert_int_equal(output_check_kinds("json,csv", &error), TENO_OK);
    assert_int_equal(output_check_kinds("json,jpeg", &error), TENO_USAGE);
    assert_non_null(strstr(error.message, "jpeg"));
}

static void test_compare_json(void **state)
{
    (void)state;
    char *base = scratch(), out[128], path[256];
    Sample pre, post;
    Comparison comparison;
    Error error = {0};
    sample_make(&pre, "AX T1", 3);
    sample_make(&post, "AX T1", 2);
    sample_compare(&comparison, &pre, &post);
    snprintf(out, sizeof out, "%s/out", base);
    assert_int_equal(comparison_write(&comparison, out, "png,json,csv,html,pdf,figures", &error), TENO_OK);
    snprintf(path, sizeof path, "%s/compare.json", out);
    json_t *report = json_load_file(path, 0, NULL);
    json_t *tendon = json_array_get(json_object_get(report, "tendons"), 0);
    json_t *change = json_object_get(json_object_get(tendon, "changes"), "tear_volume_mm3");
    assert_string_equal(json_string_value(json_object_get(change, "verdict")), "decreased");
    assert_true(json_number_value(json_object_get(change, "difference")) < 0);
    json_decref(report);
    run("grep -q 'platelet <concentrate>' %s/changes.csv", out);
    run("grep -q 'platelet &lt;concentrate&gt;' %s/report.html", out);
    run("test $(ls %s/overlays/achilles_0*.png | wc -l) = 36", out); /* s from -5 to 65, at most 60: every 2 mm */
    run("cd %s/overlays && test -s achilles_profile.png -a -s achilles_straightened.png -a -s achilles_map.png", out);
    run("test $(ls %s/figures | grep -cE '^achilles_(before_after|montage|profile|straightened|map).(png|svg)$') = 10",
        out);
    const char *keep = getenv("TENO_TEST_KEEP");
    if (keep)
        run("mkdir -p $TENO_TEST_KEEP && rm -rf $TENO_TEST_KEEP/compare && cp -r %s $TENO_TEST_KEEP/compare", out);
    comparison_free(&comparison);
    sample_free(&pre);
    sample_free(&post);
    run("rm -r %s", base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder_replaces_only_our_results),
        cmocka_unit_test(test_folder_sweeps_what_was_killed),
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_report_json),
        cmocka_unit_test(test_unknown_is_never_zero),
        cmocka_unit_test(test_masks_read_back),
        cmocka_unit_test(test_report_html),
        cmocka_unit_test(test_pdf_is_whole_and_the_same_twice),
        cmocka_unit_test(test_sparse_results_are_written),
        cmocka_unit_test(test_figures_for_papers),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_compare_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
