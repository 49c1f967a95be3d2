/* Masks that a person or another program made: NIfTI or DICOM SEG, read as fractions 0–1 in DICOM patient LPS. */
#ifndef TENO_MASK_H
#define TENO_MASK_H

#include "teno/error.h"
#include "teno/series.h"
#include "teno/tendon.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum MaskKind { MASK_TENDON, MASK_TEAR, MASK_TENDINOSIS } MaskKind;

/* One segment (SEG) or one label (NIfTI). */
typedef struct MaskSegment {
    MaskKind kind;
    char label[128];
    char tendon[32]; /* name in the tendon table as its code or label says; "" unsaid */
    Side side;
    bool inside;  /* a tear that the tendon's segment includes, as in our own files ("Tear 1 of Achilles tendon") */
    Vol fraction; /* 0–1 on the file's own grid, cropped to what is not zero; data NULL: nothing is drawn */
} MaskSegment;

typedef struct MaskFile {
    char path[1024];
    const char *format;              /* "NIfTI", "DICOM SEG" */
    char author[512];                /* who or what segmented, as the file says; "" unsaid */
    char frame_of_reference_uid[65]; /* "" for NIfTI */
    char referenced_series_uid[65];  /* series that a SEG was drawn on; "" unsaid */
    Grid grid;                       /* of the whole file */
    MaskSegment *segments;           /* [n_segments] */
    int n_segments;
} MaskFile;

/* Reads a mask of either kind, told apart by content. SEG: binary, fractional, label map. NIfTI: every label above 0
 * belongs to the tendon's envelope, unless all values lie in 0–1, which makes them fractions; of one volume, with its
 * place said. */
int mask_read(MaskFile *out, const char *path, Error *error) TENO_CHECKED;
void mask_free(MaskFile *mask);
/* Envelope of one tendon (torn parts included) as mean fraction per voxel of the series' grid; `out` is allocated here.
 * Segments that name another tendon or side are left out, and unnamed ones where one is named; tears drawn beside the
 * tendon are added to it. Refused when a SEG has several segments and none is called a tendon; and, with both
 * geometries in the message, when the frame of reference is another one, when the mask does not lie inside the series,
 * or when it has the matrix of a series of the study but another place. */
int mask_envelope(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Study *study,
                  const Series *series, Error *error) TENO_CHECKED;
/* Side that the segments of a tendon agree on; unknown when they do not say or not agree. */
Side mask_side(const MaskFile *mask, const TendonSpec *spec);
/* Same for the tears; out->data stays NULL when the file has no tear segment (TENO_OK). */
int mask_tear(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Series *series,
              Error *error) TENO_CHECKED;
/* Mean of `from` over each voxel of `out` (allocated, with its grid), interpolated linearly; 0 outside.
 * Exact on the same grid. Parallel over slices. */
void mask_resample(Vol *out, const Vol *from);

#ifdef __cplusplus
}
#endif
#endif
