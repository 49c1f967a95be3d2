/* The C interface that Teno gives DCMTK: plain structs and functions. Implemented in src/dicom/bridge_*.cpp, the only
 * C++ of the program; no type, exception or condition of DCMTK gets past it. */
#ifndef TENO_DICOM_H
#define TENO_DICOM_H

#include <stdbool.h>
#include <stddef.h>

#include "teno/error.h"
#include "teno/geometry.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who decodes the pixels of a transfer syntax. */
typedef enum DicomCodec { DICOM_NATIVE, DICOM_RLE, DICOM_JPEG, DICOM_JPEG_LS, DICOM_JPEG2000 } DicomCodec;

/* One row a transfer syntax of DICOM PS3.5 §10 that Teno reads (src/dicom/transfer_syntax.c). */
typedef struct TransferSyntax {
    const char *uid, *name;
    bool explicit_vr, big_endian, deflated;
    DicomCodec codec;
    bool lossy; /* the coding as such loses information; a lossless one may still carry what was lost before */
} TransferSyntax;

extern const TransferSyntax transfer_syntax_table[];
extern const int transfer_syntax_count;
const TransferSyntax *transfer_syntax_find(const char *uid); /* NULL: not one that we read */

/* How the bytes of Pixel Data become numbers (PS3.3 C.7.6.3, C.11.1). One per frame: the rescale may differ. */
enum { DICOM_MAX_ROWS = 8192 }; /* and columns: no MR matrix is larger; bounds what a lying header can ask for */

typedef struct DicomPixels {
    const TransferSyntax *syntax;
    long long offset,
        length; /* of the value of Pixel Data in the file (deflated: in the inflated data set); -1: encapsulated */
    int rows, columns, n_frames, samples, bits_allocated, bits_stored, high_bit;
    bool is_signed;
    bool inverted;           /* MONOCHROME1: the lowest value is white */
    bool word_swapped;       /* 8-bit pixels in big-endian 16-bit words */
    double slope, intercept; /* value = slope × stored + intercept */
    bool has_padding;
    double padding_low, padding_high; /* stored values that are no image */
} DicomPixels;

/* What differs between the frames of one file. NaN, 0 or "" where the header does not say. */
typedef struct DicomFrame {
    bool has_position, has_orientation, has_spacing;
    Vec3 position_lps, row_lps,
        column_lps;                    /* centre of the first pixel; direction along a row (i) and down a column (j) */
    double spacing_i_mm, spacing_j_mm; /* between columns, between rows */
    double thickness_mm, spacing_between_mm;
    double tr_ms, te_ms, ti_ms, flip_deg, b_value, trigger_ms;
    int echo_number, temporal_index, acquisition_number;
    char image_type[128]; /* the values of Image Type or Frame Type, joined by backslashes */
    char component[17];   /* Complex Image Component of Enhanced MR: MAGNITUDE, PHASE … */
    char suppression[17]; /* Spectrally Selected Suppression of Enhanced MR: FAT, WATER … */
    char laterality[17];  /* L, R … */
    char stack_id[17];
    bool inversion_recovery;
    DicomPixels pixels;
} DicomFrame;

/* The header of one file, texts in UTF-8. */
typedef struct DicomFile {
    char *path;
    char sop_class_uid[65], sop_instance_uid[65], study_uid[65], series_uid[65], frame_of_reference_uid[65];
    char patient_id[65], patient_name[325], accession[65];
    char study_date[9], study_time[15], series_time[15], acquisition_time[15], study_description[256];
    char modality[17], manufacturer[65], model[65], series_description[256], protocol[65], body_part[65], position[17];
    char scanning_sequence[33], sequence_variant[33], scan_options[129], sequence_name[65], acquisition_type[17];
    char lossy_compression[17], photometric[17];
    int series_number, instance_number;
    double field_t;
    bool multi_frame;   /* Enhanced MR: the frames' attributes come from the functional groups */
    DicomFrame *frames; /* [n_frames] */
    int n_frames;
} DicomFile;

/* Reads the header of one file. TENO_NO_DICOM: not a DICOM image that could be measured, the message says what it is
 * instead; TENO_FAILED: damaged or unreadable. Caller frees. Thread-safe. */
int dicom_file_read(DicomFile *out, const char *path, Error *error) TENO_CHECKED;
void dicom_file_free(DicomFile *file);

/* Parses a data set up to Pixel Data, `bytes` [size] in the given syntax, its element structure already checked by
 * layout_scan. Fills all of `out` but the path and each frame's pixels.syntax, offset and length. */
int dicom_parse(DicomFile *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax,
                Error *error) TENO_CHECKED;

/* Decodes one frame of RLE, JPEG or JPEG-LS from its code stream [size, even] into `out` [rows × columns cells of
 * bits_allocated, native byte order]. */
int dicom_decode_frame(void *out, size_t out_size, const unsigned char *stream, size_t size, const DicomPixels *pixels,
                       Error *error) TENO_CHECKED;

/* The file IDs that a DICOMDIR's data set lists, components with slashes between: owned texts in an owned array, also
 * partly filled on failure. */
int dicom_directory_parse(char ***file_ids, int *n, const unsigned char *bytes, size_t size, Error *error) TENO_CHECKED;

/* Before threads start: registers the codecs, loads the dictionary, silences DCMTK's log. Repeatable.
 * Fails when DCMTK's data dictionary is missing. */
int dicom_start(Error *error) TENO_CHECKED;
void dicom_stop(void);

#ifdef __cplusplus
}
#endif
#endif
