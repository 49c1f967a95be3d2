/* More than two dates: each later date compared with the first, in folders 1, 2, …, and the course over time as a
 * table. A tendon's numbers at the first date can differ between pairs, because every pair is measured over its own
 * common range; a row is comparable within itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/text.h"

static void add_number(Text *text, double value)
{
    if (isfinite(value)) text_add(text, "%.6g", value == 0 ? 0 : value);
    text_add(text, ",");
}

static void add_change(Text *text, const Comparison *comparison, const TendonChange *tendon, const Change *change)
{
    const Study *pre = comparison->pre->study, *post = comparison->post->study;
    const bool known = change->verdict != VERDICT_UNKNOWN;
    char dates[2][DATE_SIZE];
    date_iso(dates[0], pre->study_date);
    date_iso(dates[1], post->study_date);
    text_add_csv(text, pre->subject);
    text_add(text, ",%s,%s,", dates[0], dates[1]);
    text_add_csv(text, comparison->options.therapy ? comparison->options.therapy : "");
    text_add(text, ",%s,%s,%s,", side_name(tendon->side), tendon->spec->name, change->name);
    add_number(text, change->pre.known ? change->pre.value : (double)NAN);
    add_number(text, change->post.known ? change->post.value : (double)NAN);
    add_number(text, known ? change->difference : (double)NAN);
    add_number(text, known ? change->low : (double)NAN);
    add_number(text, known ? change->high : (double)NAN);
    add_number(text, change->limit);
    text_add(text, "%s,%s\n", known ? verdict_name(change->verdict) : "", change->pre.unit ? change->pre.unit : "1");
}

static int write_course_csv(const Comparison *comparisons, int n, const char *folder, Error *error)
{
    Text text = {0};
    text_add(&text,
             "subject,first_date,study_date,therapy,side,tendon,measure,first,value,difference,ci_low,ci_high,limit,"
             "verdict,unit\n");
    for (int i = 0; i < n; i++)
        for (int t = 0; t < comparisons[i].n_tendons; t++) {
            const TendonChange *tendon = &comparisons[i].tendons[t];
            for (int c = 0; c < tendon->n_changes; c++) add_change(&text, &comparisons[i], tendon, &tendon->changes[c]);
        }
    int code = text_write(&text, folder, "course.csv", error);
    text_free(&text);
    return code;
}

static int write_marker(const Comparison *comparisons, int n, const char *folder, Error *error)
{
    Text text = {0};
    text_add(&text, FOLDER_MARKER " course teno " TENO_VERSION "\n");
    for (int i = 0; i < n; i++)
        text_add(&text, "%d: %s to %s: %s\n", i + 1, comparisons[i].pre->study->study_date,
                 comparisons[i].post->study->study_date,
                 comparisons[i].comparable ? "compared" : comparisons[i].reason);
    int code = text_write(&text, folder, "log.txt", error);
    text_free(&text);
    return code;
}

int course_write(const Comparison *comparisons, int n, const char *out, const char *kinds, Error *error)
{
    OutFolder folder = {0};
    int code = output_check_kinds(kinds, error);
    if (!code) code = folder_begin(&folder, out, error);
    for (int i = 0; !code && i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i + 1);
        code = folder_make(folder.temporary, name, error);
        char *part = code ? NULL : path_join(folder.temporary, name, error);
        if (!code) code = part ? write_kinds(NULL, &comparisons[i], part, kinds, error) : TENO_FAILED;
        free(part);
    }
    if (!code) code = write_course_csv(comparisons, n, folder.temporary, error);
    if (!code) code = write_marker(comparisons, n, folder.temporary, error);
    if (!code) code = folder_commit(&folder, error);
    folder_discard(&folder);
    return code;
}
