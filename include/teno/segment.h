/* Segmentation of a tendon's envelope. */
#ifndef TENO_SEGMENT_H
#define TENO_SEGMENT_H

#include "teno/preproc.h"
#include "teno/tendon.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum SegmentMethod { SEGMENT_AUTOMATIC, SEGMENT_SEEDED, SEGMENT_MASK } SegmentMethod;
const char *segment_method_name(SegmentMethod method);

/* What the user wants of one tendon. Points are LPS mm of the reference series' frame. */
typedef struct SegmentRequest {
    const TendonSpec *spec;
    Side side;         /* SIDE_UNKNOWN: decide from tags and anatomy */
    const Vec3 *seeds; /* [n_seeds] lie inside the tendon */
    int n_seeds;
    const Vec3 *excluded; /* [n_excluded] lie outside it (--not) */
    int n_excluded;
    const Vol *mask; /* fractions 0–1 as a person corrected them: measure only; NULL: segment */
} SegmentRequest;

typedef struct Segmentation {
    bool assessable;
    char reason[256]; /* why not, when not assessable */
    SegmentMethod method;
    double confidence; /* 0–1, the share of such results with Dice >= 0.9, as counted on development studies
                          (confidence.c) */
    Side side;
    Origin origin; /* what s = 0 is */
    Vec3 origin_lps;
    double origin_confidence;
    double muscle_junction_s_mm, muscle_junction_confidence; /* 0–1, the share of such results with Dice >= 0.9, as
                                                                counted on development studies (confidence.c) */
    TendonShape shape;
    Notes warnings;
} Segmentation;

/* Finds the tendon and its envelope in the prepared study, and corrects the alignment of its series by the tendon's own
 * edges (ref_to_channel; not for masks). A tendon that cannot be found or trusted is a result (assessable = false), not
 * an error. */
int tendon_segment(Segmentation *out, Prepared *prepared, const SegmentRequest *request, Error *error) TENO_CHECKED;
void segmentation_free(Segmentation *segmentation);

#ifdef __cplusplus
}
#endif
#endif
