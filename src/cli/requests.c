/* From what the user wrote to what analysis_run takes: tendons, points, side, writers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "teno/markups.h"
#include "teno/memory.h"
#include "teno/output.h"

static int tendon_unknown(const char *name, Error *error)
{
    char names[512] = "";
    size_t used = 0;
    for (int i = 0; i < tendon_count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", tendon_table[i].name);
    return error_set(error, TENO_USAGE, "unknown tendon '%s', known are: %s", name, names);
}

static int tendon_ask(AnalysisOptions *out, const TendonSpec *spec, Error *error)
{
    for (int i = 0; i < out->n_tendons; i++)
        if (out->tendons[i] == spec) return TENO_OK;
    const TendonSpec **grown = array_grow(out->tendons, (size_t)out->n_tendons + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    out->tendons = grown;
    out->tendons[out->n_tendons++] = spec;
    return TENO_OK;
}

/* "achilles,patellar" or "all". */
static int tendons_ask(AnalysisOptions *out, const char *list, Error *error)
{
    int code = TENO_OK;
    while (!code && *list) {
        char name[64];
        size_t length = strcspn(list, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        list += length + (list[length] == ',');
        if (strcmp(name, "all") == 0) {
            for (int i = 0; !code && i < tendon_count; i++) code = tendon_ask(out, &tendon_table[i], error);
            continue;
        }
        const TendonSpec *spec = tendon_find(name);
        code = spec ? tendon_ask(out, spec, error) : tendon_unknown(name, error);
    }
    return code;
}

/* "NAME=x,y,z"; the name "any" fits every tendon. */
static int point_read(NamedPoint *out, const char *option, const char *text, Error *error)
{
    *out = (NamedPoint){0};
    int used = 0;
    char name[32] = "";
    if (sscanf(text, "%31[^=]=%lf,%lf,%lf%n", name, &out->p_lps.x, &out->p_lps.y, &out->p_lps.z, &used) != 4 ||
        text[used] || !(vec3_norm(out->p_lps) < 1e5))
        return error_set(error, TENO_USAGE, "--%s: '%s', wanted NAME=x,y,z in patient LPS mm, e.g. achilles=-12.5,40,7",
                         option, text);
    if (strcmp(name, "any") == 0) return TENO_OK;
    if (!tendon_find(name)) return tendon_unknown(name, error);
    string_set(out->tendon, sizeof out->tendon, name);
    return TENO_OK;
}

static int points_append(NamedPoint **points, int *n, const NamedPoint *more, int n_more, Error *error)
{
    NamedPoint *grown = array_grow(*points, (size_t)(*n + n_more) + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    *points = grown;
    for (int i = 0; i < n_more; i++) grown[(*n)++] = more[i];
    return TENO_OK;
}

static int points_read(NamedPoint **points, int *n, const char *option, const TextList *texts, Error *error)
{
    for (int i = 0; i < texts->count; i++) {
        NamedPoint point;
        int code = point_read(&point, option, texts->text[i], error);
        if (!code) code = points_append(points, n, &point, 1, error);
        if (code) return code;
    }
    return TENO_OK;
}

static int all_points_read(AnalysisOptions *out, const Options *options, Error *error)
{
    int code = points_read(&out->seeds, &out->n_seeds, "seed", &options->seeds, error);
    if (!code) code = points_read(&out->excluded, &out->n_excluded, "not", &options->excluded, error);
    if (code || !options->seeds_path) return code;
    Markups markups = {0};
    code = markups_read(&markups, options->seeds_path, error);
    if (!code) code = points_append(&out->seeds, &out->n_seeds, markups.seeds, markups.n_seeds, error);
    if (!code) code = points_append(&out->excluded, &out->n_excluded, markups.excluded, markups.n_excluded, error);
    markups_free(&markups);
    return code;
}

/* The tendons asked for; without --tendon those that the seeds name, and without these the Achilles. */
static int all_tendons_read(AnalysisOptions *out, const Options *options, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; !code && i < options->tendons.count; i++) code = tendons_ask(out, options->tendons.text[i], error);
    if (options->tendons.count == 0)
        for (int i = 0; !code && i < out->n_seeds; i++)
            if (out->seeds[i].tendon[0]) code = tendon_ask(out, tendon_find(out->seeds[i].tendon), error);
    if (!code && out->n_tendons == 0) code = tendons_ask(out, "achilles", error);
    return code;
}

static int side_read(Side *out, const char *text, Error *error)
{
    *out = SIDE_UNKNOWN;
    if (!text) return TENO_OK;
    *out = strcmp(text, "left") == 0 ? SIDE_LEFT : strcmp(text, "right") == 0 ? SIDE_RIGHT : SIDE_UNKNOWN;
    if (*out != SIDE_UNKNOWN) return TENO_OK;
    return error_set(error, TENO_USAGE, "--side: '%s', wanted left or right", text);
}

int analysis_options_from(AnalysisOptions *out, const Options *options, Error *error)
{
    *out = (AnalysisOptions){
        .forced_series = options->series.text,
        .n_forced_series = options->series.count,
        .mask_path = options->mask,
        .against_path = options->against,
        .repeats = options->repeats,
        .seed = (unsigned long long)options->random_seed,
        .recovery = options->recovery,
        .identify = options->identify,
    };
    if (options->against && !options->mask)
        return error_set(error, TENO_USAGE, "--against: needs --mask, the corrected outline");
    int code = side_read(&out->side, options->side, error);
    if (!code) code = all_points_read(out, options, error);
    if (!code) code = all_tendons_read(out, options, error);
    if (!code) code = output_check_kinds(options->write, error);
    return code;
}

void analysis_options_free(AnalysisOptions *options)
{
    free(options->tendons);
    free(options->seeds);
    free(options->excluded);
    *options = (AnalysisOptions){0};
}
