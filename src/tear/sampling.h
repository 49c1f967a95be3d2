/* How a series samples the straightened tendon. */
#ifndef TENO_TEAR_SAMPLING_H
#define TENO_TEAR_SAMPLING_H

#include "lattice.h"

/* A linear operator on arrays [ns][nv][nu]: blur by the point spread, then linear interpolation between the two slices
 * beside each pixel, which lie at fixed places. */
typedef struct Sampling {
    double psf_mm[3]; /* SD of the blur along u, v, s: point spread and interpolation within slices */
    int axis;         /* the slices follow each other along u (0), v (1) or s (2) */
    double gap_mm;    /* from one slice to the next along that axis; negative when they run against it */
    float *between;   /* [ns][nv][nu] how far a pixel lies from its slice towards the next, 0-1 */
} Sampling;

/* What the series shows of `in`, which continues beyond the lattice as it ends. In place is allowed. */
int sampling_apply(float *out, const float *in, const Lattice *lattice, const Sampling *sampling,
                   Error *error) TENO_CHECKED;
/* The transposed operator, for what ends within the lattice. In place is allowed. */
int sampling_transpose(float *out, const float *in, const Lattice *lattice, const Sampling *sampling,
                       Error *error) TENO_CHECKED;

#endif
