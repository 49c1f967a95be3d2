/* What a result depends on, by content: the bytes of its inputs, the options, the version. */
#ifndef TENO_BATCH_FINGERPRINT_H
#define TENO_BATCH_FINGERPRINT_H

#include "teno/error.h"
#include "teno/hash.h"

/* Of every file below the paths: `content` of names and bytes; `marks` of names, sizes, change times and inodes. Where
 * the marks are as they were the content is too (nothing can set a change time), and need not be read again. */
int content_fingerprint(char content[SHA256_HEX_SIZE], const char *const *paths, int n_paths,
                        Error *error) TENO_CHECKED;
int marks_fingerprint(char marks[SHA256_HEX_SIZE], const char *const *paths, int n_paths, Error *error) TENO_CHECKED;

#endif
