/* What lies in front of a tendon: profiles along parallel lines that run forwards from the centreline. */
#ifndef TENO_SEGMENT_FRONT_H
#define TENO_SEGMENT_FRONT_H

#include "segment/tissue.h"
#include "segment/tube.h"

enum { FRONT_LINES = 9, FRONT_DEPTH = 88, FRONT_MIDDLE = 2 /* lines before the middle ones, and after them */ };
#define FRONT_SAMPLE_MM 0.25
#define FRONT_PITCH_MM 2.0 /* between lines; the middle one passes the centreline */

typedef struct Fronts {
    int n_rings;
    float *shade;    /* [n_rings][FRONT_LINES][FRONT_DEPTH] 1 tendon, 0 fat; NaN where no channel sees it */
    float *muscle;   /* the same shape: 1 as bright as muscle, 0 as far from it as fat is */
    double *edge_mm; /* [n_rings][FRONT_LINES] from the centreline to the tendon's anterior boundary; NaN beside it */
} Fronts;

/* The two maps along one line: FRONT_DEPTH points from `from` by `step` (reference LPS). */
void front_line(float shade[FRONT_DEPTH], float muscle[FRONT_DEPTH], const Section *frame, Vec3 from, Vec3 step,
                const Images *images);
int fronts_sample(Fronts *out, const Tube *tube, const Images *images, Error *error) TENO_CHECKED;
void fronts_free(Fronts *fronts);

#endif
