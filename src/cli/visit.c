#include "cli/visit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/source.h"
#include "teno/memory.h"

/* A finished OUT of analyze: its report.json. NULL and TENO_OK for anything else. */
static int report_open(json_t **out, const char *input, char *path, size_t path_size, Error *error)
{
    struct stat info;
    json_error_t problem;
    *out = NULL;
    snprintf(path, path_size, "%s/report.json", input);
    if (stat(path, &info) != 0) return TENO_OK;
    *out = json_load_file(path, 0, &problem);
    const char *schema = json_string_value(json_object_get(*out, "schema"));
    if (schema && strcmp(schema, "teno-report/1") == 0) return TENO_OK;
    json_decref(*out);
    *out = NULL;
    return error_set(error, TENO_FAILED, "%s: no report of teno, schema %s, wanted teno-report/1", path,
                     schema ? schema : "missing");
}

static Visit *visit_new(VisitList *visits, const char *input, Error *error)
{
    Visit *grown = array_grow(visits->visit, (size_t)visits->count + 1, sizeof *grown, error);
    if (!grown) return NULL;
    visits->visit = grown;
    grown[visits->count] = (Visit){.input = input};
    return &grown[visits->count++];
}

/* Where the images behind a report are: where --images says, else where they were. */
static int source_find(Visit *visit, const Options *options, const char *path, Error *error)
{
    const TextList *paths = options->images.count ? &options->images : &visit->recorded.inputs;
    visit->source.text = array_alloc((size_t)paths->count + 1, sizeof *visit->source.text, error);
    if (!visit->source.text) return TENO_FAILED;
    for (int i = 0; i < paths->count; i++) {
        char *found = NULL;
        if (options->images.count)
            found = string_copy(paths->text[i], error);
        else if (source_resolve(&found, paths->text[i], path, error))
            return TENO_FAILED;
        if (!found) return TENO_FAILED;
        visit->source.text[visit->source.count++] = found;
    }
    return TENO_OK;
}

/* The images behind a report, and the options that it was made with. */
static int visit_from_report(VisitList *visits, const char *input, json_t *report, const char *path,
                             const Options *options, Error *error)
{
    Visit *visit = visit_new(visits, input, error);
    if (!visit) {
        json_decref(report);
        return TENO_FAILED;
    }
    visit->report = report;
    json_t *recorded = json_object_get(json_object_get(report, "generated_by"), "options");
    const char *uid = json_string_value(json_object_get(json_object_get(report, "study"), "study_instance_uid"));
    if (!recorded || !uid)
        return error_set(error, TENO_FAILED, "%s: says neither its options nor its study; analyse again", path);
    int code = options_from_json(&visit->recorded, recorded, FOR_ANALYZE, path, error);
    if (code) return code;
    code = source_find(visit, options, path, error);
    if (code) return code;
    code = scan_inputs(&visit->scan, visit->source.text, visit->source.count, error);
    return code ? code : study_pick(&visit->study, &visit->scan, uid, error);
}

static bool have_study(const VisitList *visits, const char *uid)
{
    for (int i = 0; i < visits->count; i++)
        if (visits->visit[i].study && strcmp(visits->visit[i].study->study_uid, uid) == 0) return true;
    return false;
}

static bool has_usable_series(const Study *study)
{
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].usable) return true;
    return false;
}

/* One visit a study; each scans for itself, so that it owns what it points into. */
static int visits_from_dicom(VisitList *visits, const char *input, Error *error)
{
    Scan scan = {0};
    int code = scan_inputs(&scan, &input, 1, error);
    int n_usable = 0;
    for (int i = 0; !code && i < scan.n_studies; i++) n_usable += has_usable_series(&scan.studies[i]);
    for (int i = 0; !code && i < scan.n_studies; i++) {
        const char *uid = scan.studies[i].study_uid;
        if (n_usable > 0 && !has_usable_series(&scan.studies[i])) continue;
        if (n_usable > 1 && have_study(visits, uid)) continue; /* the same folder of several dates given twice */
        Visit *visit = visit_new(visits, input, error);
        if (!visit) code = TENO_FAILED;
        if (!code) code = scan_inputs(&visit->scan, &input, 1, error);
        if (!code) code = study_pick(&visit->study, &visit->scan, uid, error);
    }
    scan_free(&scan);
    return code;
}

/* Dates that --study names: each is looked for in all inputs together. */
static int visits_named(VisitList *visits, const Options *options, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; !code && i < options->studies.count; i++) {
        Visit *visit = visit_new(visits, options->inputs.text[0], error);
        if (!visit) return TENO_FAILED;
        code = scan_inputs(&visit->scan, options->inputs.text, options->inputs.count, error);
        if (!code) code = study_pick(&visit->study, &visit->scan, options->studies.text[i], error);
    }
    return code;
}

static bool visit_later(const Visit *a, const Visit *b)
{
    int by_date = strcmp(a->study->study_date, b->study->study_date);
    return (by_date ? by_date : strcmp(a->study->study_time, b->study->study_time)) > 0;
}

static void visits_sort(VisitList *visits)
{
    Visit *visit = visits->visit;
    bool ordered = true;
    for (int i = 0; i < visits->count; i++)
        if (!visit[i].study->study_date[0]) {
            notes_add(&visits->warnings, "a study has no date: the dates are taken in the order given");
            return;
        }
    for (int i = 1; i < visits->count; i++)
        for (int j = i; j > 0 && visit_later(&visit[j - 1], &visit[j]); j--) { /* equal dates stay in the order given */
            Visit later = visit[j - 1];
            visit[j - 1] = visit[j];
            visit[j] = later;
            ordered = false;
        }
    if (!ordered)
        notes_add(&visits->warnings, "the studies were not given in order of their dates: compared from %s to %s",
                  visit[0].study->study_date, visit[visits->count - 1].study->study_date);
}

int visits_read(VisitList *out, const Options *options, Error *error)
{
    *out = (VisitList){0};
    if (options->studies.count > 0) {
        int code = visits_named(out, options, error);
        if (code) return code;
    }
    for (int i = 0; options->studies.count == 0 && i < options->inputs.count; i++) {
        char path[4096];
        json_t *report;
        const char *input = options->inputs.text[i];
        int code = report_open(&report, input, path, sizeof path, error);
        if (!code)
            code = report ? visit_from_report(out, input, report, path, options, error)
                          : visits_from_dicom(out, input, error);
        if (code) return code;
    }
    if (out->count < 2)
        return error_set(error, TENO_USAGE, "%s: holds one study, wanted two dates; give PRE and POST",
                         options->inputs.text[0]);
    visits_sort(out);
    return TENO_OK;
}

static int visit_analyze(Visit *visit, const Options *options, Progress *progress, Error *error)
{
    Options merged = visit->report ? visit->recorded : *options;
    if (visit->report && options->tendons.count) merged.tendons = options->tendons;
    if (visit->report && options->side) merged.side = options->side;
    bool recalled = false;
    int code = analysis_options_from(&visit->wanted, &merged, error);
    visit->wanted.progress = progress_report;
    visit->wanted.progress_context = progress;
    if (!code && visit->report) {
        char path[PATH_MAX];
        progress_report(progress, "reading the finished analysis", 0);
        snprintf(path, sizeof path, "%s/" ANALYSIS_KEPT, visit->input);
        code = analysis_recall(&visit->analysis, &recalled, visit->study, &visit->wanted, path, error);
    }
    if (code || recalled) return code;
    return analysis_run(&visit->analysis, visit->study, &visit->wanted, error);
}

int visits_analyze(VisitList *visits, const Options *options, Progress *progress, Error *error)
{
    /* An analysis takes about as long as a comparison; a finished one is only read. */
    double weight = 0, done = 0;
    for (int i = 0; i < visits->count; i++) weight += visits->visit[i].report ? 0.15 : 1;
    double whole = weight + visits->count - 1;
    for (int i = 0; i < visits->count; i++) {
        double share = (visits->visit[i].report ? 0.15 : 1) / whole;
        progress_part(progress, done, done + share);
        int code = visit_analyze(&visits->visit[i], options, progress, error);
        if (code) return code;
        done += share;
    }
    progress_part(progress, done, 1);
    return TENO_OK;
}

void visits_free(VisitList *visits)
{
    for (int i = 0; i < visits->count; i++) {
        Visit *visit = &visits->visit[i];
        analysis_free(&visit->analysis);
        analysis_options_free(&visit->wanted);
        scan_free(&visit->scan);
        source_free(&visit->source);
        options_free(&visit->recorded);
        json_decref(visit->report);
    }
    free(visits->visit);
    notes_free(&visits->warnings);
    *visits = (VisitList){0};
}
