/* The steps of a comparison; see compare.c. */
#ifndef TENO_COMPARE_PARTS_H
#define TENO_COMPARE_PARTS_H

#include "teno/compare.h"

/* One tendon on both dates. */
typedef struct Pair {
    const Analysis *pre, *post;
    const TendonResult *before, *after;
} Pair;

/* Index of the section nearest to the bone: that of s = 0 or the most distal one. */
int anchor_index(const TendonResult *result);
bool landmark_known(const TendonResult *result);
/* Aligns the bone at the tendon's distal end, pre LPS → post LPS. */
int bone_align(Registration *out, const Pair *pair, Error *error) TENO_CHECKED;
/* How far apart a motion of the bone leaves the two tendons beside it, median; NaN when nowhere beside each other. */
double tendons_apart_mm(const Pair *pair, const Rigid *motion);
/* Shift of s and bend between the dates, from the aligned bone; common range from these. */
void coordinates_match(TendonChange *change, const Pair *pair, const Registration *registration);
/* What weakens a comparison: field strength, sequence, plane, voxel size. */
void differences_note(Notes *warnings, const Pair *pair);

/* Index of s in a shape as a real number; not held within the shape. */
double shape_index(const TendonShape *shape, double s_mm);
/* Sections of `from` at s = first + shift, first + 1 + shift …, relabelled first, first + 1 … */
int shape_at_common(TendonShape *out, const TendonShape *from, double first_s_mm, int n, double shift_mm,
                    Error *error) TENO_CHECKED;
/* Gives the second date's sections the first one's axes, as the bone carries them over; *turn_deg is what that turned
 * the middle one. What the sections outline stays where it is. */
int axes_carry(TendonShape *post, const TendonShape *pre, const Rigid *motion, double *turn_deg,
               Error *error) TENO_CHECKED;
/* Channels of `own`, blurred where they are clearly sharper than those of `other` in the same role. Everything else is
 * borrowed from `own`; free with prepared_blunt_free, also after a failure. */
int prepared_blunt(Prepared *out, bool *changed, const Prepared *own, const Prepared *other, Error *error) TENO_CHECKED;
void prepared_blunt_free(Prepared *blunt, const Prepared *own);
/* The same contrast, timing and field strength: normalised signals of the two mean the same. */
bool series_alike(const Series *a, const Series *b);
/* Fills change->muscle and scale_sd; wants the common shapes. */
int scale_match(TendonChange *change, const Pair *pair, Error *error) TENO_CHECKED;
/* Fills pre and post of `change`: both dates over the common range with one ruler. */
int common_measure(TendonChange *change, const Pair *pair, const Registration *registration, Error *error) TENO_CHECKED;

/* What a change must exceed beside the intervals of the two values. */
typedef struct Limits {
    double percent, value; /* least limit: in percent of the first value, in units; 0 none */
    const char *source;    /* of that least limit */
    double between_sd[2];  /* of the difference downwards and upwards, from what differs between dates; 0 none */
    double correlation;    /* of the errors of the two values, -1 to 1 */
} Limits;
/* Adds an error that may lie either way. */
void between_add(Limits *limits, double sd);
Change change_of(const char *name, const Quantity *pre, const Quantity *post, const Limits *limits);
/* By how much a doubtful signal scale moves a difference down and up, SD of each; moved[date][sign]: what the lower and
 * the higher scale did to the value. */
void swing_combine(double sd[2], const TendonChange *change, double moved[2][2]);
/* Repeats that both dates have, of which a correlation needs no more than the most. */
enum { MOST_REPEATS = 256 };
int repeats_of_both(const TendonChange *change);
/* Correlation of two series of n values; 0 where one of them does not vary. */
double correlation_of(const double *a, const double *b, int n);
int changes_fill(TendonChange *change, Error *error) TENO_CHECKED;
/* Volume below which a tear of either date could be noise, mm3: no smaller change is detectable. */
double smallest_seen(const TendonChange *change);
extern const char smallest_source[];
/* Pairs up the tears of both dates and names what became of each. */
int tears_match(TendonChange *change, Error *error) TENO_CHECKED;
int map_unroll(TendonChange *change, Error *error) TENO_CHECKED;

#endif
