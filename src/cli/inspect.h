/* The two faces of a scan: a table for people, JSON for programs. */
#ifndef TENO_CLI_INSPECT_H
#define TENO_CLI_INSPECT_H

#include <stdio.h>

#include "teno/series.h"

void inspect_print_table(FILE *stream, const Scan *scan);
int inspect_print_json(FILE *stream, const Scan *scan, Error *error) TENO_CHECKED;

#endif
