/* From the tear map to the numbers of measures.md. */
#ifndef TENO_TEAR_TEAR_MEASURES_H
#define TENO_TEAR_TEAR_MEASURES_H

#include "engine.h"
#include "teno/measure.h"

/* Who the tears belong to: goes into their UIDs and names. */
typedef struct TearOwner {
    const TendonSpec *spec;
    const char *study_uid;
    Side side;
    Origin origin;
} TearOwner;

/* Fills every tear quantity of `m`, whose shape quantities and profile (one row a section of the map) are there.
 * Renames the map's regions from distal to proximal: label = index of the tear + 1. */
int tears_measure(TendonMeasures *m, TearMap *map, const TearOwner *owner, Error *error) TENO_CHECKED;

/* Blur along s of the joint map, SD in mm. */
double map_blur_s_mm(const TearMap *map);

#endif
