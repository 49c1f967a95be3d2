/* What lies in front of a tendon: profiles along parallel lines that run forwards from the centreline. */
#ifndef TENO_SEGMENT_FRONT_H
#define TENO_SEGMENT_FRONT_H

#include "segment/tissue.h"
#include "segment/tube.h"

enum { FRONT_LINES = 5, FRONT_DEPTH = 88 };
#define FRONT_SAMPLE_MM 0.25

typedef struct Fronts {
    int n_rings;
    float *shade;    /* [n_rings][FRONT_LINES][FRONT_DEPTH] 1 tendon, 0 fat; NaN where no channel sees it */
    float *muscle;   /* the same shape: 1 as bright as muscle, 0 as far from it as fat is */
    double *edge_mm; /* [n_rings][FRONT_LINES] from the centreline to the tendon's anterior boundary; NaN beside it */
} Fronts;

int fronts_sample(Fronts *out, const Tube *tube, const Images *images, Error *error) TENO_CHECKED;
void fronts_free(Fronts *fronts);

#endif
