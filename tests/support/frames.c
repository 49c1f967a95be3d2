#include "frames.h"

#include <stdlib.h>

#include "dicom/pixels.h"

float *frame_of_file(const char *path, int frame, DicomFile *file, Error *error)
{
    if (dicom_file_read(file, path, error)) return NULL;
    const DicomPixels *pixels = &file->frames[frame].pixels;
    float *values = calloc((size_t)pixels->rows * (size_t)pixels->columns, sizeof *values);
    if (frame_load(values, path, pixels, frame, error) == TENO_OK) return values;
    free(values);
    dicom_file_free(file);
    return NULL;
}
