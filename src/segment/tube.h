/* The unrolled tube: sections along a centreline, and rays in each section across the tendon's boundary. */
#ifndef TENO_SEGMENT_TUBE_H
#define TENO_SEGMENT_TUBE_H

#include "segment/lattice.h"
#include "teno/tendon.h"

/* A coarse section of a tendon: what a tube is built around. */
typedef struct Knot {
    Vec3 centre_lps;
    double minor_mm, major_mm; /* full axes */
    double angle_rad;          /* of the major axis, in the section's (u, v) plane */
    double weight;             /* 0: no evidence here, interpolated */
} Knot;

/*
 * One section of the tube. The rays leave a core segment of half length half_core_mm along the major axis at right
 * angles, and fan out around its ends: level lines are stadiums, which suit flat tendons better than circles.
 */
typedef struct Ring {
    Section frame;                             /* centre and axes; boundary filled by tube_to_shape */
    double half_core_mm, angle_rad, radius_mm; /* radius: expected distance of the boundary from the core */
    bool bridged;
    bool drowned; /* fluid to both sides of the boundary: its place is taken from rings around it, not from the image */
} Ring;

typedef struct Tube {
    Ring *ring; /* [n_rings], ascending, step_mm apart */
    int n_rings;
    int first; /* the tendon begins at this ring; those before are cortex */
    double step_mm;
    double *radius_mm;          /* [n_rings][SECTION_POINTS] the boundary: distance from the core along each ray */
    double *sd_mm;              /* [n_rings][SECTION_POINTS] */
    double film_mm, film_sd_mm; /* thickness of the paratenon that was found, and 1 SD; ring[].frame.film_mm is what
                                   that SD does to the boundary */
} Tube;

/* Knots (at least 3, in order, distal first, about evenly spaced) are smoothed by a spline of bandwidth smooth_mm and
 * resampled every millimetre; the ends are extended along their tangents by the given lengths. */
int tube_build(Tube *out, const Knot *knot, int n_knots, double smooth_mm, double extend_low_mm, double extend_high_mm,
               Error *error) TENO_CHECKED;
void tube_free(Tube *tube);

/* Origin and unit direction of ray `i` of SECTION_POINTS in the section's plane: {u, v, du, dv}. */
typedef struct Ray {
    double u, v, du, dv;
} Ray;
Ray ring_ray(const Ring *ring, int i);
void ring_rays(Ray ray[SECTION_POINTS], const Ring *ring); /* all of them */
/* Distance from the core along ray `i` to the ellipse with the ring's axes: what a tendon's section looks like. */
double ring_expected_mm(const Ring *ring, int i);
Vec3 ring_point(const Ring *ring, const Ray *ray, double distance_mm);

/* Polygons of rings [first, first + count) as a shape; s counts from 0 at `first`; centres moved to the centroids. */
int tube_to_shape(TendonShape *out, const Tube *tube, int first, int count, Error *error) TENO_CHECKED;

#endif
