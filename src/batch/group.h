/* Rows of the cohort's tables, and the plots of them. */
#ifndef TENO_BATCH_GROUP_H
#define TENO_BATCH_GROUP_H

#include "teno/batch.h"

/* One number of one subject; texts borrowed from the table, NaN for n/a. */
typedef struct GroupRow {
    const char *subject, *arm, *timepoint, *timepoint_post, *tendon, *measure, *unit, *verdict;
    double pre, post, value;
} GroupRow;

int group_rows_read(GroupRow **out, int *n, const Table *table, const char *value_column, Error *error) TENO_CHECKED;
int group_row_order(const void *a, const void *b); /* tendon, measure, time points, arm, subject */
/* Behind the last row that shares tendon, measure, time points (and arm) with rows[first]. */
int group_end(const GroupRow *rows, int n, int first, bool with_arm);
/* One picture a tendon, measure and pair of time points: a line a subject, a panel an arm. Rows in group_row_order. */
int group_plots_write(const GroupRow *rows, int n, const char *folder, Error *error) TENO_CHECKED;

#endif
