/* Fluid along the surface that goes on from a tear. */
#ifndef TENO_TEAR_FILMS_H
#define TENO_TEAR_FILMS_H

#include "engine.h"

/* Which of n sections are film, from the area, mm², that is torn deep down in each: those farther than `taper` sections
 * from every run that amounts to a tear (least_mm2, summed over its sections). None without such a run. */
void films_mark(bool *film, const double *deep_mm2, size_t n, size_t taper, double least_mm2);
/* Takes the films off the regions of the map; a note says how much, when it would have been a tear. */
int films_cut(TearMap *map, Error *error) TENO_CHECKED;

/* Counts as torn what is left of sections that are torn through but for a rim thinner than can be seen. */
void rims_fill(TearMap *map);

#endif
