/* Dark compact regions of each level of the lattice: what may be a section of a tendon. */
#ifndef TENO_SEGMENT_BLOBS_H
#define TENO_SEGMENT_BLOBS_H

#include "segment/lattice.h"

typedef struct Blob {
    int level; /* k of the lattice */
    Vec3 centre_lps;
    double area_mm2;
    double minor_mm, major_mm; /* full axes of the ellipse with the same second moments */
    double angle_rad;          /* of the major axis in the (x, y) plane */
    double depth_mm;           /* from the centre straight back (+y) to air; NaN when air is not imaged */
    double contrast;           /* mean darkness inside minus that of a ring around, 0–1 */
    double behind, front;      /* share of bright tissue in the ring's posterior and anterior part, 0–1 */
    double beside_mm;          /* distance from the body's middle at this level, along x; NaN when it is cut off */
    double score;              /* how much it looks like the tendon sought, log-odds like */
} Blob;

typedef struct Blobs {
    Blob *blob; /* ascending in level */
    int n, capacity;
    int *first; /* [n_levels + 1] */
    int n_levels;
} Blobs;

int blobs_find(Blobs *out, const Lattice *lattice, Error *error) TENO_CHECKED;
void blobs_free(Blobs *blobs);

#endif
