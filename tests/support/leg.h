/* A lower leg of ellipses and blobs for tests of preprocessing and registration: simple enough that every wanted value
 * is known. */
#ifndef TENO_TESTS_LEG_H
#define TENO_TESTS_LEG_H

#include "teno/vol.h"

typedef struct LegSignal {
    double air, fat, muscle, marrow, tendon, fluid;
} LegSignal;

/* Tissue at a point of the leg's own frame (LPS mm, leg along z, centre at the origin): signal of it. */
double leg_signal(const LegSignal *signal, Vec3 p);
/* Samples the leg, moved by `leg_to_image`, on an allocated volume: 2 x 2 x 2 points a voxel. */
void leg_fill(Vol *out, const LegSignal *signal, const Rigid *leg_to_image);
/* Smooth coil field of about a factor `range` over the volume, mean 1 in the logarithm. */
double leg_bias(const Grid *grid, double range, Vec3 p);
/* Magnitude of the signal with complex Gaussian noise of the given SD. */
void leg_add_noise(Vol *vol, double sd, unsigned long long seed);
/* nx x ny x nz grid centred at the origin, axes along LPS. */
Grid leg_grid(int nx, int ny, int nz, double dx, double dy, double dz);

#endif
