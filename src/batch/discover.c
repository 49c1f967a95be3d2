/*
 * A cohort without a manifest: every study below a folder. Each entry of the folder is scanned by itself, so that the
 * memory needed is that of the largest entry; a study that lies in several entries is put together again by its UID.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/cohort.h"
#include "batch/text_file.h"
#include "teno/memory.h"
#include "teno/series.h"

static bool study_usable(const Study *study)
{
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].usable) return true;
    return false;
}

/* Cuts `folder` back to the deepest folder that it shares with `path`. */
static void common_folder(char folder[PATH_MAX], const char *path)
{
    size_t shared = 0, end = 0;
    while (folder[shared] && folder[shared] == path[shared]) {
        shared++;
        if (path[shared] == '/' && (folder[shared] == '/' || !folder[shared])) end = shared;
    }
    folder[end] = '\0';
}

static void study_folder(char folder[PATH_MAX], const Study *study)
{
    bool first = true;
    for (int i = 0; i < study->n_series; i++)
        for (int k = 0; study->series[i].usable && k < study->series[i].grid.nz; k++) {
            const char *path = study->series[i].slices[k].path;
            const char *slash = strrchr(path, '/');
            if (first) path_set(folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
            if (!first) common_folder(folder, path);
            first = false;
        }
}

static Side study_side(const Study *study)
{
    Side side = SIDE_UNKNOWN;
    for (int i = 0; i < study->n_series; i++) {
        Side here = study->series[i].usable ? study->series[i].side : SIDE_UNKNOWN;
        if (here == SIDE_UNKNOWN) continue;
        if (side != SIDE_UNKNOWN && side != here) return SIDE_UNKNOWN; /* both ankles */
        side = here;
    }
    return side;
}

void found_free(Found *found)
{
    for (int i = 0; i < found->n_sessions; i++) {
        free((char *)found->sessions[i].path);
        free((char *)found->sessions[i].study_uid);
    }
    free(found->sessions);
    notes_free(&found->remarks);
    *found = (Found){0};
}

static int found_add(Found *found, const Study *study, Error *error)
{
    char folder[PATH_MAX] = "";
    study_folder(folder, study);
    Session *grown = array_grow(found->sessions, (size_t)found->n_sessions + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    found->sessions = grown;
    Session *session = &grown[found->n_sessions];
    session_clear(session);
    char *path = string_copy(folder, error), *uid = string_copy(study->study_uid, error);
    if (!path || !uid) {
        free(path);
        free(uid);
        return TENO_FAILED;
    }
    session->path = path;
    session->study_uid = uid;
    found->n_sessions++;
    Side side = study_side(study);
    label_set(session->subject, sizeof session->subject, study->subject);
    string_set(session->date, sizeof session->date, study->study_date);
    label_set(session->timepoint, sizeof session->timepoint, study->study_date[0] ? study->study_date : "undated");
    if (side != SIDE_UNKNOWN) string_set(session->side, sizeof session->side, side_name(side));
    return TENO_OK;
}

int entry_search(Found *found, const char *path, Error *error)
{
    Scan scan = {0};
    Error cause = {0};
    *found = (Found){0};
    int code = TENO_OK, scanned = scan_inputs(&scan, &path, 1, &cause);
    if (scanned && scanned != TENO_NO_DICOM) notes_add(&found->remarks, "left out: %s", cause.message);
    for (int i = 0; !code && i < scan.n_studies; i++) {
        if (study_usable(&scan.studies[i]))
            code = found_add(found, &scan.studies[i], error);
        else
            notes_add(&found->remarks, "%s: a study of %s without a series that can be measured", path,
                      scan.studies[i].study_date);
    }
    scan_free(&scan);
    return code;
}

/* Two studies of one subject on one date get their own labels, in order of their UIDs. */
static void labels_part(Cohort *cohort)
{
    for (int i = 0; i < cohort->n_sessions; i++) {
        Session *session = &cohort->sessions[i];
        int earlier = 0;
        for (int j = i - 1; j >= 0 && strcmp(cohort->sessions[j].subject, session->subject) == 0; j--)
            earlier += strcmp(cohort->sessions[j].date, session->date) == 0 &&
                       strcmp(cohort->sessions[j].side, session->side) == 0;
        size_t used = strlen(session->timepoint);
        if (earlier) snprintf(session->timepoint + used, sizeof session->timepoint - used, "n%d", earlier + 1);
    }
}

static int uid_order(const void *a, const void *b)
{
    const Session *x = a, *y = b;
    int order = strcmp(x->study_uid, y->study_uid);
    return order ? order : strcmp(x->path, y->path);
}

/* A study that lies in several entries is one session with several folders. */
static int sessions_merge(Cohort *cohort, Error *error)
{
    int kept = 0;
    qsort(cohort->sessions, (size_t)cohort->n_sessions, sizeof *cohort->sessions, uid_order);
    for (int i = 0; i < cohort->n_sessions; i++) {
        Session *last = kept ? &cohort->sessions[kept - 1] : NULL, *here = &cohort->sessions[i];
        if (!last || strcmp(last->study_uid, here->study_uid) != 0) {
            cohort->sessions[kept++] = *here;
            continue;
        }
        size_t size = strlen(last->path) + strlen(here->path) + 2;
        char *both = array_alloc(size, 1, error);
        if (!both) return TENO_FAILED;
        snprintf(both, size, "%s\n%s", last->path, here->path);
        last->path = cohort_keep(cohort, both, error);
        free(both);
        if (!last->path) return TENO_FAILED;
        if (strcmp(last->side, here->side) != 0) last->side[0] = '\0'; /* both ankles, or not said everywhere */
    }
    cohort->n_sessions = kept;
    return TENO_OK;
}

static int session_order(const void *a, const void *b)
{
    const Session *x = a, *y = b;
    int order = strcmp(x->subject, y->subject);
    if (!order) order = strcmp(x->date, y->date);
    return order ? order : strcmp(x->study_uid, y->study_uid);
}

int sessions_from_found(Cohort *cohort, const Found *found, int n, Error *error)
{
    for (int i = 0; i < n; i++) {
        notes_append(&cohort->remarks, &found[i].remarks);
        for (int k = 0; k < found[i].n_sessions; k++) {
            const Session *from = &found[i].sessions[k];
            Session *session = session_new(cohort, error);
            if (!session) return TENO_FAILED;
            *session = *from;
            session->path = cohort_keep(cohort, from->path, error);
            session->study_uid = cohort_keep(cohort, from->study_uid, error);
            if (!session->path || !session->study_uid) return TENO_FAILED;
        }
    }
    int code = sessions_merge(cohort, error);
    if (code) return code;
    qsort(cohort->sessions, (size_t)cohort->n_sessions, sizeof *cohort->sessions, session_order);
    labels_part(cohort);
    return TENO_OK;
}

int sessions_from_folder(Cohort *cohort, const char *path, Error *error)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort), code = TENO_OK;
    if (n < 0) return error_set(error, TENO_USAGE, "%s: neither a manifest nor a folder that can be read", path);
    Found *found = array_alloc((size_t)n + 1, sizeof *found, error);
    if (!found) code = TENO_FAILED;
    for (int i = 0; i < n; i++) {
        char whole[PATH_MAX];
        path_set(whole, "%s/%s", path, entries[i]->d_name);
        if (!code && entries[i]->d_name[0] != '.') code = entry_search(&found[i], whole, error);
        free(entries[i]);
    }
    free(entries);
    if (!code) code = sessions_from_found(cohort, found, n, error);
    for (int i = 0; found && i < n; i++) found_free(&found[i]);
    free(found);
    if (!code && cohort->n_sessions == 0)
        code = error_set(error, TENO_NO_DICOM, "%s: no study with a series that can be measured", path);
    return code;
}
