/* Two dates of one ankle: what changed, and is it more than the measurement's own error? */
#ifndef TENO_COMPARE_H
#define TENO_COMPARE_H

#include "teno/analysis.h"
#include "teno/register.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum Verdict { VERDICT_NO_DETECTABLE_CHANGE, VERDICT_DECREASED, VERDICT_INCREASED, VERDICT_UNKNOWN } Verdict;
const char *verdict_name(Verdict verdict);
typedef enum TearState {
    TEAR_RESOLVED,
    TEAR_SMALLER,
    TEAR_UNCHANGED,
    TEAR_LARGER,
    TEAR_NEW,
    TEAR_SPLIT,
    TEAR_MERGED
} TearState;
const char *tear_state_name(TearState state);

/* One quantity on both dates, over the common range. */
typedef struct Change {
    const char *name; /* JSON name, e.g. "tear_volume_mm3" */
    Quantity pre, post;
    double difference, percent, low, high; /* interval of the difference; percent NaN when pre is 0 */
    double limit;                          /* repeatability limit of the difference, same unit */
    const char *limit_source;
    Verdict verdict;
    char reason[128]; /* when VERDICT_UNKNOWN */
} Change;

typedef struct TearChange {
    char tracking_uid[65];
    TearState state;
    int pre_index, post_index; /* into the measures' tears; -1 none */
    Change volume;
} TearChange;

/* The tendon's surface unrolled: [n_s][n_angle], s ascending from s0_mm, angle from 0 (first date's +u) through 90
 * (posterior) in equal steps. NaN outside the common range or without that measurement. */
typedef struct UnrolledMap {
    int n_s, n_angle;
    double s0_mm, step_mm, step_deg;
    float *radius_mm[2];  /* distance of the boundary from the centreline, before and after */
    float *tear_share[2]; /* share 0–1 of the way from the centreline to the boundary that is torn */
} UnrolledMap;

typedef struct TendonChange {
    const TendonSpec *spec;
    Side side;
    bool comparable;
    char reason[256];
    double common_min_mm, common_max_mm;
    double s_shift_mm;      /* second date's own s = first date's s + shift, from the aligned bone */
    double s_spread_mm;     /* half the range of 80 % of the sections that the shift is the median of */
    double s_sd_mm;         /* what the matching of s may be off */
    double tendon_off_mm;   /* how far apart the aligned bone leaves the two tendons beside it */
    double angle_shift_deg; /* second date's own section angle = first date's + shift */
    double ankle_angle_deg; /* how much more the tendon is bent against the bone than before; NaN unknown */
    Change *changes;
    int n_changes;
    TearChange *tears;
    int n_tears;
    double doubt_mm3[2];        /* torn volume of each date alone where the other's image looks much the same; SD */
    TendonMeasures pre, post;   /* over the common range, both in the first date's s */
    double *muscle[2];          /* [date][channel] muscle's signal as both dates agree on it; NaN: the study's own */
    double scale_sd;            /* what the signal scale may still be off, SD of its logarithm … */
    double scale_common_sd;     /* … and the part of it in which both dates are off alike */
    TendonMeasures swing[2][2]; /* [date][lower, higher]: with another signal scale, no intervals; compare/change.c */
    /* Sections at the same s, their axes turned to the first date's; the second in its own study's LPS. */
    TendonShape pre_shape, post_shape;
    Straightened pre_straightened, post_straightened; /* of those sections: equal k is equal s */
    UnrolledMap map;
    Notes warnings;
} TendonChange;

typedef struct CompareOptions {
    const char *therapy; /* free text, carried through, never judged */
    bool different_ids_ok;
} CompareOptions;

typedef struct Comparison {
    const Analysis *pre, *post; /* borrowed */
    bool comparable;
    char reason[256];
    Registration registration; /* pre LPS → post LPS */
    TendonChange *tendons;
    int n_tendons;
    CompareOptions options;
    Notes warnings;
} Comparison;

/* TENO_OK also for a pair that is not comparable: see `comparable`. */
int compare_run(Comparison *out, const Analysis *pre, const Analysis *post, const CompareOptions *options,
                Error *error) TENO_CHECKED;
void comparison_free(Comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
