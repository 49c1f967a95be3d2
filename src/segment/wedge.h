/* The fat between tendon and calcaneus, down to where it ends: measured by its integral, not by its edges. */
#ifndef TENO_SEGMENT_WEDGE_H
#define TENO_SEGMENT_WEDGE_H

#include "segment/front.h"

enum { WEDGE_BELOW = 6, WEDGE_RINGS = 17 }; /* rings looked at, and how many of them below the expected contact */

/* Where to look: depths in front of the centreline on rings [first, first + WEDGE_RINGS); NaN unknown. */
typedef struct WedgePlace {
    int first;
    double edge_mm[WEDGE_RINGS][FRONT_LINES];      /* the tendon's own edge, continued from above */
    double cortex_at_mm[WEDGE_RINGS][FRONT_LINES]; /* about the middle of the cortex */
} WedgePlace;

typedef struct Wedge {
    int first;
    double contact_ring;                      /* real ring index; NaN where it is not seen */
    double bone_mm[WEDGE_RINGS][FRONT_LINES]; /* by how much the outline's front reaches into the cortex; NaN unknown */
} Wedge;

Wedge wedge_measure(const Fronts *fronts, const WedgePlace *place, double cortex_mm);

#endif
