/* From knots to the tendon's surface. */
#ifndef TENO_SEGMENT_ENVELOPE_H
#define TENO_SEGMENT_ENVELOPE_H

#include "segment/boundary.h"
#include "segment/landmarks.h"
#include "segment/locate.h"

/* Builds the tube along the knots and places its boundary: surface, new centreline through the centroids, surface
 * again, edge fit. With `landmarks` (NULL: not an Achilles) they are found, and the calcaneus' cortex is taken off. The
 * series of `prepared` are aligned to each other on the way. */
int envelope_build(Tube *out, Prepared *prepared, const Located *located, const Images *images,
                   const BoundaryOptions *options, Landmarks *landmarks, Error *error) TENO_CHECKED;

#endif
