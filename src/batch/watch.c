/*
 * A folder that studies arrive in. Each entry of it is taken when nothing below it has changed for a while, told by the
 * names, sizes and change times of its files. There is no list of what was taken: every round makes the whole cohort
 * and runs it, and what is done and unchanged costs a look at its marks. So a slice that comes later makes its study
 * stale, and a restart goes on where it was. What left the folder keeps its results.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch/cohort.h"
#include "batch/fingerprint.h"
#include "batch/text_file.h"
#include "teno/memory.h"

/* One entry of the folder; kept when it is gone. */
typedef struct Entry {
    char *name;
    char marks[SHA256_HEX_SIZE]; /* when last looked at */
    char taken[SHA256_HEX_SIZE]; /* when last searched; "" never */
    double since_s;              /* when the marks became what they are */
    Found found;
} Entry;

typedef struct Watched {
    const char *folder;
    Entry *entries; /* [n], ordered by name */
    int n;
} Watched;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void pause_s(double seconds)
{
    struct timespec pause = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&pause, NULL);
}

static int entry_order(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static int entry_add(Watched *watched, const char *name, Error *error)
{
    const Entry wanted = {.name = (char *)name}; /* only looked for */
    if (watched->n && bsearch(&wanted, watched->entries, (size_t)watched->n, sizeof wanted, entry_order))
        return TENO_OK;
    Entry *grown = array_grow(watched->entries, (size_t)watched->n + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    watched->entries = grown;
    grown[watched->n] = (Entry){.name = string_copy(name, error)};
    if (!grown[watched->n].name) return TENO_FAILED;
    watched->n++;
    qsort(grown, (size_t)watched->n, sizeof *grown, entry_order);
    return TENO_OK;
}

/* Looks at every entry; a name that begins with a dot is somebody's file in the making. */
static int entries_look(Watched *watched, Error *error)
{
    struct dirent **listed = NULL;
    int n = scandir(watched->folder, &listed, NULL, alphasort), code = TENO_OK;
    if (n < 0) return error_set(error, TENO_FAILED, "%s: cannot be read as a folder", watched->folder);
    for (int i = 0; i < n; i++) {
        if (!code && listed[i]->d_name[0] != '.') code = entry_add(watched, listed[i]->d_name, error);
        free(listed[i]);
    }
    free(listed);
    for (int i = 0; !code && i < watched->n; i++) {
        Entry *entry = &watched->entries[i];
        char path[PATH_MAX], marks[SHA256_HEX_SIZE];
        path_set(path, "%s/%s", watched->folder, entry->name);
        const char *const paths[] = {path};
        if (marks_fingerprint(marks, paths, 1, NULL) || strcmp(marks, entry->marks) == 0) continue;
        string_set(entry->marks, sizeof entry->marks, marks);
        entry->since_s = now_s();
    }
    return code;
}

/* Searches what has come to rest since it was last searched; *n_taken says how many. */
static int entries_take(int *n_taken, Watched *watched, int settle_s, Error *error)
{
    *n_taken = 0;
    for (int i = 0; i < watched->n; i++) {
        Entry *entry = &watched->entries[i];
        char path[PATH_MAX];
        bool rests = entry->marks[0] && now_s() - entry->since_s >= settle_s;
        if (!rests || strcmp(entry->taken, entry->marks) == 0) continue;
        path_set(path, "%s/%s", watched->folder, entry->name);
        found_free(&entry->found);
        int code = entry_search(&entry->found, path, error);
        if (code) return code;
        string_set(entry->taken, sizeof entry->taken, entry->marks);
        ++*n_taken;
    }
    return TENO_OK;
}

static int cohort_gather(Cohort *cohort, const Watched *watched, Error *error)
{
    *cohort = (Cohort){0};
    Found *all = array_alloc((size_t)watched->n + 1, sizeof *all, error);
    if (!all) return TENO_FAILED;
    for (int i = 0; i < watched->n; i++) all[i] = watched->entries[i].found; /* borrowed */
    int code = sessions_from_found(cohort, all, watched->n, error);
    free(all);
    return code ? code : cohort_pair(cohort, watched->folder, error);
}

static int round_run(const Watched *watched, const char *out, const BatchOptions *options, const WatchOptions *watch,
                     Error *error)
{
    Cohort cohort;
    BatchCount count;
    Error some = {0};
    int code = cohort_gather(&cohort, watched, error);
    if (!code && watch->exclude) code = cohort_apply_verdicts(&cohort, watch->exclude, error);
    if (!code && cohort.n_cases > 0) {
        if (watch->begins) watch->begins(watch->context, &cohort);
        code = batch_run(&count, &cohort, out, options, &some);
        bool ran = code == TENO_OK || code == TENO_SOME_FAILED; /* a case that failed is a line in the table */
        if (ran && watch->ended) watch->ended(watch->context, &count);
        code = ran ? TENO_OK : error_set(error, code, "%s", some.message);
    }
    cohort_free(&cohort);
    return code;
}

/* Results that lie in the watched folder would be taken for new studies. */
static int places_check(const char *folder, const char *out, Error *error)
{
    char above[PATH_MAX], below[PATH_MAX];
    int code = folders_make(out, error);
    if (code) return code;
    if (!realpath(folder, above) || !realpath(out, below))
        return error_set(error, TENO_USAGE, "%s: cannot be watched: no such folder", folder);
    size_t length = strlen(above);
    if (strncmp(above, below, length) != 0 || (below[length] && below[length] != '/')) return TENO_OK;
    return error_set(error, TENO_USAGE, "%s: lies in the watched folder %s; choose a folder outside it", out, folder);
}

int batch_watch(const char *folder, const char *out, const BatchOptions *options, const WatchOptions *watch,
                Error *error)
{
    Watched watched = {.folder = folder};
    BatchOptions wanted = *options;
    wanted.keep_rows = true;
    double interval_s = watch->settle_s / 4.0;
    if (interval_s < 0.25) interval_s = 0.25;
    if (interval_s > 15) interval_s = 15;
    int code = places_check(folder, out, error);
    while (!code) {
        int n_taken = 0;
        code = entries_look(&watched, error);
        if (!code) code = entries_take(&n_taken, &watched, watch->settle_s, error);
        if (!code && n_taken > 0) {
            code = round_run(&watched, out, &wanted, watch, error);
            wanted.retry_failed = false; /* once is what was asked for */
        }
        if (!code) pause_s(interval_s);
    }
    for (int i = 0; i < watched.n; i++) {
        found_free(&watched.entries[i].found);
        free(watched.entries[i].name);
    }
    free(watched.entries);
    return code;
}
