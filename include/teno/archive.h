/* DICOM result objects for the archive that the study came from: SEG, SR (TID 1500), secondary capture, encapsulated
 * PDF. Plain structs; DCMTK stays behind src/dicom/bridge_*.cpp. Nothing here depends on clock, process or host. */
#ifndef TENO_ARCHIVE_H
#define TENO_ARCHIVE_H

#include "teno/error.h"
#include "teno/series.h"
#include "teno/uid.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A coded concept, static or borrowed text (PS3.3 section 8.8). */
typedef struct ArchiveCode {
    const char *value, *scheme, *meaning;
} ArchiveCode;

/* What every object carries. Patient, study and character set are copied from `source_path`, any image of the study. */
typedef struct ArchiveObject {
    const char *source_path;
    char sop_instance_uid[UID_SIZE], series_uid[UID_SIZE];
    int series_number;
    const char *series_description;
    Side side;
} ArchiveObject;

/* One segment of a SEG. */
typedef struct ArchiveSegment {
    char label[64], description[256], tracking_id[64], tracking_uid[UID_SIZE];
    ArchiveCode category, type, region;
    Side side;
    bool made_by_person; /* algorithm type MANUAL, else AUTOMATIC (or SEMIAUTOMATIC with a seed) */
    bool seeded;
    unsigned char rgb[3]; /* recommended display colour */
    const Vol *fraction;  /* borrowed, 0–1, its grid is part of the source series' grid; NULL: described, but empty */
} ArchiveSegment;

/* Segmentation Storage on the source series' own slices: fractional occupancy of 255 steps, or binary (≥ 0.5). */
int archive_write_seg(const char *path, const ArchiveObject *object, const Series *source,
                      const ArchiveSegment *segments, int n_segments, bool binary, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
