/* How far a segmentation can be trusted. */
#ifndef TENO_SEGMENT_CONFIDENCE_H
#define TENO_SEGMENT_CONFIDENCE_H

#include "segment/landmarks.h"
#include "segment/locate.h"

/* Independent cues, measured on the finished tube. */
typedef struct Evidence {
    double inside;         /* share of points just inside the boundary that look like the tendon's inside, 0–1 */
    double outside;        /* share of points just outside that look like its surroundings, 0–1 */
    double dark;           /* share of the inner points like normal tendon, in the darker half of the sections */
    double boundary_sd_mm; /* median over the boundary */
    double skin_behind;    /* share of sections with skin 1 to 30 mm behind; NaN where the skin is not imaged */
    double fat_behind, fat_or_muscle_before; /* mean shares of these tissues behind and in front */
    double thickness_mm, width_mm;           /* medians */
    double roughness;                        /* median relative change of area over 4 mm */
    double too_large;                        /* share of sections that are larger than any Achilles */
    double length_mm;
    bool fat_shown;     /* by a series that does not suppress it */
    double muscle_seen; /* share of the series in which muscle was found: a leg has some */
} Evidence;

int evidence_collect(Evidence *out, const Tube *tube, const Images *images, Error *error) TENO_CHECKED;

/* Calibrated 0–1; `reason` names the weakest cue. */
double confidence_from(const Evidence *evidence, const Located *located, const Landmarks *landmarks,
                       const TendonSpec *spec, bool automatic, char *reason, size_t reason_size);

#endif
