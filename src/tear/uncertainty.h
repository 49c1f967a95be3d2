/* 95 % intervals of everything measured on one tendon. */
#ifndef TENO_TEAR_UNCERTAINTY_H
#define TENO_TEAR_UNCERTAINTY_H

#include "engine.h"
#include "teno/measure.h"
#include "teno/tear.h"

/* Puts intervals on the quantities and bands on the profile of `m`. `map` NULL (or without views): shape only.
 * Tear t of `m` is the map's region t + 1; row k of the profile is section first + k of the shape. */
int intervals_estimate(TendonMeasures *m, const TearMap *map, const Segmentation *segmentation,
                       const Prepared *prepared, int first, const TearOptions *options, Error *error) TENO_CHECKED;

#endif
