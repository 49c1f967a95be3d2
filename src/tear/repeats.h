/* The measurement of one tendon, drawn again as another scan could have given it. */
#ifndef TENO_TEAR_REPEATS_H
#define TENO_TEAR_REPEATS_H

#include "engine.h"
#include "teno/measure.h"

/* A repeat's values: tendon volume, its window 0-60 mm, mean and largest area, thickness, length, tear volume,
 * fraction, length, involvement, gap, tendinosis, signal; then for each tear volume, fraction, length, both ends,
 * largest and mean involvement, gap; then the area of every section, then its torn area. Units as in measures.md. */
enum { TENDON_QUANTITIES = 13, TEAR_QUANTITIES = 8 };

typedef struct RegionProfile RegionProfile;

typedef struct Repeats {
    const TendonMeasures *m;
    const TearMap *map;
    const TendonShape *shape;
    int first, n; /* sections [first, first + n) */
    uint64_t seed;
    double edge_rule_mm;   /* SD of how the finest series' blurred edge is read, the same everywhere */
    int date;              /* of a comparison, 1 or 2; 0: a study alone */
    double common_share;   /* share of variance that both dates of a comparison draw alike; 0: a study alone */
    bool at_heel;          /* s counts from the insertion */
    double outline_sd_mm;  /* SD of the whole outline's place, beside the edge's, as its confidence says */
    RegionProfile *region; /* [n_tears] in the order of m->tears */
    double *edge_mm;       /* [n][SECTION_POINTS] length of boundary that a point stands for */
    double *front;         /* [n][SECTION_POINTS] how much a point faces forwards, 0-1 */
    double blur_s_mm;
} Repeats;

/* Profiles of the tears and lengths along the outline; fill m to outline_sd_mm and blur_s_mm before. */
int repeats_prepare(Repeats *run, Error *error) TENO_CHECKED;
void repeats_free(Repeats *run);
/* One repeat into value[TENDON_QUANTITIES + n_tears TEAR_QUANTITIES + 2 n]; depends on its number and the seed alone.
 */
int repeat_draw(double *value, const Repeats *run, int repeat, Error *error) TENO_CHECKED;

#endif
