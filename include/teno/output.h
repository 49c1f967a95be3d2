/* Results into files. One writer a kind, listed in the table of src/output/writers.c. */
#ifndef TENO_OUTPUT_H
#define TENO_OUTPUT_H

#include "teno/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A writer puts its files under `folder` (exists). */
typedef struct Writer {
    const char *name; /* as in --write */
    bool by_default;
    int (*analysis)(const Analysis *analysis, const char *folder, Error *error);       /* NULL: nothing to write */
    int (*comparison)(const Comparison *comparison, const char *folder, Error *error); /* NULL: nothing to write */
} Writer;

extern const Writer writer_table[];
extern const int writer_count;

/* TENO_USAGE when the comma list names a kind that is not in the table; NULL is fine. */
int output_check_kinds(const char *kinds, Error *error) TENO_CHECKED;

/* Writes all chosen kinds (comma list; NULL: the defaults; "+figures": the defaults and that) into a sibling temporary
 * folder and renames it to `out` when complete. An existing result under that name is replaced only then; a folder that
 * is not a result of ours is refused.
 */
int analysis_write(const Analysis *analysis, const char *out, const char *kinds, Error *error) TENO_CHECKED;
int comparison_write(const Comparison *comparison, const char *out, const char *kinds, Error *error) TENO_CHECKED;

/* Several dates against the first: each comparison in a folder 1, 2, … of `out`, and course.csv over all. */
int course_write(const Comparison *comparisons, int n, const char *out, const char *kinds, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
