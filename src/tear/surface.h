/* Which surfaces of the tendon a tear reaches. */
#ifndef TENO_TEAR_SURFACE_H
#define TENO_TEAR_SURFACE_H

#include "engine.h"

/* Bits of Surface; 0 intrasubstance. Medial and lateral need the side. */
unsigned surfaces_reached(const TearMap *map, int region, Side side);

#endif
