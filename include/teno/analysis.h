/* One study from DICOM to numbers: the pipeline in about ten calls. Read src/analysis/analysis.c first. */
#ifndef TENO_ANALYSIS_H
#define TENO_ANALYSIS_H

#include "teno/measure.h"
#include "teno/preproc.h"
#include "teno/segment.h"
#include "teno/series.h"
#include "teno/tear.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct NamedPoint {
    char tendon[32]; /* "" any */
    Vec3 p_lps;
} NamedPoint;

/* Called between stages, from one thread: the stage that starts and the share of the work done so far. */
typedef void (*ProgressFunction)(void *context, const char *stage, double share);

typedef struct AnalysisOptions {
    const TendonSpec **tendons;
    int n_tendons; /* default: achilles */
    Side side;
    const char **forced_series;
    int n_forced_series; /* "ROLE=UID" */
    NamedPoint *seeds;
    int n_seeds;
    NamedPoint *excluded;
    int n_excluded;
    const char *mask_path;
    const char *against_path; /* report.json to hold a corrected mask's numbers against; NULL: none */
    int repeats;              /* intervals; default ANALYSIS_REPEATS */
    unsigned long long seed;  /* of the random numbers behind the intervals */
    bool recovery;            /* insert a known tear into this study's images and report how much of it was found */
    bool identify;            /* carry patient name and id into the reports */
    const char **inputs;
    int n_inputs;              /* where the study came from, for report.json: compare reads it again from there */
    ProgressFunction progress; /* NULL: none */
    void *progress_context;
} AnalysisOptions;

enum { ANALYSIS_REPEATS = 24 };

typedef enum Status { STATUS_MEASURED, STATUS_NOT_ASSESSABLE, STATUS_FAILED } Status;
const char *status_name(Status status);

/* One known tear put into the study's own images: how much of it was found. */
typedef struct RecoveryTrial {
    double s_mm, length_mm;
    double inserted_mm3, found_mm3; /* found: change of the tear volume; NaN when the tendon was lost */
    bool found;                     /* at least a fifth of it */
} RecoveryTrial;
enum { RECOVERY_TRIALS = 3 };
typedef struct Recovery {
    bool wanted;
    RecoveryTrial trial[RECOVERY_TRIALS]; /* from small to large */
    int n_trials;
    char reason[128]; /* why there is none */
} Recovery;

typedef struct TendonResult {
    const TendonSpec *spec;
    Status status;
    char reason[256]; /* for the other two */
    Segmentation segmentation;
    TendonMeasures measures;
    Straightened straightened;
    Recovery recovery;
    Vol envelope, tear,
        tendinosis; /* fractions on the grid of the reference series, cropped to the tendon; data NULL if none */
    Notes warnings;
} TendonResult;

typedef struct Analysis {
    Study *study; /* borrowed */
    Prepared prepared;
    TendonResult *tendons; /* [n_tendons] */
    int n_tendons;
    AnalysisOptions options; /* borrowed strings */
    char mask_author[700];   /* who or what drew the mask; "" when it was segmented here */
    Notes texts;             /* behind borrowed texts of a recalled analysis */
} Analysis;

/* Analyses one study. The study is changed (roles, loaded volumes) and must outlive the result.
 * TENO_OK also when a tendon is not assessable: see each tendon's status. */
int analysis_run(Analysis *out, Study *study, const AnalysisOptions *options, Error *error) TENO_CHECKED;
void analysis_free(Analysis *analysis);
/* Fills envelope, tear and tendinosis of `result` from its shape and straightened map, on the part of the grid
 * `reference` (whole reference series) that holds the tendon. */
int tendon_rasterise(TendonResult *result, const Grid *reference, Error *error) TENO_CHECKED;

/* Keeps a finished analysis in one file, for comparisons that are made later. */
#define ANALYSIS_KEPT "analysis.bin.gz" /* its name beside report.json */
int analysis_keep(const Analysis *analysis, const char *path, Error *error) TENO_CHECKED;
/* Brings it back as if it had been made again, without the straightened maps. Not recalled, and no error, when there is
 * no such file, or it is damaged or of other images, options or another version: analyse then.
 */
int analysis_recall(Analysis *out, bool *recalled, Study *study, const AnalysisOptions *options, const char *path,
                    Error *error) TENO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
