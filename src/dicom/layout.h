/* The element structure of a DICOM file, walked before DCMTK sees a byte of it. */
#ifndef TENO_DICOM_LAYOUT_H
#define TENO_DICOM_LAYOUT_H

#include "teno/dicom.h"

enum {
    LAYOUT_MAX_DEPTH = 32,                 /* sequences within sequences; real headers stay below 10 */
    LAYOUT_MAX_HEADER_BYTES = 64 << 20,    /* before Pixel Data; 2,000 Enhanced MR frames need about 6 MB */
    LAYOUT_MAX_INFLATED_BYTES = 512 << 20, /* of a deflated data set */
};

/* A file's header in memory, and where its pixels are. */
typedef struct Layout {
    const TransferSyntax *syntax;
    bool is_directory;                    /* a DICOMDIR, as the file meta information says */
    unsigned char *bytes;                 /* the file's start or, when deflated, the inflated data set */
    size_t n_bytes;                       /* in `bytes`; of an inflated data set without its pixels */
    size_t dataset_start, dataset_end;    /* in `bytes`: first element to the start of Pixel Data's tag (or the end) */
    size_t pixel_tag;                     /* of Pixel Data in the data set's coordinates; 0 when there is none */
    long long pixel_offset, pixel_length; /* of its value; length -1: encapsulated */
    bool has_pixels, pixels_are_words;
    long long total_bytes; /* of the file or the inflated data set */
} Layout;

/* Reads the file up to its Pixel Data and checks every length and nesting on the way. TENO_NO_DICOM: not DICOM, or in a
 * transfer syntax that we do not read; TENO_FAILED: damaged. */
int layout_scan(Layout *out, const char *path, Error *error) TENO_CHECKED;
/* The same, and a deflated data set keeps its pixels in `bytes`. */
int layout_scan_whole(Layout *out, const char *path, Error *error) TENO_CHECKED;
void layout_free(Layout *layout);

#endif
