/*
 * From T1, T2 and proton density to signal: spin echo, inversion recovery and spoiled gradient echo.
 *
 * Values: clinical.md §5.3 (sources there). Tendon: one pool whose T2* follows the angle to the main field, R2* =
 * R_iso + R_an (3 cos² θ - 1)² / 4 with 1.94 ms at 0° and 15.25 ms at 55° (Du et al., MRI 2009;27:557), and a second
 * one of 12.85 ms (Juras et al., MRM 2012;68:1607). What it cannot do: J-coupling and stimulated echoes of long echo
 * trains, so fat is brighter in a real turbo spin echo; fat's T2 is jittered upwards for that.
 */
#include "phantom/tissue.h"

#include <math.h>

#include "teno/random.h"

typedef struct TissueRow {
    double t1_15, t1_30, t2_15, t2_30, pd, fat_fraction;
} TissueRow;

/* T1 at 1.5 and 3 T, T2 at 1.5 and 3 T (ms), proton density, fat fraction. Ankle marrow is fatty (mixed towards fat).
 */
static const TissueRow rows[TISSUE_COUNT] = {
    [TISSUE_AIR] = {1000, 1000, 1, 1, 0, 0},
    [TISSUE_SKIN] = {800, 950, 32, 30, 0.75, 0.1},
    [TISSUE_FAT] = {290, 382, 130, 85, 1.0, 1.0},
    [TISSUE_KAGER_FAT] = {290, 382, 130, 85, 0.96, 0.97},
    [TISSUE_SEPTUM] = {800, 850, 22, 20, 0.65, 0.1},
    [TISSUE_MUSCLE] = {856, 898, 27, 29, 1.0, 0.03},
    [TISSUE_CORTEX] = {1000, 1000, 3, 1, 0.05, 0},
    [TISSUE_MARROW] = {360, 440, 90, 62, 0.95, 0.85},
    [TISSUE_CARTILAGE] = {1000, 1200, 40, 36.4, 0.9, 0},
    [TISSUE_LIGAMENT] = {600, 650, 9, 8, 0.6, 0},
    [TISSUE_TENDON] = {600, 690, 1.94, 1.94, 0.65, 0},
    [TISSUE_TENDINOSIS] = {850, 978, 45, 42.8, 0.75, 0},
    [TISSUE_PARATENON] = {800, 900, 40, 38, 0.85, 0.45},
    [TISSUE_FLUID] = {4000, 4100, 1300, 1200, 1.0, 0},
    [TISSUE_BLOOD] = {1441, 1932, 290, 275, 1.0, 0},
    [TISSUE_GRANULATION] = {1150, 1350, 130, 120, 0.95, 0},
    [TISSUE_ARTERY] = {1441, 1932, 4, 4, 0.1, 0},
    [TISSUE_VEIN] = {1441, 1932, 180, 150, 0.95, 0},
    [TISSUE_NERVE] = {900, 1050, 65, 60, 0.8, 0.25},
    [TISSUE_EDEMA] = {1000, 1150, 110, 100, 0.95, 0.35},
    [TISSUE_WATER] = {3000, 3000, 1500, 1500, 1.0, 0},
    [TISSUE_PLASTIC] = {1000, 1000, 1, 1, 0.02, 0},
};

void tissue_set(TissueSet *out, double field_t, double jitter, uint64_t seed)
{
    double w = (field_t - 1.5) / 1.5;
    for (int i = 0; i < TISSUE_COUNT; i++) {
        const TissueRow *row = &rows[i];
        uint64_t k = (uint64_t)i * 4;
        Relaxation *r = &out->tissue[i];
        r->t1_ms = (row->t1_15 + w * (row->t1_30 - row->t1_15)) * random_between(seed, k, 1 - jitter, 1 + jitter);
        r->t2_ms = (row->t2_15 + w * (row->t2_30 - row->t2_15)) * random_between(seed, k + 1, 1 - jitter, 1 + jitter);
        r->pd = row->pd * random_between(seed, k + 2, 1 - jitter / 2, 1 + jitter / 2);
        r->fat_fraction = row->fat_fraction;
    }
    out->tendon_long_pool = random_between(seed, 1000, 0.12, 0.28);
}

/* Steady-state longitudinal and transverse weighting of one pool. */
static double pool_signal(double pd, double t1_ms, double t2_ms, const Sequence *q)
{
    double decay = exp(-q->te_ms / t2_ms), e1 = exp(-q->tr_ms / t1_ms);
    if (q->gradient_echo) {
        double a = q->flip_deg * 3.14159265358979323846 / 180;
        return pd * sin(a) * (1 - e1) / (1 - cos(a) * e1) * decay;
    }
    if (q->ti_ms > 0) return pd * fabs(1 - 2 * exp(-q->ti_ms / t1_ms) + e1) * decay;
    return pd * (1 - e1) * decay;
}

static double tendon_t2_ms(double cos2, double scale)
{
    const double iso = 1 / 15.25, anisotropic = 1 / 1.94 - 1 / 15.25;
    double p = 3 * cos2 - 1;
    return scale / (iso + anisotropic * p * p / 4);
}

void signal_table(SignalTable *out, const TissueSet *set, const Sequence *sequence)
{
    const Relaxation *fat = &set->tissue[TISSUE_FAT];
    for (int i = 0; i < TISSUE_COUNT; i++) {
        const Relaxation *r = &set->tissue[i];
        /* A mixed tissue's water part relaxes like muscle; pure fat has no water part. */
        double t1 = r->fat_fraction > 0.5 ? 900 : r->t1_ms, t2 = r->fat_fraction > 0.5 ? 40 : r->t2_ms;
        out->water[i] = (1 - r->fat_fraction) * pool_signal(r->pd, t1, t2, sequence);
        double fat_t1 = r->fat_fraction > 0.5 ? r->t1_ms : fat->t1_ms,
               fat_t2 = r->fat_fraction > 0.5 ? r->t2_ms : fat->t2_ms;
        out->fat[i] = r->fat_fraction * pool_signal(r->pd, fat_t1, fat_t2, sequence);
    }
    const Relaxation *tendon = &set->tissue[TISSUE_TENDON];
    double f = set->tendon_long_pool;
    for (int b = 0; b <= ANGLE_BINS; b++) {
        double t2 = tendon_t2_ms((double)b / ANGLE_BINS, tendon->t2_ms / 1.94);
        out->tendon[b] = pool_signal((1 - f) * tendon->pd, tendon->t1_ms, t2, sequence) +
                         pool_signal(f * tendon->pd, tendon->t1_ms, fmax(12.85, t2), sequence);
    }
}
