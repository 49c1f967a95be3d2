/* One line on the standard error of a terminal: what is done now, the share done, and the time left. */
#ifndef TENO_CLI_PROGRESS_H
#define TENO_CLI_PROGRESS_H

#include <stdbool.h>

typedef struct Progress {
    bool shown;   /* standard error is a terminal, and not --quiet */
    bool verbose; /* a line a stage with its time, terminal or not */
    double start_s, stage_start_s;
    char stage[96];
} Progress;

void progress_start(Progress *progress, bool quiet, bool verbose);
/* A ProgressFunction; `progress` is a Progress. */
void progress_report(void *progress, const char *stage, double share);
void progress_end(Progress *progress);

#endif
