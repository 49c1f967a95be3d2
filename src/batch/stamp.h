/* What is known about a finished case: state/<case>.json. */
#ifndef TENO_BATCH_STAMP_H
#define TENO_BATCH_STAMP_H

#include <stdbool.h>

#include "teno/error.h"
#include "teno/hash.h"

typedef struct Stamp {
    char inputs[SHA256_HEX_SIZE], marks[SHA256_HEX_SIZE]; /* fingerprints of the input files */
    char options[SHA256_HEX_SIZE];                        /* of the command and the version */
    int status;                                           /* exit status; -1: ended by a signal or a limit */
    char message[512];                                    /* why it is not 0 */
} Stamp;

/* A case is finished with a result, not failed: measured, not assessable, or not comparable. */
bool stamp_finished(const Stamp *stamp);
const char *stamp_outcome(const Stamp *stamp); /* "done", "not_assessable", "not_comparable", "failed" */
/* False when there is none, or none that can be read: then the case is done again. */
bool stamp_read(Stamp *stamp, const char *path);
int stamp_write(const Stamp *stamp, const char *path, Error *error) TENO_CHECKED;

#endif
