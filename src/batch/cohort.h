/* The two ways to sessions: a manifest, or a folder that is searched. */
#ifndef TENO_BATCH_COHORT_H
#define TENO_BATCH_COHORT_H

#include <stddef.h>

#include "teno/batch.h"

int sessions_from_manifest(Cohort *cohort, const char *path, Error *error) TENO_CHECKED;
int sessions_from_folder(Cohort *cohort, const char *path, Error *error) TENO_CHECKED;
/* A new session at the end, empty; NULL with the error set. Pointers to sessions do not survive it. */
Session *session_new(Cohort *cohort, Error *error);
/* A text that lives as long as the cohort; NULL with the error set. */
const char *cohort_keep(Cohort *cohort, const char *text, Error *error);
/* Letters and digits only, as BIDS wants its labels. */
void label_set(char *label, size_t size, const char *text);

#endif
