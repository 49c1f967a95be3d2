/* Tissues of the digital ankle and their signal in a pulse sequence. */
#ifndef TENO_PHANTOM_TISSUE_H
#define TENO_PHANTOM_TISSUE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum Tissue {
    TISSUE_AIR,
    TISSUE_SKIN,
    TISSUE_FAT,
    TISSUE_KAGER_FAT,
    TISSUE_SEPTUM,
    TISSUE_MUSCLE,
    TISSUE_CORTEX,
    TISSUE_MARROW,
    TISSUE_CARTILAGE,
    TISSUE_LIGAMENT,
    TISSUE_TENDON,
    TISSUE_TENDINOSIS,
    TISSUE_PARATENON,
    TISSUE_FLUID,
    TISSUE_BLOOD,
    TISSUE_GRANULATION,
    TISSUE_ARTERY,
    TISSUE_VEIN,
    TISSUE_NERVE,
    TISSUE_EDEMA,
    TISSUE_WATER,
    TISSUE_PLASTIC,
    TISSUE_COUNT
} Tissue;

/* Relaxation of one tissue; fat_fraction is the share that fat suppression acts on. */
typedef struct Relaxation {
    double t1_ms, t2_ms, pd, fat_fraction;
} Relaxation;

typedef struct TissueSet {
    Relaxation tissue[TISSUE_COUNT];
    double tendon_long_pool; /* share of tendon water with T2* 12.85 ms, whatever its direction */
} TissueSet;

/* Values at a field strength, each varied by up to `jitter` (0.15 = ±15 %) with the seed. */
void tissue_set(TissueSet *out, double field_t, double jitter, uint64_t seed);

typedef struct Sequence {
    double tr_ms, te_ms, ti_ms; /* ti 0: no inversion */
    double flip_deg;            /* < 90 with gradient_echo: spoiled gradient echo */
    bool gradient_echo, fat_suppressed;
} Sequence;

enum { ANGLE_BINS = 64 };

/* Signals of one series: fat and water apart, so that imperfect suppression can vary in space. */
typedef struct SignalTable {
    double water[TISSUE_COUNT], fat[TISSUE_COUNT];
    double tendon[ANGLE_BINS + 1]; /* normal tendon against cos² of the angle between fibres and field */
} SignalTable;

void signal_table(SignalTable *out, const TissueSet *set, const Sequence *sequence);

#endif
