/* What the steps of the tear fractions share. */
#ifndef TENO_TEAR_WORK_H
#define TENO_TEAR_WORK_H

#include "engine.h"

/* Arrays of pixels have shape [ns][nv][nu]. */
typedef struct Work {
    float *sharp;               /* outline of all regions: 0 or 1 */
    float *level;               /* whose level set the outline is */
    float *recovery[MAX_VIEWS]; /* share of a region's contrast that each view sees */
    float *blurred_envelope[MAX_VIEWS];
    float *joint_recovery, *fraction; /* of all views, by their weights */
    int *reach;                       /* region a pixel belongs to; 0 beyond all reaches */
    unsigned char *domain;            /* where regions may reach at all: within the blur of their outline */
    int *queue;
    float *peak; /* [n_regions + 1] largest recovery of each region */
} Work;

/* From this recovery on a region's content is torn whatever its level (blood, granulation); whole from the second. */
#define CORE_FROM 0.85
#define CORE_FULL 0.97

/* How far the views together can be trusted at a pixel, 0-1. */
double joint_trust(const TearMap *map, size_t at);

/* levels.c: background of view c (`first`: before any plateau is known), then plateaus and say of each region. */
int background_carry(const Work *w, TearMap *map, int c, bool first, Error *error) TENO_CHECKED;
int plateaus_update(const Work *w, TearMap *map, int c, Error *error) TENO_CHECKED;
void voices_set(const Work *w, TearMap *map, int c);

/* outline.c: the first outline; torn area of sections, in pixels, torn[(r - 1) ns + k] (scratch holds 2 n_regions ns +
 * n_regions); the next outline. */
int outline_start(Work *w, const TearMap *map, Error *error) TENO_CHECKED;
void sections_sum(double *torn, double *scratch, const Work *w, const TearMap *map);
int outline_update(Work *w, const TearMap *map, bool first, Error *error) TENO_CHECKED;

#endif
