/* Inflating a deflated data set (PS3.5 A.5) with an upper bound. */
#ifndef TENO_DICOM_INFLATE_H
#define TENO_DICOM_INFLATE_H

#include <stddef.h>

#include "teno/error.h"

/* Allocates *out [*out_size]; caller frees. Fails on a broken stream or when more than `limit` bytes come out. */
int inflate_bounded(unsigned char **out, size_t *out_size, const unsigned char *bytes, size_t size, size_t limit,
                    const char *path, Error *error) TENO_CHECKED;

#endif
