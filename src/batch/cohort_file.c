#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "batch/summary.h"
#include "batch/text_file.h"
#include "batch/worker.h"
#include "teno/memory.h"

static const char *const columns[] = {"case", "kind",      "folder", "subject", "timepoint", "timepoint_post",
                                      "date", "date_post", "side",   "tendon",  "arm",       "therapy",
                                      "pair"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

void text_add_cell(Text *text, const char *value)
{
    if (!value[0]) text_add(text, "n/a");
    for (; *value; value++) text_add_bytes(text, *value == '\t' || *value == '\n' || *value == '\r' ? " " : value, 1);
    text_add_bytes(text, "\t", 1);
}

void text_end_row(Text *text)
{
    if (!text->failed && text->length > 0) text->data[text->length - 1] = '\n';
}

/* Columns of the manifest that are none of ours; a path may name a patient and is left out. */
static bool carried(const char *name)
{
    static const char *const known[] = {"path", "date", "side"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, known[i]) == 0) return false;
    for (int i = 0; i < N_COLUMNS; i++)
        if (strcmp(name, columns[i]) == 0) return false;
    return true;
}

static void add_case(Text *text, const Cohort *cohort, const Case *item)
{
    const Session *first = &cohort->sessions[item->session[0]];
    const bool pair = item->kind == CASE_COMPARE;
    const Session *last = pair ? &cohort->sessions[item->session[1]] : first;
    char folder[PATH_MAX];
    case_folder(folder, "", cohort, item);
    const char *cells[N_COLUMNS] = {item->name,       pair ? "compare" : "analyze",
                                    folder + 1,       first->subject,
                                    first->timepoint, pair ? last->timepoint : "",
                                    first->date,      pair ? last->date : "",
                                    first->side,      first->tendon,
                                    first->arm,       last->therapy[0] ? last->therapy : first->therapy,
                                    first->pair};
    for (int i = 0; i < N_COLUMNS; i++) text_add_cell(text, cells[i]);
    for (int i = 0; i < cohort->manifest.n_columns; i++)
        if (carried(cohort->manifest.cell[0][i])) text_add_cell(text, table_cell(&cohort->manifest, last->row, i));
    text_end_row(text);
}

static void add_header(Text *text, const Cohort *cohort)
{
    for (int i = 0; i < N_COLUMNS; i++) text_add(text, "%s%s", i ? "\t" : "", columns[i]);
    for (int i = 0; i < cohort->manifest.n_columns; i++)
        if (carried(cohort->manifest.cell[0][i])) text_add(text, "\t%s", cohort->manifest.cell[0][i]);
    text_add(text, "\n");
}

/* A row of the table before; only one that is finished and has our columns is worth keeping. */
static void add_kept(Text *text, const Table *before, int row, const char *out)
{
    CaseRow kept;
    case_row_read(&kept, before, row, out);
    if (!kept.known || !stamp_finished(&kept.stamp)) return;
    for (int i = 0; i < N_COLUMNS; i++) text_add_cell(text, table_cell(before, row, table_column(before, columns[i])));
    text_end_row(text);
}

int cohort_write(const Cohort *cohort, const char *out, bool keep_rows, Error *error)
{
    char path[PATH_MAX];
    Text text = {0};
    Table before = {0};
    if (keep_rows && cohort_table_read(&before, out, NULL)) table_free(&before); /* there is none yet */
    path_set(path, "%s/results/cohort.tsv", out);
    add_header(&text, cohort);
    int row = 1; /* of the table before; both are ordered by name */
    for (int i = 0; i <= cohort->n_cases && !text.failed; i++) {
        const char *name = i < cohort->n_cases ? cohort->cases[i].name : NULL;
        int order = -1;
        for (; row < before.n_rows && (order = name ? strcmp(table_cell(&before, row, 0), name) : -1) < 0; row++)
            add_kept(&text, &before, row, out);
        if (row < before.n_rows && order == 0) row++;
        if (name) add_case(&text, cohort, &cohort->cases[i]);
    }
    int code = text_file_replace(path, &text, error);
    table_free(&before);
    text_free(&text);
    return code;
}

int cohort_table_read(Table *table, const char *out, Error *error)
{
    char path[PATH_MAX];
    path_set(path, "%s/results/cohort.tsv", out);
    return table_read(table, path, '\t', error);
}

void case_row_read(CaseRow *row, const Table *table, int index, const char *out)
{
    char state[PATH_MAX];
#define CELL(name) table_cell(table, index, table_column(table, name))
    *row = (CaseRow){.name = CELL("case"),
                     .kind = CELL("kind"),
                     .folder = CELL("folder"),
                     .subject = CELL("subject"),
                     .timepoint = CELL("timepoint"),
                     .timepoint_post = CELL("timepoint_post"),
                     .arm = CELL("arm"),
                     .therapy = CELL("therapy")};
#undef CELL
    path_set(state, "%s/state/%s.json", out, row->name);
    row->known = stamp_read(&row->stamp, state);
}

const char *case_row_outcome(const CaseRow *row)
{
    return row->known ? stamp_outcome(&row->stamp) : "missing";
}
