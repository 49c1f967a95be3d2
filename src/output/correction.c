#include "teno/correction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/json_parts.h"
#include "output/names.h"
#include "teno/memory.h"

/* The report as JSON, when it is one of this study. */
static int report_load(json_t **out, const char *path, const Study *study, Error *error)
{
    json_error_t problem;
    *out = json_load_file(path, 0, &problem);
    if (!*out) return error_set(error, TENO_USAGE, "%s: line %d: %s", path, problem.line, problem.text);
    const char *schema = json_string_value(json_object_get(*out, "schema"));
    const char *uid = json_string_value(json_object_get(json_object_get(*out, "study"), "study_instance_uid"));
    int code = TENO_OK;
    if (!schema || strcmp(schema, "teno-report/1") != 0)
        code = error_set(error, TENO_USAGE, "%s: schema '%s', wanted a report.json of teno analyze (teno-report/1)",
                         path, schema ? schema : "missing");
    else if (!uid || strcmp(uid, study->study_uid) != 0)
        code = error_set(error, TENO_USAGE, "%s: a report of study %s, wanted one of this study, %s", path,
                         uid ? uid : "(unsaid)", study->study_uid);
    if (code) {
        json_decref(*out);
        *out = NULL;
    }
    return code;
}

int correction_check(const char *path, const Study *study, Error *error)
{
    json_t *report = NULL;
    int code = report_load(&report, path, study, error);
    json_decref(report);
    return code;
}

void segmented_by(char *out, size_t size, const Analysis *analysis)
{
    bool seeded = analysis->options.n_seeds > 0;
    if (analysis->mask_author[0])
        snprintf(out, size, "%s", analysis->mask_author);
    else
        snprintf(out, size, "teno " TENO_VERSION ", %s", seeded ? "from seeds" : "automatic");
}

/* The block of a tendon in the earlier report: same name and, where both say one, same side. */
static const json_t *earlier_tendon(const json_t *report, const Analysis *analysis, const TendonResult *result)
{
    const char *side = side_name(result_side(analysis, result));
    const json_t *tendons = json_object_get(report, "tendons");
    for (size_t i = 0; i < json_array_size(tendons); i++) {
        const json_t *tendon = json_array_get(tendons, i);
        const char *name = json_string_value(json_object_get(tendon, "name"));
        const char *its_side = json_string_value(json_object_get(tendon, "side"));
        bool same_side = !its_side || strcmp(its_side, side) == 0 || strcmp(its_side, "unknown") == 0 ||
                         strcmp(side, "unknown") == 0;
        if (name && strcmp(name, result->spec->name) == 0 && same_side) return tendon;
    }
    return NULL;
}

static double earlier_value(const json_t *tendon, const QuantityField *field)
{
    const json_t *block = field->in_tear ? json_object_get(tendon, "tear") : tendon;
    const json_t *value = json_object_get(json_object_get(block, field->name), "value");
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void tendon_compare(Correction *out, const TendonResult *result, const json_t *earlier)
{
    for (int f = 0; f < quantity_field_count; f++) {
        const QuantityField *field = &quantity_fields[f];
        const Quantity *now = quantity_of(&result->measures, field);
        bool known = result->status == STATUS_MEASURED && now->known;
        CorrectedMeasure *measure = &out->measures[out->n_measures];
        *measure = (CorrectedMeasure){.tendon = result->spec->name,
                                      .unit = field->unit,
                                      .before = earlier_value(earlier, field),
                                      .after = known ? now->value : (double)NAN};
        snprintf(measure->name, sizeof measure->name, "%s%s", field->in_tear ? "tear_" : "", field->name);
        if (isfinite(measure->before) || isfinite(measure->after)) out->n_measures++;
    }
}

int correction_make(Correction *out, const Analysis *analysis, Error *error)
{
    json_t *report = NULL;
    *out = (Correction){0};
    int code = report_load(&report, analysis->options.against_path, analysis->study, error);
    if (code) return code;
    size_t most = (size_t)analysis->n_tendons * (size_t)quantity_field_count;
    out->measures = array_alloc(most, sizeof *out->measures, error);
    if (out->measures) {
        const char *by = json_string_value(json_object_get(report, "segmented_by"));
        string_set(out->before_by, sizeof out->before_by, by ? by : "unsaid");
        segmented_by(out->after_by, sizeof out->after_by, analysis);
        for (int i = 0; i < analysis->n_tendons; i++)
            tendon_compare(out, &analysis->tendons[i], earlier_tendon(report, analysis, &analysis->tendons[i]));
    }
    json_decref(report);
    return out->measures ? TENO_OK : TENO_FAILED;
}

void correction_free(Correction *correction)
{
    free(correction->measures);
    *correction = (Correction){0};
}

json_t *json_correction(const Correction *correction)
{
    json_t *block = json_object(), *list = json_array();
    json_put(block, "before_segmented_by", json_text(correction->before_by));
    json_put(block, "after_segmented_by", json_text(correction->after_by));
    for (int i = 0; i < correction->n_measures; i++) {
        const CorrectedMeasure *m = &correction->measures[i];
        json_t *row = json_object();
        json_put(row, "tendon", json_text(m->tendon));
        json_put(row, "measure", json_text(m->name));
        json_put(row, "unit", json_text(m->unit));
        json_put(row, "before", json_number(m->before));
        json_put(row, "after", json_number(m->after));
        json_put(row, "difference", json_number(m->after - m->before));
        json_put(row, "percent", json_number(m->before != 0 ? 100 * (m->after - m->before) / m->before : (double)NAN));
        json_array_append_new(list, row);
    }
    json_put(block, "changes", list);
    return block;
}
