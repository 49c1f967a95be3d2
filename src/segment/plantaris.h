/* The plantaris tendon: a small dark cord along the medial edge of the Achilles that is none of it. */
#ifndef TENO_SEGMENT_PLANTARIS_H
#define TENO_SEGMENT_PLANTARIS_H

#include "segment/tissue.h"
#include "segment/tube.h"

/* Draws the boundary back to the tendon's own edge wherever a cord beyond a light gap has been taken into it. */
int plantaris_cut(Tube *tube, const Images *images, Error *error) TENO_CHECKED;

#endif
