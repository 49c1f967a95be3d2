/* From single frames to studies and volumes. */
#ifndef TENO_DICOM_GROUP_H
#define TENO_DICOM_GROUP_H

#include "teno/series.h"

/* Builds scan->studies from the files [n], which must be in a fixed order (by path); takes nothing over. */
int studies_group(Scan *scan, const DicomFile *files, int n, Error *error) TENO_CHECKED;

/* The order of a study's series: series number, then key; for qsort. */
int series_compare(const void *a, const void *b);
/* Joins studies that are one visit. */
int visits_join(Scan *scan, Error *error) TENO_CHECKED;

/* A frame on its way into a volume. */
typedef struct FrameRef {
    const DicomFile *file;
    int frame;
    double position_mm; /* along the normal of its volume */
} FrameRef;

/* Sorts the frames of one volume along the normal and makes the grid and slices; sets usable and reason. Frames that
 * do not belong (duplicates, beyond a gap) are left out with a warning. `frames` is reordered. */
int volume_build(Series *out, FrameRef *frames, int n, Error *error) TENO_CHECKED;

#endif
