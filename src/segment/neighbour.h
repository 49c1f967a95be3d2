/* What touches the tendon without belonging to it. */
#ifndef TENO_SEGMENT_NEIGHBOUR_H
#define TENO_SEGMENT_NEIGHBOUR_H

#include "segment/tube.h"

/* Cuts off what hangs on a section by a narrow neck (plantaris tendon, a septum, a vessel). */
int neighbours_cut(Tube *tube, Error *error) TENO_CHECKED;

#endif
