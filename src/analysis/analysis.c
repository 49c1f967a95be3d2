/*
 * The whole pipeline, from the headers of a study to the numbers of its tendons:
 *
 *     study_load           which series shows the anatomy, which fluid; pixels    src/dicom
 *     study_prepare        bias field, noise, references, alignment               src/preproc
 *     for each tendon
 *         tendon_segment   where it is, and its envelope                          src/segment
 *         tendon_measure   tears, extents, grade, intervals                       src/tear, src/measure
 *         recovery_test    known tears put into the images and measured (only with --recovery)
 *         shape_rasterise, tear_rasterise   the same as masks on voxels           src/segment, src/tear
 *
 * A tendon that cannot be assessed is a result with a reason, and one that fails leaves the others alone; only what
 * concerns the whole study (no memory, unreadable pixels, wrong options) ends the run.
 */
#include "teno/analysis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/recovery.h"
#include "teno/mask.h"
#include "teno/memory.h"

static void report_progress(const AnalysisOptions *options, const char *stage, double share)
{
    if (options->progress) options->progress(options->progress_context, stage, share);
}

/* The points meant for one tendon, in a new array. */
static int points_for(const NamedPoint *points, int n, const TendonSpec *spec, Vec3 **out, int *n_out, Error *error)
{
    *n_out = 0;
    *out = array_alloc((size_t)n + 1, sizeof **out, error);
    if (!*out) return TENO_FAILED;
    for (int i = 0; i < n; i++)
        if (!points[i].tendon[0] || tendon_find(points[i].tendon) == spec) (*out)[(*n_out)++] = points[i].p_lps;
    return TENO_OK;
}

/* The part of the grid that holds the whole shape, with a margin for the edge's partial voxels. */
static Grid grid_around(const Grid *grid, const TendonShape *shape)
{
    enum { MARGIN_VOX = 2 };
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int k = 0; k < shape->n_sections; k++) {
        const Section *section = &shape->sections[k];
        for (int i = 0; i < SECTION_POINTS; i++) {
            Vec3 p_lps = vec3_along(section->centre_lps, section->u, (double)section->boundary_u_mm[i]);
            Vec3 p_vox = grid_to_vox(grid, vec3_along(p_lps, section->v, (double)section->boundary_v_mm[i]));
            const double p[3] = {p_vox.x, p_vox.y, p_vox.z};
            for (int axis = 0; axis < 3; axis++) {
                low[axis] = fmin(low[axis], p[axis]);
                high[axis] = fmax(high[axis], p[axis]);
            }
        }
    }
    const int size[3] = {grid->nx, grid->ny, grid->nz};
    int first[3], count[3];
    for (int axis = 0; axis < 3; axis++) {
        first[axis] = (int)fmax(0, fmin(size[axis] - 1, floor(low[axis]) - MARGIN_VOX));
        int last = (int)fmax(first[axis], fmin(size[axis] - 1, ceil(high[axis]) + MARGIN_VOX));
        count[axis] = last - first[axis] + 1;
    }
    return grid_crop(grid, first[0], first[1], first[2], count[0], count[1], count[2]);
}

int tendon_rasterise(TendonResult *result, const Grid *reference, Error *error)
{
    const TendonShape *shape = &result->segmentation.shape;
    Grid grid = grid_around(reference, shape);
    int code = shape_rasterise(&result->envelope, shape, &grid, NULL, error);
    if (!code && result->straightened.tear)
        code = tear_rasterise(&result->tear, &result->straightened, shape, &grid, NULL, error);
    if (!code && result->straightened.tendinosis) {
        Straightened as_tear = result->straightened; /* the same map, the other layer */
        as_tear.tear = as_tear.tendinosis;
        code = tear_rasterise(&result->tendinosis, &as_tear, shape, &grid, NULL, error);
    }
    return code;
}

static bool any_lossy(const Prepared *prepared)
{
    for (int i = 0; i < prepared->n_channels; i++)
        if (prepared->channel[i].series->lossy) return true;
    return false;
}

/* `mask`: NULL unless a person's correction is to be measured. */
static int tendon_analyze(TendonResult *result, const Analysis *analysis, const MaskFile *mask, Error *error)
{
    const AnalysisOptions *options = &analysis->options;
    const Channel *reference = &analysis->prepared.channel[0];
    const double share = 0.5 / analysis->n_tendons, done = 0.2 + share * (double)(result - analysis->tendons);
    Vec3 *seeds = NULL, *excluded = NULL;
    Vol corrected = {0};
    Prepared prepared = {0}; /* with this tendon's own alignment of the series */
    SegmentRequest request = {.spec = result->spec, .side = options->side};
    int code = points_for(options->seeds, options->n_seeds, result->spec, &seeds, &request.n_seeds, error);
    if (!code)
        code = points_for(options->excluded, options->n_excluded, result->spec, &excluded, &request.n_excluded, error);
    if (!code) code = prepared_borrow(&prepared, &analysis->prepared, error);
    if (code) goto out;
    request.seeds = seeds;
    request.excluded = excluded;
    if (mask) {
        if (request.side == SIDE_UNKNOWN) request.side = mask_side(mask, result->spec);
        code = mask_envelope(&corrected, mask, result->spec, request.side, analysis->study, reference->series, error);
        if (code) goto out;
        request.mask = &corrected;
    }
    report_progress(options, "outlining", done);
    code = tendon_segment(&result->segmentation, &prepared, &request, error);
    if (code) goto out;
    notes_append(&result->warnings, &result->segmentation.warnings);
    if (any_lossy(&analysis->prepared))
        notes_add(&result->warnings, "measured on images that went through lossy compression");
    if (!result->segmentation.assessable) {
        result->status = STATUS_NOT_ASSESSABLE;
        string_set(result->reason, sizeof result->reason, result->segmentation.reason);
        goto out;
    }
    report_progress(options, "tears and intervals", done + 0.3 * share);
    TearOptions tear_options = {.repeats = options->repeats, .seed = options->seed};
    code = tendon_measure(&result->measures, &result->straightened, &prepared, &result->segmentation, result->spec,
                          &tear_options, error);
    if (code) goto out;
    notes_append(&result->warnings, &result->measures.warnings);
    if (options->recovery) {
        report_progress(options, "recovery test", done + 0.6 * share);
        code = recovery_test(&result->recovery, &analysis->prepared, &request, &result->segmentation, &result->measures,
                             options->seed, error);
        if (code) goto out;
    }
    report_progress(options, "masks", done + 0.9 * share);
    code = tendon_rasterise(result, &reference->vol.grid, error);
out:
    prepared_release(&prepared);
    vol_free(&corrected);
    free(seeds);
    free(excluded);
    return code;
}

static bool any_series_with_role(const Study *study)
{
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].role != ROLE_UNUSED) return true;
    return false;
}

static void set_not_assessable(TendonResult *result, const Study *study)
{
    result->status = STATUS_NOT_ASSESSABLE;
    const Series *first = study->n_series ? &study->series[0] : NULL;
    snprintf(result->reason, sizeof result->reason, "no series of this study can be measured%s%.190s",
             first ? ": " : "", first ? first->reason : "");
    for (int i = 0; i < study->n_series; i++)
        notes_add(&result->warnings, "series %d (%s): %s", study->series[i].series_number, study->series[i].description,
                  study->series[i].reason);
}

static int analyze_tendons(Analysis *out, const MaskFile *mask, bool measurable, Error *error)
{
    const AnalysisOptions *options = &out->options;
    out->tendons = array_alloc((size_t)options->n_tendons, sizeof *out->tendons, error);
    if (!out->tendons) return TENO_FAILED;
    out->n_tendons = options->n_tendons;
    for (int i = 0; i < out->n_tendons; i++) {
        TendonResult *result = &out->tendons[i];
        result->spec = options->tendons[i];
        if (!measurable) {
            set_not_assessable(result, out->study);
            continue;
        }
        Error cause = {0};
        if (tendon_analyze(result, out, mask, &cause) == TENO_OK) continue;
        /* A mask that does not fit is the user's mistake, not a finding about the tendon. */
        if (mask) return error_set(error, cause.code, "%s", cause.message);
        result->status = STATUS_FAILED;
        string_set(result->reason, sizeof result->reason, cause.message);
    }
    return TENO_OK;
}

int analysis_run(Analysis *out, Study *study, const AnalysisOptions *options, Error *error)
{
    MaskFile mask = {0};
    *out = (Analysis){.study = study, .options = *options};
    report_progress(options, "reading", 0);
    int code =
        options->mask_path ? mask_read(&mask, options->mask_path, error) : TENO_OK; /* a bad one is told at once */
    if (!code) code = study_load(study, options->forced_series, options->n_forced_series, error);
    bool measurable = any_series_with_role(study);
    report_progress(options, "preparing", 0.05);
    if (!code && measurable) code = study_prepare(&out->prepared, study, error);
    if (mask.format)
        snprintf(out->mask_author, sizeof out->mask_author, "%s (%s)", mask.author[0] ? mask.author : "unsaid",
                 mask.format);
    if (!code) code = analyze_tendons(out, options->mask_path ? &mask : NULL, measurable, error);
    mask_free(&mask);
    return code;
}

void analysis_free(Analysis *analysis)
{
    for (int i = 0; i < analysis->n_tendons; i++) {
        TendonResult *result = &analysis->tendons[i];
        vol_free(&result->envelope);
        vol_free(&result->tear);
        vol_free(&result->tendinosis);
        straightened_free(&result->straightened);
        measures_free(&result->measures);
        segmentation_free(&result->segmentation);
        notes_free(&result->warnings);
    }
    free(analysis->tendons);
    prepared_free(&analysis->prepared);
    notes_free(&analysis->texts);
    *analysis = (Analysis){0};
}

const char *status_name(Status status)
{
    static const char *const names[] = {"measured", "not_assessable", "failed"};
    return names[status];
}
