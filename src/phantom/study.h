/* A whole phantom study on disk: every visit's DICOM series and truth. */
#ifndef TENO_PHANTOM_STUDY_H
#define TENO_PHANTOM_STUDY_H

#include "phantom/spec.h"

/* Writes <folder>/<visit>/dicom/…, truth.json and truth_*.nii.gz; folders are made as needed. */
int phantom_write(const PhantomSpec *spec, const char *folder, Error *error) TENO_CHECKED;
/* A fixed case, study:SEED or pair:SEED. */
int phantom_case(PhantomSpec *out, const char *name, Error *error) TENO_CHECKED;

#endif
