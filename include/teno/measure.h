/* The numbers of measures.md: sections, extents, tears, and their intervals. */
#ifndef TENO_MEASURE_H
#define TENO_MEASURE_H

#include <stdbool.h>

#include "teno/error.h"
#include "teno/tendon.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A number with its error bar. Unknown values say why; never 0 for "don't know". */
typedef struct Quantity {
    bool known;
    double value;
    bool has_interval;
    double low, high; /* 95 % */
    const char *unit; /* UCUM, static text */
    double at_s_mm;   /* where an extreme lies; NaN when meaningless */
    char reason[128]; /* why unknown */
} Quantity;

Quantity quantity(double value, const char *unit);
Quantity quantity_at(double value, const char *unit, double at_s_mm);
Quantity quantity_unknown(const char *unit, const char *reason);

/* One row every millimetre of s. */
typedef struct ProfileRow {
    double s_mm;
    Vec3 centre_lps;
    double area_mm2, tear_area_mm2, tendinosis_area_mm2;
    double thickness_mm, width_mm; /* extents along the minor and major principal axis of the section */
    double mean_signal;            /* normalised: 0 normal tendon, 1 muscle; NaN where there is no series for it */
    double area_low_mm2, area_high_mm2, tear_low_mm2, tear_high_mm2; /* 95 % bands; NaN when not computed */
    bool bridged;
} ProfileRow;

typedef enum Surface {
    SURFACE_INTRASUBSTANCE = 0,
    SURFACE_ANTERIOR = 1,
    SURFACE_POSTERIOR = 2,
    SURFACE_MEDIAL = 4,
    SURFACE_LATERAL = 8
} Surface; /* bits */
typedef enum Grade { GRADE_NORMAL, GRADE_TENDINOSIS, GRADE_PARTIAL_LOW, GRADE_PARTIAL_HIGH, GRADE_COMPLETE } Grade;
const char *grade_name(Grade grade);

typedef struct Tear {
    char tracking_uid[65]; /* root 2.25, derived from the study and the tear's place */
    Quantity volume_mm3, fraction_percent, length_mm, distal_s_mm, proximal_s_mm;
    Quantity max_involvement_percent, mean_involvement_percent, gap_mm;
    const char *zone;        /* "insertional", "mid-portion", "proximal"; NULL where the tendon has no zones */
    unsigned surfaces;       /* bits of Surface */
    double centre_angle_deg; /* of the tear's centroid around the centreline, 0 = +u, 90 = posterior */
    Vec3 centre_lps;
    bool possible_magic_angle;
} Tear;

/* Everything measured on one tendon. */
typedef struct TendonMeasures {
    double s_min_mm, s_max_mm; /* assessed range */
    Quantity tendon_volume_mm3, tendon_volume_0_60_mm3, mean_area_mm2, max_area_mm2, max_thickness_mm, length_mm;
    Quantity tear_volume_mm3, tear_fraction_percent, tear_length_mm, tear_max_involvement_percent, tear_gap_mm;
    Quantity tendinosis_volume_mm3, smallest_tear_mm3, mean_signal;
    Grade grade; /* meaningless without has_tear_measures */
    char grade_criteria[256];
    char kuwada[8];            /* "I" … "IV", "" none */
    char kuwada_criteria[256]; /* criteria met, or why null */
    bool has_tear_measures;    /* false: no fluid-sensitive series; tear quantities are unknown with the reason */
    Tear *tears;               /* [n_tears], distal to proximal */
    int n_tears;
    ProfileRow *profile; /* [n_profile] */
    int n_profile;
    int n_repeats; /* behind the intervals; 0: none */
    double *drawn; /* their values, [n_repeats][drawn_stride]; NULL in a loaded result; teno/tear.h */
    size_t drawn_stride;
    Notes warnings;
} TendonMeasures;

void measures_free(TendonMeasures *measures);

/* Areas, extents and volumes of the shape alone; fills profile and the tendon quantities of `out`. */
int shape_measure(TendonMeasures *out, const TendonShape *shape, Origin origin, Error *error) TENO_CHECKED;
/* Integral of value[n] (one per row) over [low_s_mm, high_s_mm], trapezoid rule; parts beyond the rows count nothing.
 */
double profile_integral(const ProfileRow *row, int n, const double *value, double low_s_mm, double high_s_mm);
/* Extents of one section along its principal axes, mm. */
void section_extents(const Section *section, double *thickness_mm, double *width_mm);

#ifdef __cplusplus
}
#endif
#endif
