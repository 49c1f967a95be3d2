/* One frame of one file for tests, without the series around it. */
#ifndef TENO_TESTS_FRAMES_H
#define TENO_TESTS_FRAMES_H

#include "teno/dicom.h"

/* Values [rows][columns] in modality units, or NULL with the error; the caller frees them and the file. */
float *frame_of_file(const char *path, int frame, DicomFile *file, Error *error);

#endif
