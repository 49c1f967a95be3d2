/* qc.tsv, as the index page saves it: what a person rejected is left out, what was corrected is measured as corrected.
 */
#include <string.h>

#include "batch/cohort.h"

static int case_find(const Cohort *cohort, const char *name)
{
    int low = 0, high = cohort->n_cases - 1; /* cases are ordered by name */
    while (low <= high) {
        int middle = (low + high) / 2, order = strcmp(cohort->cases[middle].name, name);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* A rejected study takes its comparisons along. */
static bool rejected(const Case *item, const Case *verdict)
{
    if (verdict->kind == CASE_COMPARE) return strcmp(item->name, verdict->name) == 0;
    return item->session[0] == verdict->session[0] ||
           (item->kind == CASE_COMPARE && item->session[1] == verdict->session[0]);
}

static void case_reject(Cohort *cohort, Case verdict)
{
    int kept = 0;
    for (int i = 0; i < cohort->n_cases; i++)
        if (!rejected(&cohort->cases[i], &verdict)) cohort->cases[kept++] = cohort->cases[i];
    cohort->n_cases = kept;
    notes_add(&cohort->remarks, "%s: left out, rejected by a person", verdict.name);
}

/* Both the study's own analysis and its comparisons take the mask. */
static int case_correct(Cohort *cohort, const Case *item, const char *path, const char *mask, Error *error)
{
    if (!mask[0] || strcmp(mask, "n/a") == 0) {
        notes_add(&cohort->remarks, "%s: to be corrected, and no mask is named yet: measured as it was", item->name);
        return TENO_OK;
    }
    const char *kept = cohort_path_from(cohort, path, mask, error);
    if (!kept) return TENO_FAILED;
    cohort->sessions[item->session[0]].mask = kept;
    notes_add(&cohort->remarks, "%s: measured as a person corrected it", item->name);
    return TENO_OK;
}

int cohort_apply_verdicts(Cohort *cohort, const char *path, Error *error)
{
    Table table = {0};
    int code = table_read(&table, path, '\t', error);
    int name = table_column(&table, "case"), verdict = table_column(&table, "verdict"),
        mask = table_column(&table, "mask");
    if (!code && (name < 0 || verdict < 0))
        code = error_set(error, TENO_USAGE, "%s: no columns case and verdict in the header", path);
    for (int i = 1; !code && i < table.n_rows; i++) {
        int found = case_find(cohort, table_cell(&table, i, name));
        const char *said = table_cell(&table, i, verdict);
        if (found < 0) continue; /* rejected with its study before, or of another manifest */
        Case *item = &cohort->cases[found];
        if (strcmp(said, "reject") == 0) {
            case_reject(cohort, *item);
        } else if (strcmp(said, "correct") == 0 && item->kind == CASE_ANALYZE) {
            code = case_correct(cohort, item, path, table_cell(&table, i, mask), error);
        }
    }
    table_free(&table);
    return code;
}
