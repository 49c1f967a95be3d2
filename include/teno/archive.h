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
    char tendon_code[17]; /* of our scheme, where `type` cannot tell tendons apart; "" otherwise */
    const char *tendon_meaning;
    Side side;
    bool made_by_person; /* algorithm type MANUAL, else AUTOMATIC (or SEMIAUTOMATIC with a seed) */
    bool seeded;
    unsigned char rgb[3]; /* recommended display colour */
    const Vol *fraction;  /* borrowed, 0–1, its grid is part of the source series' grid; NULL: described, but empty */
} ArchiveSegment;

/* Segmentation Storage on the source series' own slices: fractional occupancy of 255 steps, or binary (≥ 0.5). */
int archive_write_seg(const char *path, const ArchiveObject *object, const Series *source,
                      const ArchiveSegment *segments, int n_segments, bool binary, Error *error) TENO_CHECKED;

/* Behind a difference between two dates; NaN: not known. */
typedef struct ArchiveChange {
    double before, after, percent, limit; /* limit: of repeatability, in the measure's unit */
    ArchiveCode verdict;
} ArchiveChange;

/* One number of a measurement group. */
typedef struct ArchiveMeasure {
    ArchiveCode concept;
    ArchiveCode derivation; /* Maximum, Mean …; value NULL: none */
    const char *unit;       /* UCUM */
    double value;
    bool has_interval;
    double low, high;            /* 95 % */
    const ArchiveChange *change; /* `value` is a difference, later minus earlier; NULL: it is a value of one date */
} ArchiveMeasure;

/* A statement that is no number: a code, or free text where code.value is NULL. */
typedef struct ArchiveEvaluation {
    ArchiveCode concept, code;
    char text[400]; /* ASCII */
} ArchiveEvaluation;

enum { ARCHIVE_DATES = 2 }; /* that one report can speak of */

/* Measurements of one thing that is followed over time, or of its change. Tracking id and UID are those of its segment.
 */
typedef struct ArchiveGroup {
    char tracking_id[64], tracking_uid[UID_SIZE];
    ArchiveCode finding, site;
    char tendon_code[17]; /* as in ArchiveSegment */
    const char *tendon_meaning;
    Side side;
    bool of_change;             /* between the dates (TID 1501); otherwise of one segment on one date (TID 1411) */
    int segment[ARCHIVE_DATES]; /* 1-based, of each date's SEG; 0: none */
    ArchiveMeasure *measures;
    int n_measures;
    ArchiveChange *changes; /* pointed to by measures; NULL: none */
    ArchiveEvaluation *evaluations;
    int n_evaluations;
} ArchiveGroup;

/* What was measured on one date. */
typedef struct ArchiveDate {
    const ArchiveObject *seg;     /* the segmentation that the groups refer to; NULL: none was written */
    const Series *const *sources; /* [n_sources] evidence; the first is the series that was segmented */
    int n_sources;
    const char *time_point; /* e.g. the study's date; "" unknown */
} ArchiveDate;

/* Content of a measurement report. All borrowed. */
typedef struct ArchiveReport {
    const ArchiveDate *dates; /* [n_dates], 1 to ARCHIVE_DATES, ascending; the report belongs to the last one's study */
    int n_dates;
    const ArchiveGroup *groups;
    int n_groups;
    const ArchiveEvaluation *evaluations; /* of the whole study, e.g. what could not be assessed */
    int n_evaluations;
} ArchiveReport;

/* Comprehensive 3D SR by TID 1500; numbers are written with the same six significant digits as in report.json. */
int archive_write_sr(const char *path, const ArchiveObject *object, const ArchiveReport *report,
                     Error *error) TENO_CHECKED;

/* Multi-frame true colour secondary capture, JPEG lossless; rgb has shape [n_frames][height][width][3]. */
int archive_write_sc(const char *path, const ArchiveObject *object, const unsigned char *rgb, int width, int height,
                     int n_frames, Error *error) TENO_CHECKED;

/* Encapsulated PDF of `size` bytes; `title` is ASCII, at most 64 characters. */
int archive_write_pdf(const char *path, const ArchiveObject *object, const unsigned char *pdf, size_t size,
                      const char *title, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
