/* The boundary of a ring as a polygon in its plane, and what can be done to its front. */
#ifndef TENO_SEGMENT_OUTLINE_H
#define TENO_SEGMENT_OUTLINE_H

#include "segment/tube.h"

/* Points in the ring's (u, v) plane, mm, and how much the outline's normal looks forwards there, 0 to 1. */
typedef struct Outline {
    double u[SECTION_POINTS], v[SECTION_POINTS], front[SECTION_POINTS];
} Outline;

Outline outline_of_ring(const Tube *tube, int k);

/* Where a line across the ring's long axis at `along` (mm from the centre) leaves the outline, behind and in front, in
 * mm along the short axis, which points back; false beside it. */
bool outline_across(const Outline *outline, const Ring *ring, double along, double *back, double *front);

/* Takes a layer off the front, thick_mm[SECTION_POINTS] along the normals: what is nearer to a point of the front than
 * the layer is thick there. */
void outline_peel_front(Tube *tube, int k, const Outline *outline, const double thick_mm[SECTION_POINTS]);

#endif
