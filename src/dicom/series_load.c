/*
 * The pixels of a series into its volume. Uncompressed slices are read in parallel by threads; anything that needs a
 * decoder is decoded by helper processes, because a damaged code stream may take its decoder down. A slice that cannot
 * be read is left out where the rest still makes a whole (at an end of the stack); otherwise the series is refused.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/helper.h"
#include "dicom/pixels.h"
#include "teno/memory.h"
#include "teno/series.h"

/* Same share as for slices missing from the start (volume.c). */
static const double kept_share = 0.8;

typedef struct Loading {
    const Series *series;
    float *values; /* [nz][ny][nx] */
} Loading;

static int slice_load(void *context, int k, Error *error)
{
    const Loading *loading = context;
    const Slice *slice = &loading->series->slices[k];
    size_t slab = (size_t)loading->series->grid.nx * (size_t)loading->series->grid.ny;
    return frame_load(loading->values + (size_t)k * slab, slice->path, &slice->pixels, slice->frame, error);
}

static void slices_read(Loading *loading, Error *errors)
{
    int nz = loading->series->grid.nz;
#pragma omp parallel for schedule(dynamic, 1)
    for (int k = 0; k < nz; k++) {
        int failed = slice_load(loading, k, &errors[k]);
        if (failed && !errors[k].code) errors[k].code = failed;
    }
}

static int slices_decode(Series *series, Error *errors, Error *error)
{
    size_t bytes = grid_count(&series->grid) * sizeof(float);
    float *shared = helper_memory(bytes, error);
    if (!shared) return TENO_FAILED;
    Loading loading = {series, shared};
    int code = helper_run(slice_load, &loading, series->grid.nz, omp_get_max_threads(), errors, error);
    if (!code) memcpy(series->vol.data, shared, bytes);
    helper_memory_free(shared, bytes);
    return code;
}

static bool needs_decoder(const Series *series)
{
    for (int k = 0; k < series->grid.nz; k++) {
        const TransferSyntax *syntax = series->slices[k].pixels.syntax;
        if (syntax->codec != DICOM_NATIVE || syntax->deflated) return true;
    }
    return false;
}

/* Cuts the volume down to slices [first, first + count). */
static void slices_keep(Series *series, int first, int count)
{
    for (int k = 0; k < series->grid.nz; k++)
        if (k < first || k >= first + count) free(series->slices[k].path);
    size_t slab = (size_t)series->grid.nx * (size_t)series->grid.ny;
    memmove(series->slices, series->slices + first, (size_t)count * sizeof *series->slices);
    memmove(series->vol.data, series->vol.data + (size_t)first * slab, (size_t)count * slab * sizeof(float));
    series->grid = grid_crop(&series->grid, 0, 0, first, series->grid.nx, series->grid.ny, count);
    series->vol.grid = series->grid;
}

/* A message without the path that it begins with: for reports, which hold no paths. */
static const char *without_path(const char *message, const char *path)
{
    size_t n = strlen(path);
    return strncmp(message, path, n) == 0 && strncmp(message + n, ": ", 2) == 0 ? message + n + 2 : message;
}

/* Leaves out the slices that failed, or refuses the series. */
static int failures_settle(Series *series, const Error *errors, Error *error)
{
    int nz = series->grid.nz, first_bad = -1, n_bad = 0, best = 0, best_start = 0;
    for (int start = 0, k = 0; k <= nz; k++) {
        if (k < nz && !errors[k].code) continue;
        if (k < nz && n_bad++ == 0) first_bad = k;
        if (k - start > best) {
            best = k - start;
            best_start = start;
        }
        start = k + 1;
    }
    if (n_bad == 0) return TENO_OK;
    const char *path = series->slices[first_bad].path, *why = without_path(errors[first_bad].message, path);
    if (best < 2 || best < kept_share * nz)
        return error_set(error, TENO_FAILED, "%s: %s (%d of %d images of series %d cannot be read)", path, why, n_bad,
                         nz, series->series_number);
    notes_add(&series->warnings, "%d of %d slices were used: image %d cannot be read: %s", best, nz, first_bad + 1,
              why);
    slices_keep(series, best_start, best);
    return TENO_OK;
}

int series_load(Series *series, Error *error)
{
    if (series->vol.data) return TENO_OK;
    if (!series->usable)
        return error_set(error, TENO_FAILED, "series %s: cannot be measured: %s", series->key, series->reason);
    int code = dicom_start(error);
    if (!code) code = vol_alloc(&series->vol, &series->grid, error);
    if (code) return code;
    Error *errors = array_alloc((size_t)series->grid.nz, sizeof *errors, error);
    if (!errors) {
        code = TENO_FAILED;
        goto out;
    }
    if (needs_decoder(series)) {
        code = slices_decode(series, errors, error);
    } else {
        Loading loading = {series, series->vol.data};
        slices_read(&loading, errors);
    }
    if (!code) code = failures_settle(series, errors, error);
out:
    free(errors);
    if (code) series_unload(series);
    return code;
}

void series_unload(Series *series)
{
    vol_free(&series->vol);
}

/* Loads what has a role; a series that cannot be read becomes unusable and is counted. */
static int roles_load(Study *study, Error *first)
{
    int n_failed = 0;
    for (int i = 0; i < study->n_series; i++) {
        Series *series = &study->series[i];
        Error why = {0};
        if (series->role == ROLE_UNUSED || series_load(series, &why) == TENO_OK) continue;
        error_set(first, why.code, "%s", why.message);
        notes_add(&study->warnings, "series %d was left out: its images cannot be read", series->series_number);
        string_set(series->reason, sizeof series->reason, "its images cannot be read");
        series->role = ROLE_UNUSED;
        series->usable = false;
        n_failed++;
    }
    return n_failed;
}

int study_load(Study *study, const char *const *forced, int n_forced, Error *error)
{
    Error first = {0};
    do {
        int code = study_assign_roles(study, forced, n_forced, error);
        if (code) return code;
    } while (roles_load(study, &first) > 0);
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].role != ROLE_UNUSED) return TENO_OK;
    return first.code ? error_set(error, first.code, "%s", first.message) : TENO_OK;
}
