/* Writes an MR series as a scanner would: MR Image Storage, one file a slice, or one Enhanced MR file. */
#ifndef TENO_DICOM_WRITE_H
#define TENO_DICOM_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "teno/error.h"
#include "teno/geometry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum Compression { COMPRESS_NONE, COMPRESS_RLE, COMPRESS_JPEG_LOSSLESS, COMPRESS_JPEG_LS } Compression;

/* Texts are borrowed, NULL or "" leaves the attribute empty (type 2) or out (type 3). */
typedef struct MrSeriesWrite {
    const char *patient_id, *patient_name;
    const char *study_uid, *study_date, *study_time, *study_description, *study_id;
    const char *series_uid, *frame_of_reference_uid, *series_description, *protocol_name;
    const char *manufacturer, *model, *institution;
    const char *scanning_sequence, *sequence_variant, *scan_options, *image_type; /* CS, backslash separated */
    const char *body_part, *laterality;                                           /* laterality "L", "R" or NULL */
    const char *patient_position;                                                 /* FFS, HFS … */
    int series_number, echo_train_length;
    double tr_ms, te_ms, ti_ms, flip_deg, field_t; /* ti_ms 0: none */
    bool three_d;
    double slice_thickness_mm;
    double rescale_slope, rescale_intercept; /* slope 0: no rescale attributes */
    Grid grid;
    const uint16_t *pixels; /* [nz][ny][nx], bits_stored bits */
    int bits_stored;
    Compression compression;
    bool enhanced;
    bool reversed; /* instance numbers descend along the grid's axis_z */
} MrSeriesWrite;

/* Writes the series into `folder` (exists) as IM0001 …; SOP Instance UIDs derive from the series UID. */
int dicom_write_mr(const MrSeriesWrite *series, const char *folder, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
