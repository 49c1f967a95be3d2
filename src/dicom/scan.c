/* Finding every image below the inputs: walk the folders, read all headers in parallel, group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/group.h"
#include "dicom/paths.h"
#include "teno/memory.h"

/* What one file gave: a header, or the reason why not. */
typedef struct FileRead {
    DicomFile file;
    Error error;
} FileRead;

static int skipped_add(Scan *scan, const char *path, const Error *why, Error *error)
{
    SkippedFile *s = &scan->skipped[scan->n_skipped];
    const char *reason = why->message;
    size_t prefix = strlen(path);
    if (strncmp(reason, path, prefix) == 0 && strncmp(reason + prefix, ": ", 2) == 0) reason += prefix + 2;
    s->path = string_copy(path, error);
    s->reason = string_copy(reason, error);
    scan->n_skipped++;
    return s->path && s->reason ? TENO_OK : TENO_FAILED;
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

static bool same_folder(const Study *study, const char *path)
{
    size_t length = folder_length(path);
    for (int i = 0; i < study->n_series; i++)
        for (int k = 0; k < study->series[i].grid.nz; k++) {
            const char *slice = study->series[i].slices[k].path;
            if (folder_length(slice) == length && strncmp(slice, path, length) == 0) return true;
        }
    return false;
}

/* A damaged file beside a study's images is probably one of them: the study says so, without the path, which may name
 * the patient. */
static void damage_note(Scan *scan, const char *path, const char *reason)
{
    for (int i = 0; i < scan->n_studies; i++)
        if (same_folder(&scan->studies[i], path))
            notes_add(&scan->studies[i].warnings, "a damaged file beside the images was left out: %s", reason);
}

static int files_read(Scan *scan, const PathList *list, Error *error)
{
    int n = list->count, n_files = 0, code = TENO_FAILED;
    FileRead *reads = array_alloc((size_t)n, sizeof *reads, error);
    DicomFile *files = array_alloc((size_t)n, sizeof *files, error);
    scan->skipped = array_alloc((size_t)n, sizeof *scan->skipped, error);
    if (!reads || !files || !scan->skipped) goto out;
#pragma omp parallel for schedule(dynamic, 8)
    for (int i = 0; i < n; i++) {
        int failed = dicom_file_read(&reads[i].file, list->path[i], &reads[i].error);
        if (failed && !reads[i].error.code) reads[i].error.code = failed;
    }
    code = TENO_OK;
    for (int i = 0; i < n && !code; i++) {
        if (reads[i].error.code)
            code = skipped_add(scan, list->path[i], &reads[i].error, error);
        else
            files[n_files++] = reads[i].file;
    }
    if (!code) code = studies_group(scan, files, n_files, error);
    for (int i = 0, skipped = 0; i < n && !code; i++) {
        if (!reads[i].error.code) continue;
        if (reads[i].error.code == TENO_FAILED) damage_note(scan, list->path[i], scan->skipped[skipped].reason);
        skipped++;
    }
out:
    for (int i = 0; reads && i < n; i++) dicom_file_free(&reads[i].file);
    free(reads);
    free(files);
    return code;
}

/* A few files are named with their reasons, many are counted. */
static int nothing_found(const Scan *scan, const char *input, Error *error)
{
    enum { FEW = 3 };
    char reasons[900] = "";
    size_t n = 0;
    if (scan->n_skipped == 0) return error_set(error, TENO_NO_DICOM, "%s: holds no files, wanted MR images", input);
    for (int i = 0; i < scan->n_skipped && i < FEW && scan->n_skipped <= FEW && n < sizeof reasons; i++)
        n += (size_t)snprintf(reasons + n, sizeof reasons - n, "%s%.200s: %.180s", i ? "; " : "", scan->skipped[i].path,
                              scan->skipped[i].reason);
    if (n > 0) return error_set(error, TENO_NO_DICOM, "no MR image found: %s", reasons);
    return error_set(
        error, TENO_NO_DICOM,
        "%s: no MR image among %d files, for example %.200s: %.180s; 'teno inspect' tells why each was left "
        "aside",
        input, scan->n_files, scan->skipped[0].path, scan->skipped[0].reason);
}

int scan_inputs(Scan *out, const char *const *inputs, int n_inputs, Error *error)
{
    PathList list = {0};
    *out = (Scan){0};
    int code = dicom_start(error);
    if (!code) code = paths_find(&list, inputs, n_inputs, error);
    if (code) goto out;
    out->n_files = list.count;
    code = files_read(out, &list, error);
    if (!code && out->n_studies == 0) code = nothing_found(out, inputs[0], error);
out:
    paths_free(&list);
    if (code && code != TENO_NO_DICOM) scan_free(out);
    return code;
}

static void series_free(Series *series)
{
    for (int i = 0; series->slices && i < series->grid.nz; i++) free(series->slices[i].path);
    free(series->slices);
    notes_free(&series->warnings);
    vol_free(&series->vol);
}

void scan_free(Scan *scan)
{
    for (int i = 0; i < scan->n_studies; i++) {
        Study *study = &scan->studies[i];
        for (int k = 0; k < study->n_series; k++) series_free(&study->series[k]);
        free(study->series);
        notes_free(&study->warnings);
    }
    free(scan->studies);
    for (int i = 0; i < scan->n_skipped; i++) {
        free(scan->skipped[i].path);
        free(scan->skipped[i].reason);
    }
    free(scan->skipped);
    *scan = (Scan){0};
}
