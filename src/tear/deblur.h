/* Profiles along s freed of the slice's blur. */
#ifndef TENO_TEAR_DEBLUR_H
#define TENO_TEAR_DEBLUR_H

#include "teno/error.h"

/* Finds 0 <= sharp[n] <= limit[n] whose blur (Gaussian, SD in samples) is nearest to blurred[n]. */
int profile_deblur(double *sharp, const double *blurred, const double *limit, int n, double sigma_samples,
                   Error *error) TENO_CHECKED;

#endif
