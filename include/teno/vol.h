/* A scalar volume on a grid. */
#ifndef TENO_VOL_H
#define TENO_VOL_H

#include "teno/error.h"
#include "teno/geometry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Vol {
    Grid grid;
    float *data; /* [nz][ny][nx] */
} Vol;

int vol_alloc(Vol *out, const Grid *grid, Error *error) TENO_CHECKED; /* zeroed; caller frees */
int vol_copy(Vol *out, const Vol *from, Error *error) TENO_CHECKED;
void vol_free(Vol *vol); /* repeatable */
/* Trilinear sample at a patient point; beyond half a voxel outside the grid: `outside` (NAN is usual). Along an axis
 * with one slice the value is constant over the slice's half spacing. */
double vol_sample(const Vol *vol, Vec3 p_lps, double outside);
/* Same at a point in voxel coordinates. */
double vol_sample_vox(const Vol *vol, Vec3 p_vox, double outside);
/* Fills `out` (allocated, with its grid) from `from`; `out_to_from` maps LPS points of out's frame into from's
 * (NULL: same frame). Trilinear; NaN outside. Parallel over slices. */
void vol_resample(Vol *out, const Vol *from, const Rigid *out_to_from);

#ifdef __cplusplus
}
#endif
#endif
