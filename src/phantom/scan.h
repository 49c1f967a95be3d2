/* A scanner: from a scene to the image volume of one series. */
#ifndef TENO_PHANTOM_SCAN_H
#define TENO_PHANTOM_SCAN_H

#include "phantom/scene.h"
#include "teno/vol.h"

/* Where a body lies: p_lps = world(mirror(p_model)). */
typedef struct Placement {
    bool mirror; /* right side */
    Rigid world;
} Placement;

Vec3 placement_apply(const Placement *placement, Vec3 p_model);
Vec3 placement_inverse(const Placement *placement, Vec3 p_lps);
Vec3 placement_direction(const Placement *placement, Vec3 direction_lps); /* into the model */

/* Of a visit (index 0 < series: with that series' own motion; -1: as the patient was positioned). */
Placement scan_placement(const VisitSpec *visit, Side side, int series);
/* The grid that the technologist planned for a series. */
Grid scan_grid(const VisitSpec *visit, Side side, int series);
/* Simulates a series; `out` is allocated here, signal in arbitrary units (muscle near 1 at unit gain). */
int scan_series(Vol *out, const Scene *scene, const VisitSpec *visit, Side side, int series, Error *error) TENO_CHECKED;

#endif
