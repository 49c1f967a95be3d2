/* One case from beginning to end, in a process of its own. */
#ifndef TENO_BATCH_WORKER_H
#define TENO_BATCH_WORKER_H

#include <limits.h>

#include "teno/batch.h"

/* Exit status of a worker. */
typedef enum WorkerEnd { WORKER_DONE, WORKER_KEPT, WORKER_FAILED, WORKER_BUSY } WorkerEnd;

/* Does the case unless it is finished and still valid. `wait`: when another batch is at it, wait and then see;
 * otherwise WORKER_BUSY. */
WorkerEnd worker_run(const Cohort *cohort, const Case *item, const char *out, const BatchOptions *options, bool wait);
/* Paths below `out`: results of a case ("sub-01/ses-pre"), and its state ("state/NAME.json"). */
void case_folder(char path[PATH_MAX], const char *out, const Cohort *cohort, const Case *item);
void case_state(char path[PATH_MAX], const char *out, const Case *item);

#endif
