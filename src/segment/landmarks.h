/* Where the Achilles meets the calcaneus and where the soleus leaves it. */
#ifndef TENO_SEGMENT_LANDMARKS_H
#define TENO_SEGMENT_LANDMARKS_H

#include "segment/insertion.h"

typedef struct Landmarks {
    bool has_insertion, has_junction, has_wedge;
    double insertion_ring;       /* real ring index: the superior edge of the insertion */
    double insertion_confidence; /* 0–1 */
    double cortex_mm;            /* thickness of the calcaneus' cortical bone at the corner, or its usual value */
    double cortex_sd_mm;         /* 1 SD of that thickness */
    Wedge wedge;                 /* has_wedge: what lies between tendon and bone around the insertion */
    double junction_ring, junction_confidence;
} Landmarks;

/* Looks at the tissue in front of every ring of the tube. */
int landmarks_find(Landmarks *out, const Tube *tube, const Images *images, Error *error) TENO_CHECKED;

#endif
