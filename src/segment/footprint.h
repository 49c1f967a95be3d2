/* The insertion: how much of the dark layer behind the calcaneus is tendon, and where it ends. */
#ifndef TENO_SEGMENT_FOOTPRINT_H
#define TENO_SEGMENT_FOOTPRINT_H

#include "segment/landmarks.h"

/* Below the insertion the outline holds tendon and cortical bone: takes the bone off, and lets the tube begin where
 * tendon is left (tube->first). Does nothing without an insertion. */
int footprint_trim(Tube *tube, const Landmarks *landmarks, const Images *images, Error *error) TENO_CHECKED;

#endif
