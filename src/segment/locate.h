/* Where the tendon runs, coarsely: knots along it, distal first. */
#ifndef TENO_SEGMENT_LOCATE_H
#define TENO_SEGMENT_LOCATE_H

#include "segment/track.h"
#include "teno/segment.h"

typedef struct Located {
    Knots knots;       /* at least 3, or n = 0: not found, and `reason` says why */
    double low_mm;     /* how far the lower end was followed beyond the path */
    double path_score; /* per cm of path; automatic only */
    double length_mm;  /* of sections that look like a tendon, before the path was extended */
    double rival;      /* score of the next best path elsewhere (of the best one, for the next best), as a share */
    bool two_legs;
    Side side; /* from the place in an image of two legs; otherwise unknown */
    char reason[256];
} Located;

/* The Achilles by its anatomy: the best path (`nth` 0) or the next best in the same leg (1). */
int locate_achilles(Located *out, int nth, const Images *images, const SegmentRequest *request,
                    Error *error) TENO_CHECKED;
/* Any dark band through the seeds. */
int locate_seeded(Located *out, const Images *images, const SegmentRequest *request, Error *error) TENO_CHECKED;
void located_free(Located *located);

#endif
