/*
 * Expected signal of the tissues from the tags of a series.
 *
 *   spin echo           S = PD (1 - exp(-TR/T1)) exp(-TE/T2)
 *   inversion recovery  S = PD |1 - 2 exp(-TI/T1) + exp(-TR/T1)| exp(-TE/T2)
 *
 * Relaxation times: clinical.md §5.3 (de Bazelaire at 3 T, SpinSight's table at 1.5 T). Gradient echoes are treated as
 * spin echoes with their TE: good enough to tell which tissue is the brighter, and the image itself gives the figures.
 */
#include <math.h>

#include "teno/preproc.h"

typedef struct Relaxation {
    double pd, t1_ms[2], t2_ms[2]; /* at 1.5 T, at 3 T */
} Relaxation;

static const Relaxation relaxation[TISSUE_COUNT] = {
    [TISSUE_DARK] = {0.65, {600, 650}, {2, 2}},     [TISSUE_MUSCLE] = {1.0, {856, 898}, {27, 29}},
    [TISSUE_FAT] = {1.0, {290, 382}, {165, 68}}, /* Marrow of the ankle is nearly all fat, unlike the vertebra of the
                                                    table: between the two. */
    [TISSUE_MARROW] = {1.0, {310, 410}, {110, 62}}, [TISSUE_FLUID] = {1.0, {4280, 4160}, {2030, 2100}},
};

/* Share of the fat signal that spectral fat suppression leaves (clinical.md §5.3). */
static const double fat_residue = 0.166;

/* Usual timing of each contrast (clinical.md §5.1), for series whose tags are missing. */
static const double usual_tr_ms[] = {600, 2500, 4000, 4000, 2500};
static const double usual_te_ms[] = {18, 30, 60, 30, 30};

static double or_usual(double tag, double low, double high, double usual)
{
    return tag >= low && tag <= high ? tag : usual;
}

/* Loose connective tissue has no published times of its own; degenerated tendon, its collagen in as much water, has. */
static const Relaxation loose = {0.75, {900, 978}, {43, 43}};

/* Acute, at 1.5 and 3 T (clinical.md §5.3): with a far shorter T1 than free fluid it is bright on a short TR, too. */
static const Relaxation blood = {1.0, {1441, 1932}, {290, 275}};

/* How a series was timed, with the usual values where tags are missing. */
typedef struct Timing {
    double tr_ms, te_ms, ti_ms;
    bool inversion;
    int field; /* 0: 1.5 T, 1: 3 T */
} Timing;

static Timing timing_of(const Acquisition *acquisition, Contrast contrast)
{
    int field = acquisition->field_t > 2.2 || !(acquisition->field_t > 0);
    return (Timing){.tr_ms = or_usual(acquisition->tr_ms, 5, 30000, usual_tr_ms[contrast]),
                    .te_ms = or_usual(acquisition->te_ms, 0.5, 400, usual_te_ms[contrast]),
                    .ti_ms = or_usual(acquisition->ti_ms, 50, 400, field ? 190 : 150),
                    .inversion = contrast == CONTRAST_STIR,
                    .field = field};
}

static double signal_of(const Relaxation *r, const Timing *t)
{
    double t1 = r->t1_ms[t->field], t2 = r->t2_ms[t->field];
    double recovered = t->inversion ? fabs(1 - 2 * exp(-t->ti_ms / t1) + exp(-t->tr_ms / t1)) : 1 - exp(-t->tr_ms / t1);
    return r->pd * recovered * exp(-t->te_ms / t2);
}

void tissue_expect(const Acquisition *acquisition, Contrast contrast, double *expected)
{
    Timing timing = timing_of(acquisition, contrast);
    for (int t = 0; t < TISSUE_COUNT; t++) {
        expected[t] = t == TISSUE_NONE ? 0 : signal_of(&relaxation[t], &timing);
        if ((t == TISSUE_FAT || t == TISSUE_MARROW) && acquisition->fat_suppressed && !timing.inversion)
            expected[t] *= fat_residue;
    }
    double muscle = expected[TISSUE_MUSCLE];
    for (int t = 0; t < TISSUE_COUNT; t++) expected[t] = muscle > 0 ? expected[t] / muscle : (double)NAN;
}

static double beside_muscle(const Relaxation *tissue, const Acquisition *acquisition, Contrast contrast)
{
    Timing timing = timing_of(acquisition, contrast);
    double muscle = signal_of(&relaxation[TISSUE_MUSCLE], &timing);
    return muscle > 0 ? signal_of(tissue, &timing) / muscle : 1;
}

double tissue_expect_loose(const Acquisition *acquisition, Contrast contrast)
{
    return beside_muscle(&loose, acquisition, contrast);
}

double tissue_expect_blood(const Acquisition *acquisition, Contrast contrast)
{
    return beside_muscle(&blood, acquisition, contrast);
}
