/* Text files of a batch: read whole, replaced in one step. */
#ifndef TENO_BATCH_TEXT_FILE_H
#define TENO_BATCH_TEXT_FILE_H

#include <limits.h>
#include <stdio.h>

#include "output/text.h"
#include "teno/error.h"

/* A path; one that does not fit becomes "", which no file has, rather than the path of another file. */
void path_set(char path[PATH_MAX], const char *format, ...) TENO_PRINTF(2, 3);
/* The whole file with a terminating zero; caller frees. At most 1 GB. */
int text_file_read(char **out, const char *path, Error *error) TENO_CHECKED;
/* Puts the text under `path`: a reader, or a kill at any moment, finds the old file or the new one, whole. */
int text_file_replace(const char *path, const Text *text, Error *error) TENO_CHECKED;
/* The same in two steps, for a file that is written bit by bit; with a `code` that is no success it is thrown away. */
int partial_open(FILE **out, char partial[PATH_MAX], const char *path, Error *error) TENO_CHECKED;
int partial_close(FILE *file, const char *partial, const char *path, int code, Error *error) TENO_CHECKED;
/* Makes a folder and those above it. */
int folders_make(const char *path, Error *error) TENO_CHECKED;

#endif
