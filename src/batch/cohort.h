/* The two ways to sessions: a manifest, or a folder that is searched. */
#ifndef TENO_BATCH_COHORT_H
#define TENO_BATCH_COHORT_H

#include <stddef.h>

#include "teno/batch.h"

int sessions_from_manifest(Cohort *cohort, const char *path, Error *error) TENO_CHECKED;
int sessions_from_folder(Cohort *cohort, const char *path, Error *error) TENO_CHECKED;

/* What one entry of a folder holds. Owns the paths and UIDs of its sessions. */
typedef struct Found {
    Session *sessions;
    int n_sessions;
    Notes remarks;
} Found;
/* An entry without DICOM files is empty, no error. Freed by found_free in any case. */
int entry_search(Found *found, const char *path, Error *error) TENO_CHECKED;
void found_free(Found *found);
/* Sessions of all entries together, copied. */
int sessions_from_found(Cohort *cohort, const Found *found, int n, Error *error) TENO_CHECKED;
/* Cases of all sessions, and their pairs; `source` is told where two have one name. */
int cohort_pair(Cohort *cohort, const char *source, Error *error) TENO_CHECKED;
void session_clear(Session *session);
/* A new session at the end, empty; NULL with the error set. Pointers to sessions do not survive it. */
Session *session_new(Cohort *cohort, Error *error);
/* A text that lives as long as the cohort; NULL with the error set. */
const char *cohort_keep(Cohort *cohort, const char *text, Error *error);
/* The analysis of one session, as the cohort's cases hold it. */
void case_of_session(Case *out, const Cohort *cohort, int session);
/* A path that a table names is relative to the table; as cohort_keep. */
const char *cohort_path_from(Cohort *cohort, const char *table, const char *path, Error *error);
/* Letters and digits only, as BIDS wants its labels. */
void label_set(char *label, size_t size, const char *text);

#endif
