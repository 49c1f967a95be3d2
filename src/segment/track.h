/* Following a dark band section by section. */
#ifndef TENO_SEGMENT_TRACK_H
#define TENO_SEGMENT_TRACK_H

#include "segment/tissue.h"
#include "segment/tube.h"

typedef struct TrackOptions {
    double thickness_mm[2], width_mm[2]; /* plausible range of the tendon */
    double length_mm;                    /* no farther than this */
    double bridge_mm;                    /* how long no section may be seen before the band has ended */
    double grey_share;                   /* of the band's points may be as bright as a lesion: more is another tissue */
    bool distally;       /* the list is followed towards the foot; a tangent points proximally all the same */
    double turn_max_rad; /* the band has ended where it turns more from its direction at the start; 0: no limit */
} TrackOptions;

/* A growing list of knots. */
typedef struct Knots {
    Knot *knot; /* [n] */
    int n, capacity;
} Knots;
int knots_add(Knots *knots, Knot knot, Error *error) TENO_CHECKED;
void knots_free(Knots *knots);
void knots_reverse(Knots *knots);

/* Extends the list beyond its last knot along the direction of its last knots until the band ends. */
int track_extend(Knots *knots, const Images *images, const TrackOptions *options, Error *error) TENO_CHECKED;

/* The section of a dark band through p orthogonal to `tangent`: false when there is none within near_mm. */
bool track_section(Knot *out, Vec3 p_lps, Vec3 tangent, double near_mm, const Images *images,
                   const TrackOptions *options);

#endif
