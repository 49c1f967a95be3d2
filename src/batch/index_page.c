/*
 * qc/index.html: one row a case with its picture, to be looked through with the keyboard. The verdicts live in the
 * browser until they are saved as qc.tsv, which the next batch takes (--exclude). Rows are data, not markup: what comes
 * from a manifest is escaped.
 */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/summary.h"
#include "batch/text_file.h"
#include "output/assets.h"
#include "teno/tendon.h"

/* ", NAME 312 mm³" of a quantity; nothing where it is not known. */
static void add_volume(Text *text, const json_t *holder, const char *key, const char *name)
{
    const json_t *value = json_object_get(json_object_get(holder, key), "value");
    if (json_is_number(value)) text_add(text, ", %s %.0f mm³", name, json_number_value(value));
}

/* ": partial_low, tear 312 mm³" of a study's tendon. */
static void add_levels(Text *text, const json_t *tendon)
{
    const char *grade = json_string_value(json_object_get(json_object_get(tendon, "grade"), "value"));
    text_add(text, ": %s", grade ? grade : "tears not assessable");
    add_volume(text, json_object_get(tendon, "tear"), "volume_mm3", "tear");
    add_volume(text, tendon, "tendon_volume_mm3", "tendon");
}

/* ": tear volume decreased (-120 mm³)" of a comparison's tendon. */
static void add_change(Text *text, const json_t *tendon)
{
    static const char *const measures[][2] = {{"tear_volume_mm3", "tear"}, {"tendon_volume_mm3", "tendon"}};
    for (int i = 0; i < 2; i++) {
        const json_t *change = json_object_get(json_object_get(tendon, "changes"), measures[i][0]);
        const char *verdict = json_string_value(json_object_get(change, "verdict"));
        if (!verdict) continue;
        text_add(text, ": %s volume %s (%+.0f mm³)", measures[i][1], verdict,
                 json_number_value(json_object_get(change, "difference")));
        return;
    }
}

/* What the case's report says of each tendon; nothing where there is none. */
static void add_result(Text *text, const CaseRow *row, const char *out)
{
    char path[PATH_MAX];
    size_t i;
    json_t *tendon;
    bool pair = strcmp(row->kind, "compare") == 0;
    path_set(path, "%s/%s/%s", out, row->folder, pair ? "compare.json" : "report.json");
    json_t *report = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(report, "tendons"), i, tendon)
    {
        const char *name = json_string_value(json_object_get(tendon, "name"));
        text_add(text, i ? "; " : "");
        text_add_escaped(text, name ? name : "");
        if (pair)
            add_change(text, tendon);
        else
            add_levels(text, tendon);
    }
    json_decref(report);
}

static void add_picture(Text *text, const CaseRow *row, const char *out)
{
    static const char *const kinds[] = {"montage", "side_by_side"};
    for (int t = 0; t < tendon_count; t++)
        for (int k = 0; k < 2; k++) {
            char path[PATH_MAX], name[128];
            struct stat info;
            snprintf(name, sizeof name, "overlays/%s_%s.png", tendon_table[t].name, kinds[k]);
            path_set(path, "%s/%s/%s", out, row->folder, name);
            if (stat(path, &info) != 0) continue;
            text_add(text, "<img loading=\"lazy\" alt=\"%s, %s\" src=\"../%s/%s\">", tendon_table[t].display_name,
                     row->name, row->folder, name);
            return;
        }
}

static void add_row(Text *text, const CaseRow *row, const char *out)
{
    const char *outcome = case_row_outcome(row);
    text_add(text, "<tr data-case=\"%s\" aria-selected=\"false\"><td>", row->name);
    if (row->known && stamp_finished(&row->stamp))
        text_add(text, "<a href=\"../%s/report.html\">%s</a>", row->folder, row->name);
    else
        text_add(text, "%s", row->name);
    text_add(text, "</td><td>");
    text_add_escaped(text, strcmp(row->arm, "n/a") == 0 ? "" : row->arm);
    text_add(text, "</td><td class=\"%s\">%s</td><td>", outcome, outcome);
    if (row->known && row->stamp.status == TENO_OK) add_result(text, row, out);
    if (row->known) text_add_escaped(text, row->stamp.message);
    text_add(text, "</td><td>");
    add_picture(text, row, out);
    text_add(text, "</td><td></td></tr>\n");
}

int index_page_write(const char *out, const Table *cohort, Error *error)
{
    char path[PATH_MAX], partial[PATH_MAX];
    FILE *file;
    Text text = {0};
    path_set(path, "%s/qc/index.html", out);
    int code = partial_open(&file, partial, path, error);
    if (code) return code;
    fputs(asset_index_head_html, file);
    for (int i = 1; i < cohort->n_rows; i++) {
        CaseRow row;
        case_row_read(&row, cohort, i, out);
        text.length = 0;
        add_row(&text, &row, out);
        fwrite(text.data, 1, text.length, file);
    }
    fputs(asset_index_tail_html, file);
    text_free(&text);
    return partial_close(file, partial, path, TENO_OK, error);
}
