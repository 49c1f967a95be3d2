/* Stored pixel values to numbers. */
#ifndef TENO_DICOM_PIXELS_H
#define TENO_DICOM_PIXELS_H

#include "teno/dicom.h"

/* Bytes of one frame as stored: rows × columns × bits_allocated / 8. */
size_t pixels_frame_bytes(const DicomPixels *pixels);
/* The two steps of pixels_convert: `count` cells to stored values, an even number a call; then a whole frame of those
 * to modality units, in place. */
void pixels_cut(float *out, const unsigned char *bytes, size_t count, const DicomPixels *pixels, bool big_endian);
void pixels_finish(float *out, const DicomPixels *pixels);
/* One frame's bytes [rows][columns] to modality units, out [rows][columns]. */
void pixels_convert(float *out, const unsigned char *bytes, const DicomPixels *pixels, bool big_endian);
/* Reads and decodes one frame of a file into modality units, out [rows][columns]. Thread-safe. */
int frame_load(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error) TENO_CHECKED;

#endif
