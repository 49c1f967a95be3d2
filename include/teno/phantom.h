/* A digital ankle with known truth, and the DICOM studies that a scanner would make of it. */
#ifndef TENO_PHANTOM_H
#define TENO_PHANTOM_H

#include "teno/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names and one-line descriptions of the fixed cases of `teno phantom --list`. */
int phantom_case_count(void);
const char *phantom_case_name(int index);
const char *phantom_case_description(int index);

/* Writes a case, or the study that a JSON spec describes (docs in src/phantom/spec.c), as DICOM with its truth:
 * <folder>/<timepoint>/dicom/…, <folder>/<timepoint>/truth.json and truth_*.nii.gz. */
int phantom_write_case(const char *case_name, const char *folder, Error *error) TENO_CHECKED;
int phantom_write_spec(const char *spec_path, const char *folder, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
