/* The optimal surface of an unrolled tube. */
#ifndef TENO_SEGMENT_SURFACE_H
#define TENO_SEGMENT_SURFACE_H

#include "teno/error.h"

/* One column a (section, angle), n_levels nodes each. Angles wrap around. */
typedef struct SurfaceProblem {
    int n_sections, n_angles, n_levels;
    const float *cost;           /* of the boundary at this level [n_sections][n_angles][n_levels] */
    const float *section_weight; /* [n_sections - 1] cost of one level of difference to the next section */
    const float *angle_weight;   /* [n_sections] cost of one level of difference to the next angle */
} SurfaceProblem;

/* The surface level[n_sections][n_angles] that minimises the sum of the costs and of the weighted differences between
 * neighbours: the global optimum. Costs are rounded to 1/1024. Fails on memory only. */
int surface_solve(int *level, const SurfaceProblem *problem, Error *error) TENO_CHECKED;

#endif
