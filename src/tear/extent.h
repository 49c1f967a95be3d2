/* What a tear's profile along s says: length, involvement, gap. */
#ifndef TENO_TEAR_EXTENT_H
#define TENO_TEAR_EXTENT_H

#include "teno/error.h"

typedef struct Extent {
    double volume_mm3;
    double distal_s_mm, proximal_s_mm;
    double max_percent, max_at_s_mm, mean_percent;
    double gap_mm;
} Extent;

/* torn[n]: torn area of each section, mm² as seen; area[n]: the sections' areas; s of sample i is s0 + i step.
 * sigma_s_mm: SD of the blur along s. sharp[n] receives the deblurred torn area. */
int extent_measure(Extent *out, double *sharp, const double *torn, const double *area, int n, double s0_mm,
                   double step_mm, double sigma_s_mm, Error *error) TENO_CHECKED;

#endif
