/* Fluid between the tendon and the calcaneus that the outline took for a tear of the tendon's surface. */
#ifndef TENO_SEGMENT_BURSA_H
#define TENO_SEGMENT_BURSA_H

#include "segment/outline.h"
#include "segment/tissue.h"

/* Takes the retrocalcaneal bursa off the front of the rings above the insertion (real ring index). Does nothing without
 * a fat-suppressed series. */
int bursa_cut(Tube *tube, double insertion_ring, const Images *images, Error *error) TENO_CHECKED;

#endif
