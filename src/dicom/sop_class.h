/* Which DICOM objects hold MR pixels that can be measured, and what the others are called. */
#ifndef TENO_DICOM_SOP_CLASS_H
#define TENO_DICOM_SOP_CLASS_H

#include "teno/dicom.h"

/* TENO_NO_DICOM with the object's name when it is not an MR image. */
int sop_class_check(const DicomFile *file, Error *error) TENO_CHECKED;

#endif
