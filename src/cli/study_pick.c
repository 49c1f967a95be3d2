#include <stdio.h>
#include <string.h>

#include "cli/source.h"

static bool study_measurable(const Study *study)
{
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].usable) return true;
    return false;
}

static bool study_named(const Study *study, const char *wanted)
{
    return strcmp(study->study_uid, wanted) == 0 || strcmp(study->study_date, wanted) == 0;
}

static int several(Study *const *found, int n_listed, int n, Error *error)
{
    char list[640] = "";
    size_t used = 0;
    for (int i = 0; i < n_listed && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s of %s", i ? ", " : "", found[i]->study_uid,
                                 found[i]->study_date[0] ? found[i]->study_date : "unknown date");
    return error_set(error, TENO_USAGE,
                     "the input holds %d studies (%s%s), wanted one; choose with --study, or use 'teno compare' or "
                     "'teno batch'",
                     n, list, n > n_listed ? ", ..." : "");
}

int study_pick(Study **out, Scan *scan, const char *wanted, Error *error)
{
    enum { LISTED = 6 };
    Study *found[LISTED] = {NULL};
    int n = 0;
    for (int i = 0; i < scan->n_studies; i++) {
        Study *study = &scan->studies[i];
        if (wanted ? !study_named(study, wanted) : !study_measurable(study)) continue;
        if (n < LISTED) found[n] = study;
        n++;
    }
    if (n == 0 && wanted) return error_set(error, TENO_USAGE, "no study '%s' in the input", wanted);
    if (n == 0) { /* nothing to measure, but a study all the same: its report says why */
        *out = &scan->studies[0];
        return TENO_OK;
    }
    if (n > 1) return several(found, n < LISTED ? n : LISTED, n, error);
    *out = found[0];
    return TENO_OK;
}
