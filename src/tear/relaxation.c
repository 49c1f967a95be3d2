#include "relaxation.h"

#include <math.h>

/*
 * Substance parameters, 1.5 T and 3 T.
 *
 * tendon 0/55°    Du J et al., Magn Reson Imaging 2009;27:557-564 (Achilles, 3 T: T1 598/621 ms, T2* 1.94/15.25 ms);
 *                 water 65-70 % of wet weight (Hayes 2019, PMC6330756). No 1.5 T values are known to us: the same.
 * tendinosis      Washington University qMRI study of the Achilles, 3 T: T1 978 ± 209, T2 42.8 ± 7.9 ms; 1.5 T: T1 less
 *                 21 % (mean ratio 3 T : 1.5 T of de Bazelaire et al., Radiology 2004;230:652-659). Density assumed.
 * muscle, fat     3 T: de Bazelaire (898/29, 382/68 ms); 1.5 T: SpinSight tissue table (856/27, 290/165 ms).
 * fluid           cerebrospinal fluid as proxy, SpinSight tissue table; synovial and tear fluid have not been measured
 *                 well. It is a prior only: the level is estimated from the image where the image shows it.
 * blood           acute, SpinSight tissue table.
 */
static const struct {
    double t1_ms[2], t2_ms[2], proton_density;
} TABLE[SUBSTANCE_COUNT] = {
    [SUBSTANCE_TENDON] = {{598, 598}, {1.94, 1.94}, 0.65},
    [SUBSTANCE_TENDON_MAGIC] = {{621, 621}, {15.25, 15.25}, 0.65},
    [SUBSTANCE_TENDINOSIS] = {{808, 978}, {42.8, 42.8}, 0.75},
    [SUBSTANCE_MUSCLE] = {{856, 898}, {27, 29}, 1.0},
    [SUBSTANCE_FAT] = {{290, 382}, {165, 68}, 1.0},
    [SUBSTANCE_FLUID] = {{4280, 4160}, {2030, 2100}, 1.0},
    [SUBSTANCE_BLOOD] = {{1441, 1932}, {290, 275}, 1.0},
};

/* Six-peak fat spectrum after a saturation pulse on its main peak: 16.6 % remain (SpinSight tissue table). */
const double FAT_RESIDUAL = 0.166;
const double TENDINOSIS_T2_SPREAD = 7.9 / 42.8;

Relaxation relaxation_at(Substance substance, double field_t)
{
    double clamped = fmin(fmax(field_t, 1.0), 4.0);
    double w = log(clamped / 1.5) / log(2.0);
    Relaxation r = {.proton_density = TABLE[substance].proton_density};
    r.t1_ms = TABLE[substance].t1_ms[0] * pow(TABLE[substance].t1_ms[1] / TABLE[substance].t1_ms[0], w);
    r.t2_ms = TABLE[substance].t2_ms[0] * pow(TABLE[substance].t2_ms[1] / TABLE[substance].t2_ms[0], w);
    return r;
}
