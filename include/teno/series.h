/* Studies, series and their geometry: what a folder of DICOM holds, in plain structs. */
#ifndef TENO_SERIES_H
#define TENO_SERIES_H

#include <stdbool.h>

#include "teno/dicom.h"
#include "teno/error.h"
#include "teno/vol.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum Plane { PLANE_AXIAL, PLANE_SAGITTAL, PLANE_CORONAL, PLANE_OBLIQUE, PLANE_3D } Plane;
typedef enum Contrast { CONTRAST_T1, CONTRAST_PD, CONTRAST_T2, CONTRAST_STIR, CONTRAST_OTHER } Contrast;
typedef enum Role { ROLE_UNUSED, ROLE_ANATOMY, ROLE_FLUID } Role;
typedef enum Side { SIDE_UNKNOWN, SIDE_LEFT, SIDE_RIGHT } Side;

/* As the JSON spells them: "axial", "t1", "anatomy", "left" … */
const char *plane_name(Plane plane);
const char *contrast_name(Contrast contrast);
const char *role_name(Role role);
const char *side_name(Side side);

/* How the signal was made; NaN where the header does not say or says nonsense. */
typedef struct Acquisition {
    double tr_ms, te_ms, ti_ms, flip_deg, field_t;
    bool fat_suppressed;
    char sequence[33]; /* DICOM Scanning Sequence, e.g. SE, IR, GR */
    char vendor[65];
} Acquisition;

/* One slice of a volume: where it came from. */
typedef struct Slice {
    char *path; /* owned by the study */
    int frame;  /* 0-based within the file */
    char sop_instance_uid[65], sop_class_uid[65];
    double position_mm; /* along the grid's axis_z */
    DicomPixels pixels;
} Slice;

/* One volume that can be measured: one orientation, echo, temporal position and image type of a DICOM series. */
typedef struct Series {
    char study_uid[65], series_uid[65], frame_of_reference_uid[65];
    char key[96]; /* series_uid, with #echo… appended where one series holds several volumes: unique in the study */
    char description[256];              /* UTF-8 */
    char study_date[9], study_time[15]; /* DA, TM as in the header, "" unknown */
    int series_number, echo_number, temporal_index;
    Acquisition acquisition;
    Contrast contrast;
    Plane plane;
    Side side; /* from the tags; SIDE_UNKNOWN when they do not say */
    Role role;
    int rank;                  /* among the series of this role, 1 the best; 0 without a role */
    char reason[256];          /* why it has this role, or why it is unused */
    bool usable;               /* geometry and pixels sound; otherwise `reason` says what is wrong */
    bool lossy;                /* pixels went through lossy compression */
    bool derived;              /* a processed copy, says the header: serves only where no original one does */
    double slice_thickness_mm; /* of the slice profile; NaN unknown */
    Grid grid;
    Slice *slices; /* [grid.nz], ascending along axis_z */
    Notes warnings;
    Vol vol; /* modality units after rescale; data NULL until series_load */
} Series;

/* One examination. Series are ordered by series number, then key. */
typedef struct Study {
    char study_uid[65], study_date[9], study_time[15], study_description[256];
    char accession[65];
    char patient_id[65], patient_name[325]; /* kept for archive objects and pairing; never printed without --identify */
    char subject[65];                       /* pseudonym derived from the patient id */
    Series *series;
    int n_series;
    Notes warnings;
} Study;

/* A file that was seen and left aside, with the reason. */
typedef struct SkippedFile {
    char *path, *reason;
} SkippedFile;

typedef struct Scan {
    Study *studies;
    int n_studies;
    SkippedFile *skipped; /* sorted by path */
    int n_skipped;
    int n_files; /* seen in all */
} Scan;

/* Finds, groups and classifies every image below `inputs` (folders to any depth, files, DICOMDIR); reads headers only.
 * Fails with TENO_NO_DICOM when nothing usable is found; `out` then tells what was skipped. Free it in any case. Result
 * does not depend on the order of files or threads. */
int scan_inputs(Scan *out, const char *const *inputs, int n_inputs, Error *error) TENO_CHECKED;
void scan_free(Scan *scan);

/* Reads and decodes the pixels of a usable series into series->vol, in parallel. */
int series_load(Series *series, Error *error) TENO_CHECKED;
void series_unload(Series *series);

/* Assigns roles and loads every series that has one. A series whose images cannot be read is set unusable, with a
 * warning on the study, and the roles are assigned anew; fails when that leaves none. */
int study_load(Study *study, const char *const *forced, int n_forced, Error *error) TENO_CHECKED;

/* Gives every usable series of a study its role and reason; `forced` are "ROLE=UID" texts of --series, may be NULL. */
int study_assign_roles(Study *study, const char *const *forced, int n_forced, Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
