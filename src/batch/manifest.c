/* A manifest: one row a study. Columns subject, timepoint, path; optionally date, side, tendon, therapy, arm, pair;
 * every other column is carried through to the tables. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/cohort.h"
#include "batch/text_file.h"
#include "teno/memory.h"

/* "2026-01-31" or "20260131" as DA; false for anything else but "". */
static bool date_set(char date[9], const char *text)
{
    int n = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '-') continue;
        if (!isdigit((unsigned char)*c) || n == 8) return false;
        date[n++] = *c;
    }
    date[n] = '\0';
    return n == 0 || n == 8;
}

const char *cohort_path_from(Cohort *cohort, const char *manifest, const char *path, Error *error)
{
    const char *slash = strrchr(manifest, '/');
    char whole[PATH_MAX];
    if (path[0] == '/' || !slash) return cohort_keep(cohort, path, error);
    path_set(whole, "%.*s/%s", (int)(slash - manifest), manifest, path);
    return cohort_keep(cohort, whole, error);
}

static int row_refuse(const char *path, int row, const char *what, const char *value, Error *error)
{
    return error_set(error, TENO_USAGE, "%s: row %d: %s '%s'", path, row + 1, what, value);
}

static int session_from_row(Cohort *cohort, const char *path, int row, Error *error)
{
    const Table *table = &cohort->manifest;
#define CELL(name) table_cell(table, row, table_column(table, name))
    Session *session = session_new(cohort, error);
    if (!session) return TENO_FAILED;
    session->row = row;
    label_set(session->subject, sizeof session->subject, CELL("subject"));
    label_set(session->timepoint, sizeof session->timepoint, CELL("timepoint"));
    string_set(session->side, sizeof session->side, CELL("side"));
    session->tendon = CELL("tendon");
    session->therapy = CELL("therapy");
    session->arm = CELL("arm");
    session->pair = CELL("pair");
    if (!session->subject[0]) return row_refuse(path, row, "subject has no letter or digit:", CELL("subject"), error);
    if (!session->timepoint[0])
        return row_refuse(path, row, "timepoint has no letter or digit:", CELL("timepoint"), error);
    if (!CELL("path")[0]) return row_refuse(path, row, "path is empty for subject", CELL("subject"), error);
    if (!date_set(session->date, CELL("date")))
        return row_refuse(path, row, "date is not YYYY-MM-DD:", CELL("date"), error);
    if (session->side[0] && strcmp(session->side, "left") != 0 && strcmp(session->side, "right") != 0)
        return row_refuse(path, row, "side is neither left nor right:", CELL("side"), error);
    session->path = cohort_path_from(cohort, path, CELL("path"), error);
    return session->path ? TENO_OK : TENO_FAILED;
#undef CELL
}

int sessions_from_manifest(Cohort *cohort, const char *path, Error *error)
{
    static const char *const wanted[] = {"subject", "timepoint", "path"};
    size_t length = strlen(path);
    bool tabs = length > 4 && strcmp(path + length - 4, ".tsv") == 0;
    int code = table_read(&cohort->manifest, path, tabs ? '\t' : ',', error);
    for (int i = 0; !code && i < 3; i++)
        if (table_column(&cohort->manifest, wanted[i]) < 0)
            code = error_set(error, TENO_USAGE, "%s: no column '%s' in the header, wanted subject,timepoint,path", path,
                             wanted[i]);
    for (int row = 1; !code && row < cohort->manifest.n_rows; row++) code = session_from_row(cohort, path, row, error);
    if (!code && cohort->n_sessions == 0) code = error_set(error, TENO_USAGE, "%s: no study below the header", path);
    return code;
}
