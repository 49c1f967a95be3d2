/* The tube of a tendon that a person or another program has drawn. */
#ifndef TENO_SEGMENT_FROM_MASK_H
#define TENO_SEGMENT_FROM_MASK_H

#include "segment/tube.h"

/* Centreline and boundary of the mask's fractions 0–1; the area of every section is that of the fractions in its plane.
 * out->n_rings = 0 when the mask is shorter than 10 mm or not longer than wide. Nothing of the images is looked at. */
int tube_from_mask(Tube *out, const Vol *mask, Error *error) TENO_CHECKED;

#endif
