/* The paratenon: a thin bright layer around the tendon that is none of it. */
#ifndef TENO_SEGMENT_RIM_H
#define TENO_SEGMENT_RIM_H

#include "segment/tissue.h"
#include "segment/tube.h"

/* Draws the boundary back to the tendon's dark edge wherever a thin bright layer lies between it and the surroundings.
 */
int rim_peel(Tube *tube, const Images *images, Error *error) TENO_CHECKED;

#endif
