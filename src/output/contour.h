/* Contour lines of a small image. */
#ifndef TENO_OUTPUT_CONTOUR_H
#define TENO_OUTPUT_CONTOUR_H

#include "teno/error.h"

/* Closed polygons. Points in pixels, pixel centres at whole numbers; path p is points [start[p], start[p + 1]). */
typedef struct Contour {
    float *x, *y; /* [start[n_paths]] */
    int *start;   /* [n_paths + 1] */
    int n_paths;
} Contour;

/* Where data [ny][nx] crosses `level`; beyond the image it is 0. NaN counts as 0. Caller frees. */
int contour_find(Contour *out, const float *data, int nx, int ny, float level, Error *error) TENO_CHECKED;
void contour_free(Contour *contour);

#endif
