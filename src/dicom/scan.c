/* Finding every image below the inputs: walk the folders, read all headers in parallel, group. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dicom/group.h"
#include "teno/memory.h"

/* Paths found so far, owned. */
typedef struct PathList {
    char **path;
    int count, capacity;
} PathList;

static int path_add(PathList *list, const char *path, Error *error)
{
    if (list->count == list->capacity) {
        int capacity = list->capacity ? 2 * list->capacity : 256;
        char **grown = array_grow(list->path, (size_t)capacity, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        list->path = grown;
        list->capacity = capacity;
    }
    char *copy = string_copy(path, error);
    if (!copy) return TENO_FAILED;
    list->path[list->count++] = copy;
    return TENO_OK;
}

static void paths_free(PathList *list)
{
    for (int i = 0; i < list->count; i++) free(list->path[i]);
    free(list->path);
    *list = (PathList){0};
}

static int path_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds all regular files below a folder. Links to folders are not followed, so that no loop can trap the walk; hidden
 * files are passed over. */
static int folder_walk(PathList *list, const char *folder, int depth, Error *error)
{
    enum { MAX_FOLDER_DEPTH = 64 };
    if (depth > MAX_FOLDER_DEPTH)
        return error_set(error, TENO_FAILED, "%s: folders nested deeper than %d", folder, MAX_FOLDER_DEPTH);
    DIR *directory = opendir(folder);
    if (!directory) return error_set(error, TENO_FAILED, "%s: cannot be opened: %s", folder, strerror(errno));
    int code = TENO_OK;
    struct dirent *entry;
    while (!code && (entry = readdir(directory))) {
        char path[PATH_MAX];
        struct stat info;
        if (entry->d_name[0] == '.') continue;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || lstat(path, &info) != 0) continue;
        if (S_ISLNK(info.st_mode) && (stat(path, &info) != 0 || S_ISDIR(info.st_mode))) continue;
        if (S_ISDIR(info.st_mode))
            code = folder_walk(list, path, depth + 1, error);
        else if (S_ISREG(info.st_mode))
            code = path_add(list, path, error);
    }
    closedir(directory);
    return code;
}

static int input_add(PathList *list, const char *input, Error *error)
{
    struct stat info;
    if (stat(input, &info) != 0)
        return error_set(error, TENO_NO_DICOM, "%s: cannot be opened: %s", input, strerror(errno));
    if (!S_ISDIR(info.st_mode)) return path_add(list, input, error);
    char folder[PATH_MAX];
    string_set(folder, sizeof folder, input);
    for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--) folder[n - 1] = '\0';
    return folder_walk(list, folder, 0, error);
}

/* Sorted, each path once. */
static void paths_sort(PathList *list)
{
    int kept = 0;
    if (list->count) qsort(list->path, (size_t)list->count, sizeof *list->path, path_compare);
    for (int i = 0; i < list->count; i++) {
        if (kept && strcmp(list->path[kept - 1], list->path[i]) == 0)
            free(list->path[i]);
        else
            list->path[kept++] = list->path[i];
    }
    list->count = kept;
}

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
    return error_set(error, TENO_NO_DICOM,
                     "%s: no MR image among %d files; 'teno inspect' tells why each was left aside", input,
                     scan->n_files);
}

int scan_inputs(Scan *out, const char *const *inputs, int n_inputs, Error *error)
{
    PathList list = {0};
    *out = (Scan){0};
    int code = dicom_start(error);
    for (int i = 0; i < n_inputs && !code; i++) code = input_add(&list, inputs[i], error);
    if (code) goto out;
    paths_sort(&list);
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
