/* Sections at equal steps of arc length. */
#ifndef TENO_SEGMENT_RESPACE_H
#define TENO_SEGMENT_RESPACE_H

#include "teno/tendon.h"

/* The planes of a tube are evenly spaced along the tube's centreline; along the curve through the sections' centroids,
 * whose arc length s is, they are closer inside a bend and farther apart outside. Resamples the shape to step_mm along
 * that curve, which makes the sum of areas times steps its volume (Pappus). `place` (n_places real indices of sections
 * before; may lie beyond the ends) becomes real indices after. */
int shape_respace(TendonShape *shape, double *place, int n_places, Error *error) TENO_CHECKED;

#endif
