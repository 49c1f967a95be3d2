/* The cohort's tables: every case's own table under one header, with the case's columns in front. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "batch/summary.h"
#include "batch/text_file.h"

/* A table that is written row by row and gets its name when complete: memory does not grow with the cases. */
typedef struct Growing {
    char path[PATH_MAX], partial[PATH_MAX];
    FILE *file;
    bool has_header;
} Growing;

static int growing_open(Growing *growing, const char *out, const char *name, Error *error)
{
    path_set(growing->path, "%s/results/%s", out, name);
    growing->has_header = false;
    return partial_open(&growing->file, growing->partial, growing->path, error);
}

static int growing_close(Growing *growing, int code, Error *error)
{
    if (!growing->file) return code;
    return partial_close(growing->file, growing->partial, growing->path, code, error);
}

static void growing_add(Growing *growing, Text *row)
{
    if (row->length > 0) fwrite(row->data, 1, row->length, growing->file);
    row->length = 0;
}

static const char *const case_columns[] = {"case", "subject", "timepoint", "timepoint_post", "arm", "therapy"};

static void add_case_cells(Text *text, const CaseRow *row)
{
    const char *cells[] = {row->name, row->subject, row->timepoint, row->timepoint_post, row->arm, row->therapy};
    for (int i = 0; i < 6; i++) text_add_cell(text, cells[i]);
}

/* The rows of one case's table; its own subject and timepoint columns are replaced by the manifest's. */
static int growing_append(Growing *growing, const CaseRow *row, const char *out, const char *name, Error *error)
{
    char path[PATH_MAX];
    Table table = {0};
    Text text = {0};
    path_set(path, "%s/%s/%s", out, row->folder, name);
    int code = table_read(&table, path, ',', error);
    for (int i = growing->has_header ? 1 : 0; !code && i < table.n_rows; i++) {
        if (i == 0)
            for (int c = 0; c < 6; c++) text_add(&text, "%s\t", case_columns[c]);
        else
            add_case_cells(&text, row);
        for (int c = 0; c < table.n_columns; c++) {
            const char *head = table.cell[0][c];
            bool ours = strcmp(head, "subject") == 0 || strcmp(head, "timepoint") == 0 || strcmp(head, "therapy") == 0;
            if (!ours) text_add_cell(&text, table.cell[i][c]);
        }
        text_end_row(&text);
        growing->has_header = true;
        growing_add(growing, &text);
    }
    text_free(&text);
    table_free(&table);
    return code;
}

static void add_case_row(Text *text, const CaseRow *row, const Table *cohort, int index)
{
    for (int c = 0; c < cohort->n_columns; c++) text_add_cell(text, table_cell(cohort, index, c));
    if (index == 0) {
        text_add(text, "outcome\tstatus\tmessage\n");
        return;
    }
    text_add(text, "%s\t", case_row_outcome(row));
    if (row->known)
        text_add(text, "%d\t", row->stamp.status);
    else
        text_add(text, "n/a\t");
    text_add_cell(text, row->known ? row->stamp.message : "");
    text_end_row(text);
}

int tables_write(const char *out, const Table *cohort, Error *error)
{
    Growing cases = {0}, measurements = {0}, changes = {0};
    Text text = {0};
    int code = growing_open(&cases, out, "cases.tsv", error);
    if (!code) code = growing_open(&measurements, out, "measurements.tsv", error);
    if (!code) code = growing_open(&changes, out, "changes.tsv", error);
    for (int i = 0; !code && i < cohort->n_rows; i++) {
        CaseRow row = {0};
        if (i > 0) case_row_read(&row, cohort, i, out);
        add_case_row(&text, &row, cohort, i);
        growing_add(&cases, &text);
        if (!row.known || !stamp_finished(&row.stamp)) continue;
        bool single = strcmp(row.kind, "analyze") == 0;
        code = growing_append(single ? &measurements : &changes, &row, out, single ? "measurements.csv" : "changes.csv",
                              error);
    }
    text_free(&text);
    code = growing_close(&cases, code, error);
    code = growing_close(&measurements, code, error);
    return growing_close(&changes, code, error);
}
