/* Encapsulated pixel data: which bytes are which frame, and what the code stream says of itself. */
#ifndef TENO_DICOM_FRAGMENTS_H
#define TENO_DICOM_FRAGMENTS_H

#include "teno/dicom.h"

/* A part of the file's bytes. */
typedef struct Fragment {
    size_t offset, length;
} Fragment;

/* All fragments behind the offset table, and the first one of each frame. */
typedef struct Fragments {
    Fragment *fragment; /* [n] */
    int n;
    int *first; /* [n_frames + 1]: frame f has fragments first[f] … first[f + 1] − 1 */
    int n_frames;
} Fragments;

/* Finds the items of encapsulated Pixel Data (PS3.5 A.4) whose value begins at `offset` of `bytes` [size]. Frames are
 * found by the offset table, by their number, or by the start markers of their code streams. */
int fragments_find(Fragments *out, const unsigned char *bytes, size_t size, size_t offset, int n_frames,
                   Error *error) TENO_CHECKED;
void fragments_free(Fragments *fragments);

/* One frame's code stream, its fragments joined; caller frees. Even length, padded with zero. */
int fragments_join(unsigned char **out, size_t *out_size, const Fragments *fragments, const unsigned char *bytes,
                   int frame, Error *error) TENO_CHECKED;

/* Holds the dimensions in the code stream's own head against the DICOM header, before anything is allocated for it. */
int codestream_check(const unsigned char *stream, size_t size, const DicomPixels *pixels, Error *error) TENO_CHECKED;

/* The same for RLE: its segments must hold enough for the image. */
int rle_check(const unsigned char *stream, size_t size, const DicomPixels *pixels, Error *error) TENO_CHECKED;

/* Decodes a JPEG 2000 or HTJ2K code stream into `out`, cells of bits_allocated in native byte order. */
int jpeg2000_decode(void *out, const unsigned char *stream, size_t size, const DicomPixels *pixels,
                    Error *error) TENO_CHECKED;

#endif
