/* From finished cases to tables and pages. Everything is made anew from the cases' own files, one case at a time. */
#ifndef TENO_BATCH_SUMMARY_H
#define TENO_BATCH_SUMMARY_H

#include "batch/stamp.h"
#include "output/text.h"
#include "teno/batch.h"

/* results/cohort.tsv: one row a case of the manifest, with the manifest's own columns behind. All that is summarised
 * starts from it, so that it needs no manifest. With `keep_rows` finished cases of before stay in it. */
int cohort_write(const Cohort *cohort, const char *out, bool keep_rows, Error *error) TENO_CHECKED;

/* One row of it with what became of the case. */
typedef struct CaseRow {
    const char *name, *kind, *folder; /* folder relative to the batch's */
    const char *subject, *timepoint, *timepoint_post, *arm, *therapy;
    bool known; /* there is a stamp */
    Stamp stamp;
} CaseRow;
int cohort_table_read(Table *table, const char *out, Error *error) TENO_CHECKED;
void case_row_read(CaseRow *row, const Table *table, int index, const char *out);
const char *case_row_outcome(const CaseRow *row); /* as stamp_outcome, or "missing" */

/* NAME.json beside OUT/NAME.tsv: what its columns are. */
int sidecar_write(const char *out, const char *name, Error *error) TENO_CHECKED;
int tables_write(const char *out, const Table *cohort,
                 Error *error) TENO_CHECKED; /* results/{cases,measurements,changes}.tsv */
int bids_write(const char *out, const Table *cohort,
               Error *error) TENO_CHECKED; /* dataset_description, participants, sessions */
int index_page_write(const char *out, const Table *cohort, Error *error) TENO_CHECKED; /* qc/index.html */

/* One TSV cell: tabs and line ends become blanks, nothing becomes n/a as BIDS wants it. */
void text_add_cell(Text *text, const char *value);
void text_end_row(Text *text); /* the last cell's tab becomes a line end */

#endif
