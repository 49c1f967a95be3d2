#include "batch/cohort.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "teno/memory.h"

void session_clear(Session *session)
{
    *session = (Session){
        .path = "", .study_uid = "", .tendon = "", .therapy = "", .arm = "", .pair = "", .mask = "", .row = -1};
}

Session *session_new(Cohort *cohort, Error *error)
{
    enum { STEP = 256 };
    if (cohort->n_sessions % STEP == 0) {
        Session *grown = array_grow(cohort->sessions, (size_t)cohort->n_sessions + STEP, sizeof *grown, error);
        if (!grown) return NULL;
        cohort->sessions = grown;
    }
    Session *session = &cohort->sessions[cohort->n_sessions++];
    session_clear(session);
    return session;
}

const char *cohort_keep(Cohort *cohort, const char *text, Error *error)
{
    enum { STEP = 1024 };
    if (cohort->n_texts % STEP == 0) {
        char **grown = array_grow(cohort->texts, (size_t)cohort->n_texts + STEP, sizeof *grown, error);
        if (!grown) return NULL;
        cohort->texts = grown;
    }
    char *copy = string_copy(text, error);
    if (copy) cohort->texts[cohort->n_texts++] = copy;
    return copy;
}

void label_set(char *label, size_t size, const char *text)
{
    size_t n = 0;
    for (; *text && n + 1 < size; text++)
        if (isalnum((unsigned char)*text)) label[n++] = *text;
    label[n] = '\0';
}

/* "pre", or "preL" where the side is given: two ankles of one visit are two sessions. */
static void session_label(char label[80], const Session *session)
{
    snprintf(label, 80, "%s%s", session->timepoint, !session->side[0] ? "" : session->side[0] == 'l' ? "L" : "R");
}

void case_of_session(Case *out, const Cohort *cohort, int session)
{
    char label[80];
    *out = (Case){.kind = CASE_ANALYZE, .session = {session, -1}};
    session_label(label, &cohort->sessions[session]);
    snprintf(out->name, sizeof out->name, "sub-%s_ses-%s", cohort->sessions[session].subject, label);
}

/* With a `second` session their comparison, with -1 the analysis of the first. */
static int case_add(Cohort *cohort, int first, int second, Error *error)
{
    enum { STEP = 256 };
    if (cohort->n_cases % STEP == 0) {
        Case *grown = array_grow(cohort->cases, (size_t)cohort->n_cases + STEP, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        cohort->cases = grown;
    }
    char label[80];
    Case *added = &cohort->cases[cohort->n_cases++];
    case_of_session(added, cohort, first);
    if (second < 0) return TENO_OK;
    added->kind = CASE_COMPARE;
    added->session[1] = second;
    session_label(label, &cohort->sessions[second]);
    size_t used = strlen(added->name);
    snprintf(added->name + used, sizeof added->name - used, "_ses-%s", label);
    return TENO_OK;
}

/* Order within the sessions that may be paired: what belongs together side by side, then by date, then as given. */
typedef struct PairKey {
    const Session *session;
    int index;
} PairKey;

static int group_order(const Session *x, const Session *y)
{
    int order = strcmp(x->subject, y->subject);
    if (!order) order = strcmp(x->side, y->side);
    return order ? order : strcmp(x->pair, y->pair);
}

static int pair_order(const void *a, const void *b)
{
    const PairKey *x = a, *y = b;
    int order = group_order(x->session, y->session);
    if (!order && x->session->date[0] && y->session->date[0]) order = strcmp(x->session->date, y->session->date);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Each later date of one tendon with the first. */
static int pairs_find(Cohort *cohort, Error *error)
{
    PairKey *keys = array_alloc((size_t)cohort->n_sessions + 1, sizeof *keys, error);
    int code = keys ? TENO_OK : TENO_FAILED;
    for (int i = 0; keys && i < cohort->n_sessions; i++) keys[i] = (PairKey){&cohort->sessions[i], i};
    if (keys) qsort(keys, (size_t)cohort->n_sessions, sizeof *keys, pair_order);
    for (int first = 0, next; !code && first < cohort->n_sessions; first = next) {
        for (next = first + 1; !code && next < cohort->n_sessions; next++) {
            if (group_order(keys[first].session, keys[next].session) != 0) break;
            code = case_add(cohort, keys[first].index, keys[next].index, error);
        }
        if (!code && next == first + 1)
            notes_add(&cohort->remarks, "sub-%s: one date only (ses-%s): nothing to compare with",
                      keys[first].session->subject, keys[first].session->timepoint);
    }
    free(keys);
    return code;
}

static int case_order(const void *a, const void *b)
{
    return strcmp(((const Case *)a)->name, ((const Case *)b)->name);
}

static int names_check(const Cohort *cohort, const char *path, Error *error)
{
    for (int i = 1; i < cohort->n_cases; i++) {
        const Case *a = &cohort->cases[i - 1], *b = &cohort->cases[i];
        if (strcmp(a->name, b->name) == 0)
            return error_set(error, TENO_USAGE,
                             "%s: rows %d and %d are both %s; give each its own timepoint or side (letters and digits "
                             "count)",
                             path, cohort->sessions[a->session[0]].row + 1, cohort->sessions[b->session[0]].row + 1,
                             a->name);
    }
    return TENO_OK;
}

int cohort_pair(Cohort *cohort, const char *source, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; !code && i < cohort->n_sessions; i++) code = case_add(cohort, i, -1, error);
    if (!code) code = pairs_find(cohort, error);
    if (code) return code;
    qsort(cohort->cases, (size_t)cohort->n_cases, sizeof *cohort->cases, case_order);
    return names_check(cohort, source, error);
}

int cohort_read(Cohort *out, const char *path, Error *error)
{
    struct stat info;
    *out = (Cohort){0};
    bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    int code = folder ? sessions_from_folder(out, path, error) : sessions_from_manifest(out, path, error);
    return code ? code : cohort_pair(out, path, error);
}

void cohort_free(Cohort *cohort)
{
    for (int i = 0; i < cohort->n_texts; i++) free(cohort->texts[i]);
    free(cohort->texts);
    free(cohort->sessions);
    free(cohort->cases);
    table_free(&cohort->manifest);
    notes_free(&cohort->remarks);
    *cohort = (Cohort){0};
}
