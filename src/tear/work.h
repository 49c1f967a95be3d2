/* What the steps of the tear fractions share. */
#ifndef TENO_TEAR_WORK_H
#define TENO_TEAR_WORK_H

#include "engine.h"

/* Arrays of pixels have shape [ns][nv][nu]. */
typedef struct Work {
    float *torn;                /* share of the pixel, all regions */
    float *recovery[MAX_VIEWS]; /* share of a region's contrast that each view sees */
    float *blurred_envelope[MAX_VIEWS];
    float *joint_recovery; /* of all views, by their weights */
    float *scratch;
    int *reach;            /* region a pixel belongs to; 0 beyond all reaches */
    unsigned char *domain; /* where regions may reach at all: within their blur */
    int *queue;
    float *peak; /* [n_regions + 1] largest recovery of each region */
} Work;

/* From this recovery on a region's content is torn whatever its level (blood, granulation); whole from the second. */
#define CORE_FROM 0.85
#define CORE_FULL 0.97

/* levels.c: background of view c (`first`: before any plateau is known), then plateaus and say of each region. */
int background_carry(const Work *w, TearMap *map, int c, bool first, Error *error) TENO_CHECKED;
int unevenness_measure(const Work *w, TearMap *map, int c, Error *error) TENO_CHECKED;
int plateaus_update(const Work *w, TearMap *map, int c, Error *error) TENO_CHECKED;
void voices_set(const Work *w, TearMap *map, int c);
void voices_balance(TearMap *map);

/* shares.c: where to begin; then the shares that explain the views as the levels stand. binary: how strongly they are
 * drawn to 0 and 1. */
int shares_start(Work *w, const TearMap *map, Error *error) TENO_CHECKED;
int shares_update(Work *w, const TearMap *map, double binary, Error *error) TENO_CHECKED;

#endif
