/* Work on untrusted bytes in child processes that may die. */
#ifndef TENO_DICOM_HELPER_H
#define TENO_DICOM_HELPER_H

#include <stddef.h>

#include "teno/error.h"

/* One piece of the work; writes its result only into memory from helper_memory. */
typedef int (*HelperTask)(void *context, int index, Error *error);

/* Zeroed memory that parent and children share. */
void *helper_memory(size_t bytes, Error *error);
void helper_memory_free(void *memory, size_t bytes);

/* Calls task(context, i, …) for each i in [0, n) in child processes side by side, with limits on memory and time a
 * piece. errors[i] tells how each ended: a piece that crashed, hung or ran out of memory fails alone, the rest goes on.
 * Fails as a whole only when no child can be started. */
int helper_run(HelperTask task, void *context, int n, int n_processes, Error *errors, Error *error) TENO_CHECKED;

#endif
