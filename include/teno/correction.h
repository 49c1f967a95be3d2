/* How a person's correction changed the numbers: the measures of an earlier report.json of the same study beside those
 * now. */
#ifndef TENO_CORRECTION_H
#define TENO_CORRECTION_H

#include "teno/analysis.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CorrectedMeasure {
    const char *tendon;   /* name in the tendon table */
    char name[48];        /* as in report.json; those under "tear" begin with "tear_" */
    const char *unit;     /* UCUM */
    double before, after; /* NaN: not known */
} CorrectedMeasure;

typedef struct Correction {
    char before_by[700], after_by[700]; /* who or what drew the outline */
    CorrectedMeasure *measures;         /* [n_measures] all that are known on at least one side */
    int n_measures;
} Correction;

/* Whether `path` is a report.json of this study; TENO_USAGE otherwise. Cheap: call it before an analysis. */
int correction_check(const char *path, const Study *study, Error *error) TENO_CHECKED;
/* Compares with analysis->options.against_path. */
int correction_make(Correction *out, const Analysis *analysis, Error *error) TENO_CHECKED;
void correction_free(Correction *correction);
/* Who or what drew the outlines of this analysis. */
void segmented_by(char *out, size_t size, const Analysis *analysis);

#ifdef __cplusplus
}
#endif
#endif
