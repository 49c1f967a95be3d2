/* Where a study comes from: scanning the inputs, and picking the one study that is meant. */
#ifndef TENO_CLI_SOURCE_H
#define TENO_CLI_SOURCE_H

#include "cli/options.h"

/* The study that `wanted` (Study Instance UID or date, NULL: any) names. Without it the only study with a series that
 * can be measured; several are refused with a list, because a wrong guess would be a wrong result. */
int study_pick(Study **out, Scan *scan, const char *wanted, Error *error) TENO_CHECKED;

/* The inputs as report.json may record them: absolute, and with every part of the path that holds the patient's id or
 * name replaced by "#" and a hash of it, unless `identify`. Owned texts in an owned array. */
int source_record(TextList *out, const TextList *inputs, const Study *study, bool identify, Error *error) TENO_CHECKED;
/* Finds a path that source_record wrote; fails with TENO_FAILED when it is no longer there. Owned by the caller. */
int source_resolve(char **out, const char *recorded, const char *report_path, Error *error) TENO_CHECKED;
void source_free(TextList *texts);

#endif
