#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/text_file.h"
#include "teno/batch.h"
#include "teno/memory.h"

/* A reader's place in a text that is cut into cells where it lies. */
typedef struct Cursor {
    char *at, separator;
    int line;
    const char *path;
} Cursor;

/* Ends the cell in place, quotes undone; *last is set when the row ends with it. */
static int cell_next(Cursor *cursor, char **cell, bool *last, Error *error)
{
    char *from = cursor->at, *to = cursor->at;
    *cell = to;
    if (*from == '"') {
        for (from++; *from; *to++ = *from++) {
            if (*from == '\n') cursor->line++;
            if (*from != '"') continue;
            if (from[1] != '"') break;
            from++;
        }
        if (*from != '"')
            return error_set(error, TENO_USAGE, "%s: line %d: a quote is never closed", cursor->path, cursor->line);
        from++;
        if (*from && *from != cursor->separator && *from != '\n' && *from != '\r')
            return error_set(error, TENO_USAGE, "%s: line %d: text behind a closing quote", cursor->path, cursor->line);
    } else {
        from += strcspn(from, cursor->separator == '\t' ? "\t\r\n" : ",\r\n");
        to = from;
    }
    *last = *from != cursor->separator;
    if (*from == '\r' && from[1] == '\n') from++;
    cursor->line += *from == '\n';
    cursor->at = *from ? from + 1 : from;
    *to = '\0';
    return TENO_OK;
}

static int row_append(Table *out, char **cells, int n, const Cursor *cursor, Error *error)
{
    if (out->n_rows == 0) out->n_columns = n;
    if (n > out->n_columns)
        return error_set(error, TENO_USAGE, "%s: line %d: %d columns, wanted %d as in the header", cursor->path,
                         cursor->line - 1, n, out->n_columns);
    if (out->n_rows % 256 == 0) {
        const char ***grown = array_grow(out->cell, (size_t)out->n_rows + 256, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        out->cell = grown;
    }
    const char **row = array_alloc((size_t)out->n_columns + 1, sizeof *row, error);
    if (!row) return TENO_FAILED;
    out->cell[out->n_rows++] = row;
    for (int i = 0; i < out->n_columns; i++) row[i] = i < n ? cells[i] : "";
    return TENO_OK;
}

static int rows_read(Table *out, Cursor *cursor, Error *error)
{
    enum { MAX_COLUMNS = 256 };
    char *cells[MAX_COLUMNS];
    while (*cursor->at) {
        int n = 0, code = TENO_OK;
        for (bool last = false; !last && !code;) {
            if (n == MAX_COLUMNS)
                return error_set(error, TENO_USAGE, "%s: line %d: more than %d columns", cursor->path, cursor->line, n);
            code = cell_next(cursor, &cells[n++], &last, error);
        }
        bool empty = n == 1 && !cells[0][0];
        if (!code && !empty) code = row_append(out, cells, n, cursor, error);
        if (code) return code;
    }
    return TENO_OK;
}

int table_read(Table *out, const char *path, char separator, Error *error)
{
    *out = (Table){0};
    int code = text_file_read(&out->text, path, error);
    if (code) return code;
    char *text = out->text;
    bool marked = strncmp(text, "\xEF\xBB\xBF", 3) == 0; /* byte order mark of spreadsheets */
    Cursor cursor = {.at = text + (marked ? 3 : 0), .separator = separator, .line = 1, .path = path};
    code = rows_read(out, &cursor, error);
    if (!code && out->n_rows == 0) code = error_set(error, TENO_USAGE, "%s: empty, wanted a header line", path);
    return code;
}

int table_column(const Table *table, const char *name)
{
    for (int i = 0; table->n_rows > 0 && i < table->n_columns; i++)
        if (strcmp(table->cell[0][i], name) == 0) return i;
    return -1;
}

const char *table_cell(const Table *table, int row, int column)
{
    return row >= 0 && column >= 0 ? table->cell[row][column] : "";
}

void table_free(Table *table)
{
    for (int i = 0; i < table->n_rows; i++) free(table->cell[i]);
    free(table->cell);
    free(table->text);
    *table = (Table){0};
}
