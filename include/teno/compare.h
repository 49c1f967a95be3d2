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
typedef enum TearState { TEAR_RESOLVED, TEAR_SMALLER, TEAR_UNCHANGED, TEAR_LARGER, TEAR_NEW, TEAR_SPLIT, TEAR_MERGED } TearState;
const char *tear_state_name(TearState state);

/* One quantity on both dates, over the common range. */
typedef struct Change {
    const char *name;       /* JSON name, e.g. "tear_volume_mm3" */
    Quantity pre, post;
    double difference, percent, low, high; /* interval of the difference; percent NaN when pre is 0 */
    double limit;           /* repeatability limit of the difference, same unit */
    const char *limit_source;
    Verdict verdict;
    char reason[128];       /* when VERDICT_UNKNOWN */
} Change;

typedef struct TearChange {
    char tracking_uid[65];
    TearState state;
    int pre_index, post_index; /* into the measures' tears; -1 none */
    Change volume;
} TearChange;

typedef struct TendonChange {
    const TendonSpec *spec;
    Side side;
    bool comparable;
    char reason[256];
    double common_min_mm, common_max_mm;
    double s_shift_mm;       /* post s = pre s + shift, from the alignment of landmarks; 0 when both landmarks are sure */
    Change *changes; int n_changes;
    TearChange *tears; int n_tears;
    TendonMeasures pre, post; /* over the common range */
    Notes warnings;
} TendonChange;

typedef struct CompareOptions {
    const char *therapy;     /* free text, carried through, never judged */
    bool different_ids_ok;
} CompareOptions;

typedef struct Comparison {
    const Analysis *pre, *post; /* borrowed */
    bool comparable;
    char reason[256];
    Registration registration;  /* pre LPS → post LPS */
    TendonChange *tendons; int n_tendons;
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
