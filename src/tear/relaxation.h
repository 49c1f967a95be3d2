/* Relaxation times and proton densities of the tissues that a tendon study shows: the only place where they stand. */
#ifndef TENO_TEAR_RELAXATION_H
#define TENO_TEAR_RELAXATION_H

typedef enum Tissue {
    TISSUE_TENDON,        /* fibres along the main field */
    TISSUE_TENDON_MAGIC,  /* fibres at 55 degrees to it */
    TISSUE_TENDINOSIS,
    TISSUE_MUSCLE,
    TISSUE_FAT,
    TISSUE_FLUID,
    TISSUE_COUNT
} Tissue;

typedef struct Relaxation {
    double t1_ms, t2_ms, proton_density; /* density relative to muscle */
} Relaxation;

/* At a field strength in tesla: interpolated in log(B0) between 1.5 and 3 T, held constant outside 1–4 T. */
Relaxation relaxation_at(Tissue tissue, double field_t);

/* Share of fat's signal that spectral fat suppression leaves. */
extern const double FAT_RESIDUAL;
/* 1 SD of the T2 of tendinopathic tendon as a share of its mean. */
extern const double TENDINOSIS_T2_SPREAD;

#endif
