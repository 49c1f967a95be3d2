/* Many studies and pairs: a manifest becomes cases, each done in a process of its own, resumable at any moment. */
#ifndef TENO_BATCH_H
#define TENO_BATCH_H

#include <stdbool.h>

#include "teno/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A table of text, as read from CSV or TSV: row 0 is the header. */
typedef struct Table {
    const char ***cell; /* [n_rows][n_columns] into `text`; a short row is filled with "" */
    int n_rows, n_columns;
    char *text; /* the whole file, cut at its cells */
} Table;

/* RFC 4180 with LF or CRLF, quotes, an optional byte order mark; `separator` ',' or '\t'. Fails on a file that cannot
 * be read, an open quote, or a row longer than the header, naming the line. */
int table_read(Table *out, const char *path, char separator, Error *error) TENO_CHECKED;
int table_column(const Table *table, const char *name);          /* -1: no such column */
const char *table_cell(const Table *table, int row, int column); /* "" for column -1 */
void table_free(Table *table);

/* One study of the cohort. */
typedef struct Session {
    char subject[65], timepoint[65]; /* as they become sub-… and ses-…: letters and digits only */
    char date[9];                    /* DA, "" unknown */
    char side[8];                    /* "left", "right", "" unsaid */
    const char *path;                /* the study's folder; several when one study lies in several, separated by '\n' */
    const char *study_uid;           /* which study of that folder; "" the only one */
    const char *tendon, *therapy, *arm, *pair; /* "" unsaid */
    const char *mask;                          /* a person's correction to measure; "" none */
    int row;                                   /* of the manifest; -1 found in a folder */
} Session;

typedef enum CaseKind { CASE_ANALYZE, CASE_COMPARE } CaseKind;

/* One run of the program: a study, or a pair of them. */
typedef struct Case {
    CaseKind kind;
    char name[240]; /* unique, no patient's id: sub-01_ses-pre, sub-01_ses-pre_ses-post */
    int session[2]; /* into the cohort's sessions; [1] is -1 for a single study */
} Case;

typedef struct Cohort {
    Table manifest; /* empty when a folder was searched */
    Session *sessions;
    int n_sessions;
    Case *cases; /* ordered by name */
    int n_cases;
    Notes remarks; /* what could not be read or paired, for people */
    char **texts;  /* behind the sessions found in a folder */
    int n_texts;
} Cohort;

/* Reads a manifest (.csv, .tsv) or searches a folder, and pairs: by the column `pair`, else by subject and side, each
 * later date with the first. */
int cohort_read(Cohort *out, const char *path, Error *error) TENO_CHECKED;
/* Leaves out what the verdicts of a qc.tsv reject, and has corrected cases measured on their masks. */
int cohort_apply_verdicts(Cohort *cohort, const char *qc_path, Error *error) TENO_CHECKED;
void cohort_free(Cohort *cohort);

/* What became of the cases. */
typedef struct BatchCount {
    int wanted;                         /* cases of this run */
    int done, kept;                     /* done now; finished before and still valid */
    int failed;                         /* now or before */
    int not_assessable, not_comparable; /* among the done and kept: results with a reason instead of numbers */
    bool summarised;                    /* tables and pages were written */
} BatchCount;

/* How a batch is run. */
typedef struct BatchOptions {
    const char *program;          /* the command that does one case: normally this very program */
    const char *const *arguments; /* passed on to every analysis: --repeats, --write ... */
    int n_arguments;
    const char *const *compare_arguments; /* to every comparison; what an analysis was made with it knows itself */
    int n_compare_arguments;
    int jobs, threads;           /* cases side by side, threads in each */
    int memory_mb, time_limit_s; /* limits of one case */
    int shard, n_shards;         /* subjects shard, shard + n_shards ... (from 0) */
    bool retry_failed;
    bool keep_rows; /* tables keep finished cases that the cohort no longer holds: a folder that is emptied */
    /* Called from one thread whenever a case ended; counts so far. */
    void (*progress)(void *context, const BatchCount *count);
    void *progress_context;
} BatchOptions;

/* Runs what is missing, failed (with retry_failed) or stale under the folder `out`, and writes its tables, BIDS files
 * and index page; of several shards the one that ends last does. The same command again goes on where this one was
 * stopped, whatever stopped it. Results of several batches at once on one folder merge. TENO_SOME_FAILED when cases
 * failed, after everything is written. */
int batch_run(BatchCount *count, const Cohort *cohort, const char *out, const BatchOptions *options,
              Error *error) TENO_CHECKED;
/* How a folder is watched. */
typedef struct WatchOptions {
    int settle_s;        /* a study is taken when its files have not changed for so long */
    const char *exclude; /* qc.tsv, NULL: none */
    void (*begins)(void *context, const Cohort *cohort); /* a round; NULL: not told */
    void (*ended)(void *context, const BatchCount *count);
    void *context;
} WatchOptions;

/* Runs a batch of all studies below `folder` whenever one of them is new or has changed and has come to rest. Returns
 * only with an error. */
int batch_watch(const char *folder, const char *out, const BatchOptions *options, const WatchOptions *watch,
                Error *error) TENO_CHECKED;
/* The tables and pages from what is finished under `out` (batch_run does it at its end). */
int batch_summarise(const char *out, Error *error) TENO_CHECKED;
/* The cohort by arm and time point: results/group_*.tsv and results/plots. */
int group_run(const char *out, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
