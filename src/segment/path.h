/* The best path through all levels of the lattice. */
#ifndef TENO_SEGMENT_PATH_H
#define TENO_SEGMENT_PATH_H

#include "segment/bands.h"

/* One node a level, from level `first` up. */
typedef struct Path {
    int *node; /* [n] y * nx + x */
    int first, n;
    double score; /* sum of scores minus costs of steps; 0 for an empty path */
} Path;

/* The path with the highest score among nodes that are not closed[] ([nz][ny][nx]; NULL: all open), exactly. */
int path_best(Path *out, const Bands *bands, const Grid *lattice, const unsigned char *closed,
              Error *error) TENO_CHECKED;
/* Closes all nodes within apart_mm of the path, on its levels and a little beyond. */
void path_close(unsigned char *closed, const Path *path, const Grid *lattice, double apart_mm);
void path_free(Path *path);

#endif
