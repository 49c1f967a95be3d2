/*
 * From prepared channels to the envelope of one tendon: the order of the steps.
 */
#include "teno/segment.h"

#include <math.h>
#include <stdio.h>

const char *segment_method_name(SegmentMethod method) {
    static const char *const names[] = {"automatic", "seeded", "mask"};
    return names[method];
}

int tendon_segment(Segmentation *out, const Prepared *prepared, const SegmentRequest *request, Error *error) {
    (void)prepared;
    (void)error;
    *out = (Segmentation){.method = request->mask      ? SEGMENT_MASK
                                    : request->n_seeds ? SEGMENT_SEEDED
                                                       : SEGMENT_AUTOMATIC,
                          .side = request->side,
                          .origin = ORIGIN_DISTAL_IMAGE_EDGE,
                          .muscle_junction_s_mm = (double)NAN};
    snprintf(out->reason, sizeof out->reason, "no segmentation engine in this build");
    return TENO_OK;
}

void segmentation_free(Segmentation *segmentation) {
    shape_free(&segmentation->shape);
    notes_free(&segmentation->warnings);
}
