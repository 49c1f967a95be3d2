/* The cohort's tables: every case's own table under one header, with the case's columns in front. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch/summary.h"
#include "batch/text_file.h"

/* A table that is written row by row, as TSV and as CSV, and gets its names when complete: memory does not grow with
 * the cases. */
typedef struct Growing {
    char path[2][PATH_MAX], partial[2][PATH_MAX];
    FILE *file[2];
    bool has_header;
} Growing;

static int growing_open(Growing *growing, const char *out, const char *name, Error *error)
{
    int code = TENO_OK;
    growing->has_header = false;
    for (int i = 0; !code && i < 2; i++) {
        path_set(growing->path[i], "%s/results/%s.%s", out, name, i ? "csv" : "tsv");
        code = partial_open(&growing->file[i], growing->partial[i], growing->path[i], error);
    }
    return code;
}

static int growing_close(Growing *growing, int code, Error *error)
{
    for (int i = 0; i < 2; i++)
        if (growing->file[i])
            code = partial_close(growing->file[i], growing->partial[i], growing->path[i], code, error);
    return code;
}

/* A row of TSV, whose cells hold neither tabs nor line ends, as CSV (RFC 4180). */
static void csv_put(FILE *file, const char *row, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t end = at;
        bool quoted = false;
        for (; row[end] != '\t' && row[end] != '\n'; end++) quoted |= row[end] == ',' || row[end] == '"';
        if (quoted) putc('"', file);
        for (; at < end; at++) {
            if (row[at] == '"') putc('"', file);
            putc(row[at], file);
        }
        if (quoted) putc('"', file);
        putc(row[at++] == '\t' ? ',' : '\n', file);
    }
}

static void growing_add(Growing *growing, Text *row)
{
    if (row->length > 0) fwrite(row->data, 1, row->length, growing->file[0]);
    if (row->length > 0) csv_put(growing->file[1], row->data, row->length);
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
    if (access(path, F_OK) != 0) return TENO_OK; /* somebody removed it: no numbers, which group counts */
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
    int code = growing_open(&cases, out, "cases", error);
    if (!code) code = growing_open(&measurements, out, "measurements", error);
    if (!code) code = growing_open(&changes, out, "changes", error);
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
    code = growing_close(&changes, code, error);
    if (!code) code = sidecar_write(out, "results/cohort", error);
    if (!code) code = sidecar_write(out, "results/cases", error);
    if (!code && measurements.has_header) code = sidecar_write(out, "results/measurements", error);
    if (!code && changes.has_header) code = sidecar_write(out, "results/changes", error);
    return code;
}
