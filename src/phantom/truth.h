/* What is true of a phantom's Achilles, from its geometry: the quantities of measures.md, and voxel fractions. */
#ifndef TENO_PHANTOM_TRUTH_H
#define TENO_PHANTOM_TRUTH_H

#include "phantom/scan.h"

/* One row every TRUTH_STEPS-th of a millimetre of s. */
enum { TRUTH_STEPS = 4 };

typedef struct TruthRow {
    double s_mm, area_mm2, thickness_mm, width_mm, tendinosis_mm2;
    double torn_mm2[PHANTOM_MAX_TEARS], torn_all_mm2;
    Vec3 centre; /* model frame */
} TruthRow;

typedef struct Truth {
    const Achilles *achilles; /* borrowed */
    TruthRow *rows;           /* [n_rows] ascending in s */
    int n_rows;
} Truth;

int truth_compute(Truth *out, const Achilles *achilles, Error *error) TENO_CHECKED;
void truth_free(Truth *truth);
/* Range of s over which whole sections lie inside the grid: the longest run; false when there is none. */
bool truth_range(const Truth *truth, const Placement *placement, const Grid *grid, double *s_min, double *s_max);
/* Fractions 0–1 of each voxel's cell inside the envelope and torn; both allocated here. */
int truth_masks(Vol *envelope, Vol *tear, const Truth *truth, const Placement *placement, const Grid *grid,
                Error *error) TENO_CHECKED;
/* Fractions as NIfTI (uint8 with slope 1/255, gzip). */
int truth_mask_write(const Vol *mask, const char *path, Error *error) TENO_CHECKED;
/* truth.json of one visit; uids [n_series]; truth may be NULL for a body without the tendon. */
int truth_write(const PhantomSpec *spec, const VisitSpec *visit, const Truth *truth, const char (*series_uids)[65],
                const char *study_uid, const char *path, Error *error) TENO_CHECKED;

#endif
