/* A channel's view of a tendon's boundary: what it says of each point of it. */
#ifndef TENO_SEGMENT_EDGE_VIEW_H
#define TENO_SEGMENT_EDGE_VIEW_H

#include "segment/lattice.h"
#include "teno/tendon.h"

#define FILM_USUAL_MM 0.2 /* thickness of the paratenon before the image is asked */
/* Of a film's level about the expected one: relaxation times differ, and films are mixed. What a film thinner than the
 * blur adds to an edge is the product of level and thickness, so that the thickness is in doubt by the same share. */
#define FILM_LEVEL_SPREAD 0.2
#define FILM_MAX_MM 1.5 /* thickness of the paratenon that is modelled; what is thicker is peeled off (rim.c) */

#define EDGE_LIMIT_MM 2.5 /* channels that see an edge farther apart do not see the same edge */
#define EDGE_SHARED 24.0  /* neighbouring points share voxels and the model's errors: about one in these is new */

typedef struct EdgeView {
    const Channel *channel;
    const Scale *scale;
    Rigid map;      /* reference LPS → channel LPS, corrected by what the channel's own edges say */
    Vol fraction;   /* of the tendon as the channel would see it, cropped to the shape */
    int i0, j0, k0; /* of the crop in the channel's grid */
    double film;    /* normalised level of what the film consists of */
} EdgeView;

typedef struct EdgeVote {
    double shift_mm, variance_mm2; /* move outwards; variance 0: silent */
    double film_pull;              /* by how much less, per mm of a thicker film */
    /* Of the change of the film's thickness, from the shape of this edge alone: 1/mm² and its product with the mean. */
    double film_information, film_force;
} EdgeVote;

/* Renders the shape as the channel sees it. */
int edge_view_render(EdgeView *view, const TendonShape *shape, Error *error) TENO_CHECKED;

/* False when the channel sees no edge there. `normal` points outwards; depth_mm: how much tendon lies behind the edge;
 * film_mm: thickness of the film outside it, 0 to FILM_MAX_MM. */
bool edge_view_vote(EdgeVote *vote, const EdgeView *view, Vec3 edge_lps, Vec3 normal, double depth_mm, double film_mm);

#endif
