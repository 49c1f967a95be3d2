/* A result folder that appears under its final name only when it is complete. */
#ifndef TENO_OUTPUT_FOLDER_H
#define TENO_OUTPUT_FOLDER_H

#include <stddef.h>

#include "teno/error.h"

/* First word of the first line of log.txt: tells a result of ours from any other folder. */
#define FOLDER_MARKER "teno-result/1"

typedef struct OutFolder {
    char *final, *temporary; /* absolute paths, owned */
    int lock;                /* descriptor of the temporary folder, locked while we write; -1 none */
} OutFolder;

/* Makes the temporary sibling of `out` (and missing parents). Refuses an `out` that is a file, or a folder that is
 * neither empty nor a result of ours. Zero-initialise first; discard or commit afterwards. */
int folder_begin(OutFolder *folder, const char *out, Error *error) TENO_CHECKED;
/* Gives the temporary folder its final name in one step; an older result there is removed after that. */
int folder_commit(OutFolder *folder, Error *error) TENO_CHECKED;
/* Removes what was not committed and frees; repeatable. */
void folder_discard(OutFolder *folder);

/* Path folder/name, or NULL with the error set. Caller frees. */
char *path_join(const char *folder, const char *name, Error *error);
/* Makes folder/name unless it exists. */
int folder_make(const char *folder, const char *name, Error *error) TENO_CHECKED;
/* Writes a whole file folder/name; a full disk is an error. */
int file_write(const char *folder, const char *name, const void *bytes, size_t size, Error *error) TENO_CHECKED;

#endif
