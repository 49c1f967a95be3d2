/* The files below the inputs. */
#ifndef TENO_DICOM_PATHS_H
#define TENO_DICOM_PATHS_H

#include "teno/error.h"

typedef struct PathList {
    char **path; /* [count], owned */
    int count, capacity;
} PathList;

/* Sorted, each path once; free in any case. */
int paths_find(PathList *out, const char *const *inputs, int n_inputs, Error *error) TENO_CHECKED;
void paths_free(PathList *list);

#endif
