/* The series that make_series.py writes, as the scanner of folders would describe it. */
#ifndef TENO_TESTS_ARCHIVE_SERIES_H
#define TENO_TESTS_ARCHIVE_SERIES_H

#include <stdbool.h>

#include "teno/archive.h"

/* Makes a temporary folder with the series in it; false (with a message) where Python or pydicom is missing. */
bool archive_series_make(Series *out, char folder[256], int nx, int ny, int nz);
void archive_series_remove(Series *series, const char *folder);
/* Whether a program can be run here. */
bool program_exists(const char *name);
/* Runs a command made by the format, and returns its exit status. */
int run_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
