/*
 * One line on the standard error of a terminal: the share done, what is done now, and the time left. It appears when
 * the work has taken a second, and a thread of its own keeps it up to date; a pipe or --quiet sees nothing of it.
 */
#ifndef TENO_CLI_PROGRESS_H
#define TENO_CLI_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>

typedef struct Progress {
    bool shown;   /* standard error is a terminal, and neither --quiet nor --verbose */
    bool verbose; /* a line a stage with its time, terminal or not */
    double start_s, stage_start_s;
    double from, to;      /* the part of the whole that reports are about */
    double share, left_s; /* when the stage began; left_s NaN: not known */
    double shown_share;
    char stage[96];
    pthread_t ticker;
    pthread_mutex_t mutex; /* of what stands above, while the ticker runs */
    pthread_cond_t changed;
    bool ended;
} Progress;

void progress_start(Progress *progress, bool quiet, bool verbose);
/* What is reported next is this part of the whole, shares 0–1. */
void progress_part(Progress *progress, double from, double to);
/* A ProgressFunction; `progress` is a Progress. */
void progress_report(void *progress, const char *stage, double share);
void progress_end(Progress *progress);

#endif
