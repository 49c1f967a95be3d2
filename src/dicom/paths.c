/* The files below the inputs: folders to any depth, single files, what a DICOMDIR lists. */
#include "dicom/paths.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "dicom/layout.h"
#include "teno/memory.h"

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

void paths_free(PathList *list)
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

/* Adds the files that a DICOMDIR lists, beside which they lie. Discs are written in upper case and often copied in
 * lower case. */
static int directory_add(PathList *list, const char *directory, Error *error)
{
    Layout layout = {0};
    Error inner = {0};
    char **ids = NULL;
    int n = 0, code = layout_scan(&layout, directory, error);
    if (code) return code;
    if (!layout.is_directory) {
        layout_free(&layout);
        return path_add(list, directory, error);
    }
    code = dicom_directory_parse(&ids, &n, layout.bytes + layout.dataset_start,
                                 layout.dataset_end - layout.dataset_start, &inner);
    if (code) error_set(error, code, "%s: %s", directory, inner.message);
    const char *slash = strrchr(directory, '/');
    int length = slash ? (int)(slash - directory + 1) : 0;
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];
        struct stat info;
        snprintf(path, sizeof path, "%.*s%s", length, directory, ids[i]);
        if (stat(path, &info) != 0) {
            char lower[PATH_MAX];
            string_set(lower, sizeof lower, path);
            for (char *c = lower + length; *c; c++) *c = (char)tolower((unsigned char)*c);
            if (stat(lower, &info) == 0) string_set(path, sizeof path, lower);
        }
        if (!code) code = path_add(list, path, error);
        free(ids[i]);
    }
    free(ids);
    layout_free(&layout);
    return code;
}

static int input_add(PathList *list, const char *input, Error *error)
{
    struct stat info;
    if (stat(input, &info) != 0)
        return error_set(error, TENO_NO_DICOM, "%s: cannot be opened: %s", input, strerror(errno));
    const char *name = strrchr(input, '/');
    if (!S_ISDIR(info.st_mode) && strcasecmp(name ? name + 1 : input, "DICOMDIR") == 0)
        return directory_add(list, input, error);
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

int paths_find(PathList *out, const char *const *inputs, int n_inputs, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < n_inputs && !code; i++) code = input_add(out, inputs[i], error);
    paths_sort(out);
    return code;
}
