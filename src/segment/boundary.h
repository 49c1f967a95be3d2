/* The boundary of the tendon in the unrolled tube. */
#ifndef TENO_SEGMENT_BOUNDARY_H
#define TENO_SEGMENT_BOUNDARY_H

#include "segment/tissue.h"
#include "segment/tube.h"

typedef struct BoundaryOptions {
    const Vec3 *inside;
    int n_inside; /* seeds: the surface keeps them in */
    const Vec3 *outside;
    int n_outside; /* excluded points: the surface keeps them out */
} BoundaryOptions;

/* Sets radius_mm of every ring to the globally optimal surface: to about a third of a millimetre. */
int boundary_find(Tube *tube, const Images *images, const BoundaryOptions *options, Error *error) TENO_CHECKED;

/* Corrects prepared->channel[1..].ref_to_channel by where each channel sees the tendon's edges: the patient moved
 * between series, chemical shift moves fat, and the tendon's own surface is the nearest witness of both. Takes a film
 * of fluid off the boundary. images->prepared may be the same study. */
int boundary_align(Tube *tube, const Images *images, Prepared *prepared, int rounds, Error *error) TENO_CHECKED;

/* Moves the boundary to where the blurred edges of all channels say, to a small part of a voxel; fills sd_mm. */
int boundary_refine(Tube *tube, const Images *images, int rounds, Error *error) TENO_CHECKED;

#endif
