/* Rigid registration. */
#ifndef TENO_REGISTER_H
#define TENO_REGISTER_H

#include "teno/error.h"
#include "teno/vol.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RegisterOptions {
    const Vol *fixed_weight; /* 0–1 on the fixed volume's grid: where to look (bone); NULL everywhere */
    Rigid start;             /* fixed LPS → moving LPS */
    bool has_start;
    double max_shift_mm, max_angle_deg; /* search bounds about the start; 0: defaults */
    bool single_modality;    /* same contrast: correlation; otherwise mutual information */
} RegisterOptions;

typedef struct Registration {
    Rigid fixed_to_moving;   /* LPS → LPS */
    double residual_mm;      /* estimated error at the weighted region */
    double similarity;
    bool trusted;
    char reason[160];        /* why not trusted */
} Registration;

int register_rigid(Registration *out, const Vol *fixed, const Vol *moving, const RegisterOptions *options,
                   Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
