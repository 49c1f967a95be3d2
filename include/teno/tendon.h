/* The tendons Teno knows, and the shape of one that was found. */
#ifndef TENO_TENDON_H
#define TENO_TENDON_H

#include <stdbool.h>

#include "teno/error.h"
#include "teno/geometry.h"
#include "teno/vol.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum Origin { ORIGIN_INSERTION, ORIGIN_MALLEOLUS, ORIGIN_JOINT_LINE, ORIGIN_DISTAL_IMAGE_EDGE } Origin;
const char *origin_name(Origin origin);

/* One row a tendon in src/segment/tendons.c: a new tendon is a new row. */
typedef struct TendonSpec {
    const char *name;                         /* as on the command line and in the JSON */
    const char *display_name;                 /* "Achilles tendon" */
    bool needs_seed;                          /* no automatic finder yet */
    Origin landmark;                          /* what s = 0 means when it is in the field of view */
    double thickness_mm[2];                   /* plausible range, minor axis (clinical.md §1 sources in the table) */
    double width_mm[2];                       /* plausible range, major axis */
    double length_mm[2];                      /* plausible length of what a field of view can show */
    const char *snomed_code, *snomed_meaning; /* verified in PS3.16, or the generic "Tendon" */
    bool has_zones;                           /* insertional / mid-portion / proximal, Kuwada: Achilles only */
} TendonSpec;

extern const TendonSpec tendon_table[];
extern const int tendon_count;
const TendonSpec *tendon_find(const char *name); /* NULL if unknown */

enum { SECTION_POINTS = 96 }; /* boundary points of a cross-section */

/*
 * A cross-section orthogonal to the centreline.
 *
 *            +v (posterior)
 *             |
 *             o---- +u (left)     u × v = tangent; tangent points proximally
 *
 * The boundary is a closed polygon in the (u, v) plane, counter-clockwise seen against the tangent, in mm from centre.
 */
typedef struct Section {
    double s_mm; /* arc length from the origin landmark, positive towards the muscle */
    Vec3 centre_lps, tangent, u, v;
    float boundary_u_mm[SECTION_POINTS], boundary_v_mm[SECTION_POINTS];
    float boundary_sd_mm; /* 1 SD of the boundary's own ambiguity, which averages out along and around the tendon */
    /* Errors that sections have in common, 1 SD each: */
    float film_mm;      /* all: by how much the boundary would lie farther in under a paratenon thicker by its SD */
    float heel_sd_mm;   /* on the calcaneus: of the front, from which bone is taken off */
    float soleus_sd_mm; /* above the soleus junction, over centimetres: of the boundary among sheets as dark */
    bool bridged;       /* in a gap: the sheath interpolated between the stumps */
    bool assessed;      /* whole section inside the imaged volume */
} Section;

/* A tendon: sections ascending in s, step_mm apart (1 mm). Frame: LPS of the reference (anatomy) series. */
typedef struct TendonShape {
    Section *sections; /* [n_sections] */
    int n_sections;
    double step_mm;
} TendonShape;

int shape_copy(TendonShape *out, const TendonShape *from, Error *error) TENO_CHECKED;
void shape_free(TendonShape *shape);
/* Axes (unit vectors, LPS) of the section plane of a unit tangent: u points to the patient's left as far as
 * orthogonality allows; for a tangent across the leg v points back instead. */
void section_axes(Vec3 *u, Vec3 *v, Vec3 tangent);
double section_area_mm2(const Section *section); /* shoelace */
bool section_contains(const Section *section, double u_mm, double v_mm);
/* Between two neighbours (weight of the second; a little beyond 0 and 1 extrapolates); boundary points go with their
 * index, what cannot be mixed is the nearer one's. */
Section section_between(const Section *a, const Section *b, double weight);
/* Patient point of (s index k as a real number, u, v): frames and centres interpolated between sections. */
Vec3 shape_to_lps(const TendonShape *shape, double k, double u_mm, double v_mm);
/* Inverse: true when the point projects on the shape's length; k real, u and v in mm. */
bool shape_from_lps(const TendonShape *shape, Vec3 p_lps, double *k, double *u_mm, double *v_mm);
/* Fraction 0–1 of each voxel inside the boundary, over the whole shape; `out` is allocated here on `grid`.
 * ref_to_grid maps LPS of the shape's frame into the grid's frame (NULL: same). */
int shape_rasterise(Vol *out, const TendonShape *shape, const Grid *grid, const Rigid *ref_to_grid,
                    Error *error) TENO_CHECKED;
/* Same with sub-samples about sample_mm apart (shape_rasterise: 0.25): coarser is faster. */
int shape_rasterise_at(Vol *out, const TendonShape *shape, const Grid *grid, const Rigid *ref_to_grid, double sample_mm,
                       Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
