/* Rigid registration. */
#ifndef TENO_REGISTER_H
#define TENO_REGISTER_H

#include "teno/error.h"
#include "teno/vol.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RegisterOptions {
    const Vol *fixed_weight; /* 0–1, any grid in the fixed volume's frame: where to look (bone); NULL everywhere */
    Rigid start;             /* fixed LPS → moving LPS */
    bool has_start;
    double max_shift_mm, max_angle_deg; /* search bounds about the start; 0: REGISTER_MAX_SHIFT_MM, …_ANGLE_DEG */
    double finest_mm; /* voxels are averaged down to about this spacing at the last level; 0: as they are */
    int samples;      /* at the last level; 0: REGISTER_SAMPLES */
} RegisterOptions;

enum { REGISTER_MAX_SHIFT_MM = 60, REGISTER_MAX_ANGLE_DEG = 40, REGISTER_SAMPLES = 200000 };

typedef struct Registration {
    Rigid fixed_to_moving; /* LPS → LPS */
    double residual_mm;    /* estimated error (1 SD) over the weighted region */
    double similarity;     /* mutual information over the fixed samples' entropy, 0–1 */
    double overlap;        /* share of the fixed samples that fall into the moving volume */
    bool trusted;
    char reason[160]; /* why not trusted */
} Registration;

/* Aligns `moving` to `fixed` by mutual information, so that contrasts may differ; both without NaN. Volumes that cannot
 * be aligned are a result (trusted = false), not an error. Method: src/register/rigid.c. */
int register_rigid(Registration *out, const Vol *fixed, const Vol *moving, const RegisterOptions *options,
                   Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
