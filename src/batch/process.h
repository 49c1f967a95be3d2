/* One command in a process of its own, with limits; it dies with its parent. */
#ifndef TENO_BATCH_PROCESS_H
#define TENO_BATCH_PROCESS_H

#include <stdbool.h>

#include "teno/error.h"

typedef struct ProcessEnd {
    bool exited; /* with `status`; otherwise by `signal` */
    int status, signal;
    bool timed_out;
} ProcessEnd;

/* Runs argv (NULL-terminated) with standard output and error into the descriptor `log`, and waits. Limits of 0: none.
 * Fails when the process cannot be started; how it ended is no failure of this function. */
int process_run(ProcessEnd *end, char *const *argv, int log, int memory_mb, int time_limit_s,
                Error *error) TENO_CHECKED;
/* Makes this process die with the one that started it, `parent`. */
void process_die_with(int parent);

#endif
