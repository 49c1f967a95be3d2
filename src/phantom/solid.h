/* Solids of the digital ankle as signed distances (negative inside, mm). The distances are first-order estimates;
 * divided by the kind's slack they never exceed the true distance: good enough to know when a voxel lies in one tissue.
 */
#ifndef TENO_PHANTOM_SOLID_H
#define TENO_PHANTOM_SOLID_H

#include "phantom/tissue.h"
#include "teno/geometry.h"

typedef struct Achilles Achilles;

/* Samples of a limb's outline distance. */
typedef struct DistanceField {
    Vec3 low;
    double step_mm;
    int nx, ny, nz;
    float *value; /* [nz][ny][nx] */
} DistanceField;

typedef enum SolidKind {
    SOLID_ELLIPSOID, /* axes x, y, z with radii; `power` 2 or 4 along x */
    SOLID_SEGMENT,   /* a to b with elliptical sections that change linearly */
    SOLID_BODY,      /* everything outside a limb's outline, moved by `offset` */
    SOLID_ACHILLES,  /* the swept Achilles grown by `offset` */
    SOLID_SOLEUS,    /* the muscle on the Achilles' anterior face */
    SOLID_SEPTUM     /* a wavy sheet through a base point */
} SolidKind;

typedef struct Solid {
    SolidKind kind;
    Tissue tissue;
    float offset_mm;     /* grows (+) or shrinks (-) the shape: cortex and marrow share one shape */
    Vec3 a, b;           /* ellipsoid: centre and radii; segment: ends */
    Vec3 x, y, z;        /* own axes, model frame; a segment's x is its first radius' direction, z its axis */
    double ra[2], rb[2]; /* segment: radii along x and y at both ends */
    double length;
    int power; /* ellipsoid: exponent of its x term */
    bool cut;  /* ellipsoid: rounded off by the half-space below */
    Vec3 cut_point, cut_normal;
    double cut_round_mm;
    Vec3 fibre;                 /* unit direction of the fibres; zero where it does not matter */
    const DistanceField *field; /* SOLID_BODY, borrowed */
    const Achilles *achilles;   /* borrowed */
} Solid;

/* Distance to the outline that blends the parts into each other. */
double outline_distance(const Solid *parts, int n_parts, Vec3 p);
double solid_distance(const Solid *solid, Vec3 p);
double solid_slack(const Solid *solid);

Solid solid_ellipsoid(Tissue tissue, Vec3 centre, Vec3 radii);
/* `across` is the direction of the first radius; it need not be orthogonal to the axis. */
Solid solid_segment(Tissue tissue, Vec3 a, Vec3 b, const double ra[2], const double rb[2], Vec3 across);
/* Rotates a solid about the model's x axis through `pivot` (ankle flexion). */
void solid_flex(Solid *solid, Vec3 pivot, double angle_rad);
Vec3 point_flex(Vec3 p, Vec3 pivot, double angle_rad);
/* Smooth minimum of two distances, blended over `k` mm (Quilez's polynomial form). */
double smooth_min(double a, double b, double k);

#endif
