/* Relaxation times and proton densities of the tissues that a tendon study shows: the only place where they stand. */
#ifndef TENO_TEAR_RELAXATION_H
#define TENO_TEAR_RELAXATION_H

typedef enum Substance {
    SUBSTANCE_TENDON,       /* fibres along the main field */
    SUBSTANCE_TENDON_MAGIC, /* fibres at 55 degrees to it */
    SUBSTANCE_TENDINOSIS,
    SUBSTANCE_MUSCLE,
    SUBSTANCE_FAT,
    SUBSTANCE_FLUID,
    SUBSTANCE_BLOOD,
    SUBSTANCE_COUNT
} Substance;

typedef struct Relaxation {
    double t1_ms, t2_ms, proton_density; /* density relative to muscle */
} Relaxation;

/* At a field strength in tesla: interpolated in log(B0) between 1.5 and 3 T, held constant outside 1–4 T. */
Relaxation relaxation_at(Substance substance, double field_t);

/* Share of fat's signal that spectral fat suppression leaves. */
extern const double FAT_RESIDUAL;
/* 1 SD of the T2 of tendinopathic tendon as a share of its mean. */
extern const double TENDINOSIS_T2_SPREAD;

#endif
