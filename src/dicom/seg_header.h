/* What a DICOM segmentation says beyond an image: its segments, and the segment of each frame (PS3.3 A.51, C.8.20). */
#ifndef TENO_DICOM_SEG_HEADER_H
#define TENO_DICOM_SEG_HEADER_H

#include "teno/dicom.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SEG_MAX_SEGMENTS = 4096, SEG_MAX_FRAMES = 100000 };

typedef struct SegSegment {
    int number;
    char label[128], description[256], type_value[17], type_meaning[65], side_value[17];
    char tendon_code[17]; /* of our scheme 99TENO, "" none */
    char algorithm_type[17], algorithm_name[65];
} SegSegment;

typedef struct SegHeader {
    char type[17];        /* BINARY, FRACTIONAL, LABELMAP */
    int maximum_fraction; /* stored value of 1; FRACTIONAL only */
    char creator[325], model[65], referenced_series_uid[65];
    SegSegment *segments; /* [n_segments] */
    int n_segments;
    int *frame_segment; /* [n_frames] segment number; 0 where the frame does not say (LABELMAP) */
    int n_frames;
} SegHeader;

/* Parses a data set that layout_scan has checked. Caller frees, also after a failure. */
int seg_header_parse(SegHeader *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax,
                     Error *error) TENO_CHECKED;
void seg_header_free(SegHeader *header);

#ifdef __cplusplus
}
#endif

#endif
