/* How much each point of the lattice looks like the middle of an Achilles section. */
#ifndef TENO_SEGMENT_BANDS_H
#define TENO_SEGMENT_BANDS_H

#include "segment/lattice.h"

/* Maps are [nz][ny][nx] of the lattice. */
typedef struct Bands {
    float *score; /* log-odds like, per level; BAND_NOWHERE where no tendon can be */
} Bands;

#define BAND_NOWHERE (-1e6F)

/* A box of tissue: what stands out most along a path. */
typedef struct Box {
    double centre_x, centre_y; /* nodes of the lattice */
    double width_mm, thickness_mm;
} Box;

/* The size and place of the section at each node of a path (node[i] on level first + i, ascending), from how much each
 * point is like tendon and not like fat or muscle: the box that, together with its neighbours along the path, differs
 * most from what surrounds it. box: [n]. */
int bands_measure(Box *box, const int *node, int first, int n, const Lattice *lattice, Error *error) TENO_CHECKED;
int bands_find(Bands *out, const Lattice *lattice, Error *error) TENO_CHECKED;
void bands_free(Bands *bands);

#endif
