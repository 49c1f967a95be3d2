/*
 * One date's s in the other's.
 *
 * The aligned bone carries the sections near it from each date to the other; where they come to lie gives the shift of
 * s. Above, the ankle's bend takes the two tendons apart, and s alone says which sections belong
 * together.
 */
#include <math.h>
#include <stdlib.h>

#include "compare/parts.h"

enum { NEAR_SECTIONS = 25 }; /* above the anchor: long enough for a median, too short for the ankle's bend to matter */

/* Where a section of one shape lies on the other: real index there. */
static bool section_carry(const TendonShape *from, int k, const TendonShape *to, const Rigid *motion, double *index,
                          double *off_mm)
{
    double u, v;
    if (!shape_from_lps(to, rigid_apply(motion, from->sections[k].centre_lps), index, &u, &v)) return false;
    *off_mm = hypot(u, v);
    return true;
}

static void range_match(TendonChange *change, const Pair *pair)
{
    const TendonMeasures *a = &pair->before->measures, *b = &pair->after->measures;
    change->common_min_mm = ceil(fmax(a->s_min_mm, b->s_min_mm - change->s_shift_mm) - 1e-6);
    change->common_max_mm = floor(fmin(a->s_max_mm, b->s_max_mm - change->s_shift_mm) + 1e-6);
}

/* Angle between the tendon's directions some way above the bone, once the bone is aligned. */
static double bend_deg(const TendonChange *change, const Pair *pair, const Registration *registration)
{
    const TendonShape *a = &pair->before->segmentation.shape, *b = &pair->after->segmentation.shape;
    double low = fmax(change->common_min_mm, change->common_max_mm - 40), high = change->common_max_mm;
    if (high - low < 8) return NAN;
    Vec3 from = vec3_sub(shape_to_lps(a, shape_index(a, high), 0, 0), shape_to_lps(a, shape_index(a, low), 0, 0));
    double shift = change->s_shift_mm;
    Vec3 to = vec3_sub(shape_to_lps(b, shape_index(b, high + shift), 0, 0),
                       shape_to_lps(b, shape_index(b, low + shift), 0, 0));
    from = rigid_rotate(&registration->fixed_to_moving, from);
    double cosine = vec3_dot(from, to) / (vec3_norm(from) * vec3_norm(to));
    return acos(fmin(1, fmax(-1, cosine))) * 57.29577951;
}

/* Shifts of s seen at sections near the bone. */
typedef struct Shifts {
    double shift_mm[2 * NEAR_SECTIONS], off_mm[2 * NEAR_SECTIONS];
    int n;
} Shifts;

/* Adds up to NEAR_SECTIONS sections of `from`, upwards from `first`, that lie on the other date's tendon. `forth`: from
 * is the first date. */
static void shifts_collect(Shifts *out, const TendonShape *from, int first, const TendonShape *to, const Rigid *motion,
                           bool forth)
{
    for (int k = first, taken = 0; k < from->n_sections && taken < NEAR_SECTIONS; k++) {
        double index;
        if (!section_carry(from, k, to, motion, &index, &out->off_mm[out->n])) continue;
        taken++;
        double there_mm = to->sections[0].s_mm + index * to->step_mm, shift = there_mm - from->sections[k].s_mm;
        out->shift_mm[out->n++] = forth ? shift : -shift;
    }
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sections near the bone, projected from each date on the other: one at an angle to the other date's tendon is
 * projected too high one way and too low the other. Sorted for medians, in which one badly outlined section has no say.
 */
static Shifts shifts_find(const Pair *pair, const Rigid *forth)
{
    const TendonShape *a = &pair->before->segmentation.shape, *b = &pair->after->segmentation.shape;
    Rigid back = rigid_inverse(forth);
    Shifts shifts = {.n = 0};
    int first = anchor_index(pair->before);
    double index, off_mm;
    shifts_collect(&shifts, a, first, b, forth, true);
    if (section_carry(a, first, b, forth, &index, &off_mm)) /* the same place on the other date */
        shifts_collect(&shifts, b, (int)lround(fmin(fmax(index, 0), b->n_sections - 1)), a, &back, false);
    qsort(shifts.shift_mm, (size_t)shifts.n, sizeof *shifts.shift_mm, by_size);
    qsort(shifts.off_mm, (size_t)shifts.n, sizeof *shifts.off_mm, by_size);
    return shifts;
}

double tendons_apart_mm(const Pair *pair, const Rigid *motion)
{
    Shifts shifts = shifts_find(pair, motion);
    return shifts.n ? shifts.off_mm[shifts.n / 2] : (double)NAN;
}

static void shifts_take(TendonChange *change, const Pair *pair, const Registration *registration)
{
    Shifts shifts = shifts_find(pair, &registration->fixed_to_moving);
    change->s_shift_mm = NAN;
    if (shifts.n == 0) return;
    change->s_shift_mm = (shifts.shift_mm[shifts.n / 2] + shifts.shift_mm[(shifts.n - 1) / 2]) / 2;
    change->s_spread_mm = (shifts.shift_mm[shifts.n - 1 - shifts.n / 10] - shifts.shift_mm[shifts.n / 10]) / 2;
    change->tendon_off_mm = shifts.off_mm[shifts.n / 2];
}

/* What the matching of s may be off, SD: an aligned heel leaves about a millimetre, landmarks alone lie within 3 mm
 * (2 SD) of the true ones on each date. Without a landmark the bone beside the tendon may be the leg's, along which a
 * bent ankle moves the tendon by up to a centimetre; mostly it is the heel's all the same. */
static double match_sd_mm(const Pair *pair, const Registration *registration)
{
    const double by_heel = 1, by_landmarks = 2.1, by_leg = 3;
    bool known = landmark_known(pair->before) || landmark_known(pair->after);
    return !registration->trusted ? by_landmarks : known ? hypot(by_heel, registration->residual_mm) : by_leg;
}

void coordinates_match(TendonChange *change, const Pair *pair, const Registration *registration)
{
    change->ankle_angle_deg = NAN;
    change->s_sd_mm = match_sd_mm(pair, registration);
    if (registration->trusted) shifts_take(change, pair, registration);
    if (isnan(change->s_shift_mm)) return;
    range_match(change, pair);
    if (registration->trusted && change->common_max_mm > change->common_min_mm)
        change->ankle_angle_deg = bend_deg(change, pair, registration);
}
