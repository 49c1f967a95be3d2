/*
 * The kinds of files a result can be written as: one row each. A new kind is one file and one row here.
 * Rows run in this order; json comes after the files that it names and names only those that are there.
 */
#include "teno/output.h"

#include <stdlib.h>
#include <string.h>

#include "output/folder.h"
#include "output/kinds.h"
#include "teno/memory.h"

const Writer writer_table[] = {
    {"png", true, write_pictures, write_change_pictures},
    {"nii", true, write_masks, NULL},
    {"json", true, write_report_json, write_compare_json},
    {"html", true, write_report_html, write_compare_html},
    {"pdf", true, write_pdf, write_pdf_of_comparison},
    {"csv", true, write_measurements_csv, write_changes_csv},
    {"seg", true, write_seg, write_seg_of_comparison},
    {"seg-binary", false, write_seg_binary, NULL}, /* for viewers that cannot show fractions */
    {"sr", true, write_sr, write_sr_of_comparison},
    {"sc", true, write_sc, NULL},
    {"figures", false, write_figures, write_change_figures}, /* for papers */
};
const int writer_count = (int)(sizeof writer_table / sizeof *writer_table);

/* True when `name` is one of the comma list. */
static bool list_has(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) return true;
    return false;
}

/* "+figures": that, and the defaults. */
static bool adds_to_defaults(const char *kinds)
{
    return kinds && kinds[0] == '+';
}

static bool is_chosen(const Writer *writer, const char *kinds)
{
    bool adds = adds_to_defaults(kinds);
    return (kinds && list_has(kinds + adds, writer->name)) || ((!kinds || adds) && writer->by_default);
}

int output_check_kinds(const char *kinds, Error *error)
{
    for (const char *at = kinds ? kinds + adds_to_defaults(kinds) : NULL; at && *at;) {
        size_t length = strcspn(at, ",");
        bool known = false;
        for (int i = 0; i < writer_count; i++)
            known |= strlen(writer_table[i].name) == length && strncmp(at, writer_table[i].name, length) == 0;
        if (known) {
            at += length + (at[length] == ',');
            continue;
        }
        char all[128] = "";
        for (int i = 0; i < writer_count; i++) {
            size_t used = strlen(all);
            string_set(all + used, sizeof all - used, i ? "," : "");
            used = strlen(all);
            string_set(all + used, sizeof all - used, writer_table[i].name);
        }
        return error_set(error, TENO_USAGE, "--write: no kind '%.*s', wanted a list of %s", (int)length, at, all);
    }
    return TENO_OK;
}

/* For comparisons with this date, whatever kinds were chosen. */
static int analysis_keep_in(const Analysis *analysis, const char *folder, Error *error)
{
    char *path = path_join(folder, ANALYSIS_KEPT, error);
    int code = path ? analysis_keep(analysis, path, error) : TENO_FAILED;
    free(path);
    return code;
}

int write_kinds(const Analysis *analysis, const Comparison *comparison, const char *folder, const char *kinds,
                Error *error)
{
    int code = analysis ? write_analysis_log(analysis, folder, error) : write_comparison_log(comparison, folder, error);
    if (!code && analysis) code = analysis_keep_in(analysis, folder, error);
    for (int i = 0; i < writer_count && code == TENO_OK; i++) {
        const Writer *writer = &writer_table[i];
        if (!is_chosen(writer, kinds)) continue;
        if (analysis && writer->analysis) code = writer->analysis(analysis, folder, error);
        if (comparison && writer->comparison) code = writer->comparison(comparison, folder, error);
    }
    return code;
}

/* One of the two is NULL. */
static int write_all(const Analysis *analysis, const Comparison *comparison, const char *out, const char *kinds,
                     Error *error)
{
    OutFolder folder = {0};
    int code = output_check_kinds(kinds, error);
    if (!code) code = folder_begin(&folder, out, error);
    if (!code) code = write_kinds(analysis, comparison, folder.temporary, kinds, error);
    if (!code) code = folder_commit(&folder, error);
    folder_discard(&folder);
    return code;
}

int analysis_write(const Analysis *analysis, const char *out, const char *kinds, Error *error)
{
    return write_all(analysis, NULL, out, kinds, error);
}

int comparison_write(const Comparison *comparison, const char *out, const char *kinds, Error *error)
{
    return write_all(NULL, comparison, out, kinds, error);
}
