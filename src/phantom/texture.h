/* Smooth random fields: value noise on a unit lattice, keyed by a seed. */
#ifndef TENO_PHANTOM_TEXTURE_H
#define TENO_PHANTOM_TEXTURE_H

#include <stdint.h>

#include "teno/geometry.h"

/* Mean 0, about SD 1, correlated over about one unit of p. */
double texture_noise(uint64_t seed, Vec3 p);

#endif
