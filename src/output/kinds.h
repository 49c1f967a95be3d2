/* The functions behind the rows of writers.c: each puts its files under `folder`, which exists. */
#ifndef TENO_OUTPUT_KINDS_H
#define TENO_OUTPUT_KINDS_H

#include "teno/output.h"

/* All chosen kinds of one result, of which one is NULL; `kinds` as in --write, checked before. */
int write_kinds(const Analysis *analysis, const Comparison *comparison, const char *folder, const char *kinds,
                Error *error) TENO_CHECKED;
int write_analysis_log(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_comparison_log(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_pictures(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
/* For papers; the table of figures.c. */
int write_figures(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_change_figures(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_report_html(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_change_pictures(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_compare_html(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_report_pdf(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_compare_pdf(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_masks(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_report_json(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_compare_json(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_measurements_csv(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_changes_csv(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_seg(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_seg_binary(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_sc(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
/* report.pdf, and the same as dicom/report.pdf.dcm; of a comparison in the second date's study. */
int write_pdf(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;
int write_pdf_of_comparison(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_seg_of_comparison(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_sr_of_comparison(const Comparison *comparison, const char *folder, Error *error) TENO_CHECKED;
int write_sr(const Analysis *analysis, const char *folder, Error *error) TENO_CHECKED;

#endif
