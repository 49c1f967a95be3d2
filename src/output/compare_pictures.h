/* Pictures of a comparison. Makers return a figure of the caller's, or NULL: with an error set when they failed,
 * without when there is nothing to show. */
#ifndef TENO_OUTPUT_COMPARE_PICTURES_H
#define TENO_OUTPUT_COMPARE_PICTURES_H

#include <cairo.h>

#include "output/section_view.h"

/* Both dates beside each other, where most of the tear was. */
cairo_t *best_pair_picture(const Comparison *comparison, int tendon, Error *error);
/* Both dates in two rows at places spread over the common range. */
cairo_t *change_montage_picture(const Comparison *comparison, int tendon, Error *error);
/* Areas and torn areas of both dates over each other, with bands. */
cairo_t *change_profile_picture(const Comparison *comparison, int tendon, Error *error);
/* Before, after and the difference of the torn fraction along the tendon, cut front to back and side to side. */
cairo_t *change_straightened_picture(const Comparison *comparison, int tendon, Error *error);
/* The tendon unrolled, s × angle: torn share of the radius before, after, and its difference. */
cairo_t *change_map_picture(const Comparison *comparison, int tendon, Error *error);

/* One of the straightened tendon's maps at a place, trilinear; 0 outside and where it is NaN. map may be NULL. */
double straightened_sample(const Straightened *s, const float *map, double s_mm, double u_mm, double v_mm);

#endif
