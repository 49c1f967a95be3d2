/* Where the tendon meets the calcaneus. */
#ifndef TENO_SEGMENT_INSERTION_H
#define TENO_SEGMENT_INSERTION_H

#include "segment/wedge.h"

typedef struct Insertion {
    bool found;
    double ring;         /* real ring index of the most proximal contact */
    double confidence;   /* 0–1: how dark the cortex's line is, and how far the next best place is behind */
    double cortex_mm;    /* thickness of the cortical bone at the corner, or its usual value */
    double cortex_sd_mm; /* 1 SD of that thickness */
    Wedge wedge;         /* what lies between tendon and bone around it */
} Insertion;

int insertion_find(Insertion *out, const Fronts *fronts, Error *error) TENO_CHECKED;

#endif
