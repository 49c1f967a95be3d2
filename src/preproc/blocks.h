/* A volume summed up in blocks of a few millimetres: the scale at which coil fields and tissues are looked for. */
#ifndef TENO_PREPROC_BLOCKS_H
#define TENO_PREPROC_BLOCKS_H

#include "teno/vol.h"

typedef struct Blocks {
    Vol mean, sd; /* over the voxels of a block, on the grid of block centres */
    int edge[3];  /* voxels a block along x, y, z; the last block of an axis may hold fewer */
} Blocks;

/* Blocks of about `size_mm`, never less than a voxel. */
int blocks_make(Blocks *out, const Vol *vol, double size_mm, Error *error) TENO_CHECKED;
void blocks_free(Blocks *blocks);
/* Value below which `share` (0–1) of the finite values lie; NaN for none. */
double blocks_quantile(const Vol *values, double share);

/* Amplitude of a block without the noise floor of a magnitude, E[M²] = A² + 2 SD² (Gudbjartsson and Patz, MRM
 * 1995;34:910, doi:10.1002/mrm.1910340618); 0 if none. */
double blocks_amplitude(const Blocks *blocks, size_t block, double noise_sd);

#endif
