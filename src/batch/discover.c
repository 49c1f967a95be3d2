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

static Session *session_of_study(Cohort *cohort, const char *uid)
{
    for (int i = 0; i < cohort->n_sessions; i++)
        if (strcmp(cohort->sessions[i].study_uid, uid) == 0) return &cohort->sessions[i];
    return NULL;
}

static int session_add(Cohort *cohort, const Study *study, Error *error)
{
    char folder[PATH_MAX] = "", both[2 * PATH_MAX + 2];
    study_folder(folder, study);
    Session *session = session_of_study(cohort, study->study_uid);
    if (session) { /* the rest of a study that was met before */
        snprintf(both, sizeof both, "%s\n%s", session->path, folder);
        const char *path = cohort_keep(cohort, both, error);
        if (path) session->path = path;
        return path ? TENO_OK : TENO_FAILED;
    }
    const char *path = cohort_keep(cohort, folder, error), *uid = cohort_keep(cohort, study->study_uid, error);
    session = path && uid ? session_new(cohort, error) : NULL;
    if (!session) return TENO_FAILED;
    session->path = path;
    session->study_uid = uid;
    Side side = study_side(study);
    label_set(session->subject, sizeof session->subject, study->subject);
    string_set(session->date, sizeof session->date, study->study_date);
    label_set(session->timepoint, sizeof session->timepoint, study->study_date[0] ? study->study_date : "undated");
    if (side != SIDE_UNKNOWN) string_set(session->side, sizeof session->side, side_name(side));
    return TENO_OK;
}

static int entry_search(Cohort *cohort, const char *path, Error *error)
{
    Scan scan = {0};
    Error cause = {0};
    int code = scan_inputs(&scan, &path, 1, &cause);
    if (code == TENO_NO_DICOM)
        code = TENO_OK;
    else if (code)
        error_set(error, code, "%s", cause.message);
    for (int i = 0; !code && i < scan.n_studies; i++) {
        if (study_usable(&scan.studies[i]))
            code = session_add(cohort, &scan.studies[i], error);
        else
            notes_add(&cohort->remarks, "%s: a study of %s without a series that can be measured", path,
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

static int session_order(const void *a, const void *b)
{
    const Session *x = a, *y = b;
    int order = strcmp(x->subject, y->subject);
    if (!order) order = strcmp(x->date, y->date);
    return order ? order : strcmp(x->study_uid, y->study_uid);
}

int sessions_from_folder(Cohort *cohort, const char *path, Error *error)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort), code = TENO_OK;
    if (n < 0) return error_set(error, TENO_USAGE, "%s: neither a manifest nor a folder that can be read", path);
    for (int i = 0; i < n; i++) {
        char whole[PATH_MAX];
        path_set(whole, "%s/%s", path, entries[i]->d_name);
        if (!code && entries[i]->d_name[0] != '.') code = entry_search(cohort, whole, error);
        free(entries[i]);
    }
    free(entries);
    if (!code && cohort->n_sessions == 0)
        code = error_set(error, TENO_NO_DICOM, "%s: no study with a series that can be measured", path);
    if (!code) {
        qsort(cohort->sessions, (size_t)cohort->n_sessions, sizeof *cohort->sessions, session_order);
        labels_part(cohort);
    }
    return code;
}
