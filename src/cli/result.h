#ifndef TENO_CLI_RESULT_H
#define TENO_CLI_RESULT_H

#include "teno/analysis.h"
#include "teno/compare.h"

void tendon_print(const TendonResult *result);                 /* a few lines on standard output */
void warnings_print(const Notes *warnings, const char *about); /* on standard error */
/* The worst of the tendons as an error: TENO_FAILED, TENO_NOT_ASSESSABLE, or TENO_OK when all were measured. */
int analysis_outcome(const Analysis *analysis, const char *out, Error *error);
void comparison_print(const Comparison *comparison);
/* TENO_NOT_COMPARABLE, TENO_NOT_ASSESSABLE when only some tendons are not, or TENO_OK. */
int comparison_outcome(const Comparison *comparison, const char *out, Error *error);

#endif
