/* Tears and tendinosis inside a segmented tendon. */
#ifndef TENO_TEAR_H
#define TENO_TEAR_H

#include "teno/measure.h"
#include "teno/preproc.h"
#include "teno/segment.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Expected signals relative to muscle of one series (spin-echo / inversion-recovery equations, clinical.md §5),
 * and the class boundaries that follow, in normalised signal (0 normal tendon, 1 muscle). */
typedef struct SignalModel {
    double tendon, tendinosis, muscle, fat, fluid, blood; /* expected, muscle = 1 */
    double tendon_magic;                                  /* tendon at 55 degrees to the main field */
    double muscle_scale;      /* muscle in scanner units, measured or derived from another tissue; NaN unknown */
    double scale_spread;      /* SD of its logarithm */
    int n_assumed;            /* tags or references that had to be assumed; each widens the intervals */
    double tendinosis_spread; /* SD of the logarithm of its signal, from that of its T2 */
    double raised_threshold, fluid_threshold; /* normalised */
    bool fluid_sensitive;                     /* fluid stands out of tendon, muscle and fat enough to call a tear */
    bool magic_angle_risk;                    /* TE < 37 ms (clinical.md §5.2) */
    Notes notes;
} SignalModel;
void signal_model(SignalModel *out, const Acquisition *acquisition, Contrast contrast,
                  const TissueReferences *references);

/* The straightened tendon over its assessed range: samples on the sections' own axes. Index [(k*nv + j)*nu + i], k
 * section, j along v, i along u; pixel centres at u = (i - (nu-1)/2) pixel_mm, v = (j - (nv-1)/2) pixel_mm, s = s0 + k
 * step. */
typedef struct Straightened {
    int nu, nv, ns;
    double pixel_mm, step_mm; /* in-section and along s */
    double s0_mm;             /* s of k = 0 */
    float *envelope;          /* fraction of the pixel inside the boundary */
    float *anatomy, *fluid;   /* normalised signal of the two leading series; NULL where there is none */
    float *tear, *tendinosis; /* fractions 0–1; NULL where there is no fluid-sensitive series */
    int *label;               /* 0 none, 1 … n_tears */
} Straightened;
void straightened_free(Straightened *straightened);
/* Distance from a section's centre to its boundary in the direction cosine × u + sine × v, mm: the farthest crossing
 * where there are several; NaN where there is none. */
double section_ray_mm(const Section *section, double cosine, double sine);
/* Mean of `fraction`, one of the maps, inside the envelope on that way of radius_mm in section k, 0–1. */
double straightened_ray_share(const Straightened *straightened, const float *fraction, int k, double cosine,
                              double sine, double radius_mm);

typedef struct TearOptions {
    int repeats; /* for the intervals; 0 = none */
    unsigned long long seed;
    /* In a comparison: 1 before, 2 after, and the share of the variance of errors of outline and levels that both dates
     * have in common and draw alike. 0: a study alone. */
    int date;
    double common_share;
} TearOptions;

/* Detects tears, measures tendon and tears, grades, and puts intervals on everything. */
int tendon_measure(TendonMeasures *measures, Straightened *straightened, const Prepared *prepared,
                   const Segmentation *segmentation, const TendonSpec *spec, const TearOptions *options,
                   Error *error) TENO_CHECKED;
/* One repeat's value of the quantity at an offset in TendonMeasures, and of a tear's volume; NaN without repeats. */
double measures_drawn(const TendonMeasures *m, size_t offset, int repeat);
double tear_volume_drawn(const TendonMeasures *m, int tear, int repeat);
/* Fractions 0–1 of tear on a voxel grid, from the straightened map. */
int tear_rasterise(Vol *out, const Straightened *straightened, const TendonShape *shape, const Grid *grid,
                   const Rigid *ref_to_grid, Error *error) TENO_CHECKED;

/* An ellipsoid of fluid for the recovery test: frame of a section of the reference series, half axes along u, v and the
 * tangent. */
typedef struct SyntheticTear {
    Vec3 centre_lps, u, v, tangent;
    double half_mm[3], s_mm;
} SyntheticTear;
/* Where a tear of half axes `share` of the section's and half_length_mm lies inside the tendon and apart from its
 * tears, as near to s = 40 mm as can be; false when it fits nowhere. */
bool synthetic_tear_place(SyntheticTear *out, const TendonShape *shape, const TendonMeasures *measures, double share,
                          double half_length_mm);
double synthetic_tear_mm3(const SyntheticTear *tear);
/* Puts it into a channel's volume with the channel's own point spread, level and noise. Nothing where the series has no
 * signal scale. */
void tear_insert(Channel *channel, const SyntheticTear *tear, unsigned long long seed);

#ifdef __cplusplus
}
#endif
#endif
