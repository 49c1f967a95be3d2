/* report.json of one study: interface.md, schema teno-report/1. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/folder.h"
#include "output/json_parts.h"
#include "output/kinds.h"
#include "output/names.h"

/* "masks/NAME_what.nii.gz" when that file was written, else null. */
static json_t *mask_name(const char *folder, const char *name, const char *what)
{
    char mask[NAME_SIZE + 32];
    snprintf(mask, sizeof mask, "masks/%s_%s.nii.gz", name, what);
    char *path = folder ? path_join(folder, mask, NULL) : NULL;
    bool exists = path && access(path, F_OK) == 0;
    free(path);
    return exists ? json_text(mask) : json_null();
}

static json_t *segmentation_block(const Analysis *analysis, int tendon, const char *folder)
{
    const Segmentation *segmentation = &analysis->tendons[tendon].segmentation;
    const Prepared *prepared = &analysis->prepared;
    char name[NAME_SIZE];
    result_name(name, analysis, tendon);
    json_t *block = json_object();
    json_put(block, "method", json_text(segment_method_name(segmentation->method)));
    json_put(block, "confidence", json_number(segmentation->confidence));
    json_put(block, "mask", mask_name(folder, name, "tendon"));
    json_put(block, "tear_mask", mask_name(folder, name, "tear"));
    json_put(block, "tendinosis_mask", mask_name(folder, name, "tendinosis"));
    json_put(block, "mask_series_instance_uid",
             prepared->n_channels ? json_text(prepared->channel[0].series->series_uid) : json_null());
    json_put(block, "origin_lps", json_point(segmentation->origin_lps));
    json_put(block, "origin_confidence", json_number(segmentation->origin_confidence));
    json_put(block, "muscle_junction_s_mm", json_number(segmentation->muscle_junction_s_mm));
    return block;
}

/* Quantities of a tendon that was not measured: null, with the tendon's own reason. */
static json_t *field_value(const TendonResult *result, const QuantityField *field)
{
    if (result->status == STATUS_MEASURED) {
        Quantity quantity = *quantity_of(&result->measures, field);
        if (!quantity.unit) quantity.unit = field->unit;
        return json_quantity(&quantity);
    }
    Quantity unknown = quantity_unknown(field->unit, result->reason);
    return json_quantity(&unknown);
}

static void put_quantities(json_t *block, const TendonResult *result)
{
    json_t *tear = json_object();
    for (int i = 0; i < quantity_field_count; i++)
        json_put(quantity_fields[i].in_tear ? tear : block, quantity_fields[i].name,
                 field_value(result, &quantity_fields[i]));
    json_put(block, "tear", tear);
}

static json_t *label(const char *value, const char *criteria)
{
    json_t *block = json_object();
    json_put(block, "value", json_text_or_null(value));
    json_put(block, "criteria", json_text_or_null(criteria));
    return block;
}

static void put_grades(json_t *block, const TendonResult *result)
{
    const TendonMeasures *measures = &result->measures;
    bool measured = result->status == STATUS_MEASURED;
    if (measured && measures->has_tear_measures)
        json_put(block, "grade", label(grade_name(measures->grade), measures->grade_criteria));
    else
        json_put(block, "grade", label(NULL, measured ? measures->tear_volume_mm3.reason : result->reason));
    bool has_kuwada = measured && result->spec->has_zones && (measures->kuwada[0] || measures->kuwada_criteria[0]);
    json_put(block, "kuwada", has_kuwada ? label(measures->kuwada, measures->kuwada_criteria) : json_null());
}

/* Known tears put into the study's own images; null unless it was asked for. */
static json_t *recovery_block(const Recovery *recovery)
{
    if (!recovery->wanted) return json_null();
    json_t *block = json_object(), *trials = json_array();
    for (int i = 0; i < recovery->n_trials; i++) {
        const RecoveryTrial *trial = &recovery->trial[i];
        json_t *one = json_object();
        json_put(one, "s_mm", json_number(trial->s_mm));
        json_put(one, "length_mm", json_number(trial->length_mm));
        json_put(one, "inserted_mm3", json_number(trial->inserted_mm3));
        json_put(one, "found_mm3", json_number(trial->found_mm3));
        json_put(one, "found", json_boolean(trial->found));
        json_array_append_new(trials, one);
    }
    json_put(block, "trials", trials);
    json_put(block, "reason", json_text_or_null(recovery->reason[0] ? recovery->reason : NULL));
    return block;
}

static json_t *all_warnings(const TendonResult *result)
{
    Notes all = {0};
    notes_append(&all, &result->warnings);
    notes_append(&all, &result->segmentation.warnings);
    notes_append(&all, &result->measures.warnings);
    json_t *list = json_notes(&all);
    notes_free(&all);
    return list;
}

static json_t *tendon_block(const Analysis *analysis, int tendon, const char *folder)
{
    const TendonResult *result = &analysis->tendons[tendon];
    bool measured = result->status == STATUS_MEASURED;
    json_t *block = json_object();
    json_put(block, "name", json_text(result->spec->name));
    json_put(block, "display_name", json_text(result->spec->display_name));
    json_put(block, "side", json_text(side_name(result_side(analysis, result))));
    json_put(block, "status", json_text(status_name(result->status)));
    json_put(block, "reason", measured ? json_null() : json_text(result->reason));
    json_put(block, "segmentation", segmentation_block(analysis, tendon, folder));
    json_put(block, "origin", measured ? json_text(origin_name(result->segmentation.origin)) : json_null());
    json_put(block, "assessed_range_mm",
             measured ? json_pair(result->measures.s_min_mm, result->measures.s_max_mm) : json_null());
    put_quantities(block, result);
    put_grades(block, result);
    json_put(block, "tears", measured ? json_tears(&result->measures) : json_null());
    json_put(block, "profile", measured ? json_profile(&result->measures) : json_array());
    json_put(block, "recovery", recovery_block(&result->recovery));
    json_put(block, "repeats", json_integer(measured ? result->measures.n_repeats : 0));
    json_put(block, "warnings", all_warnings(result));
    return block;
}

json_t *report_document(const Analysis *analysis, const char *folder)
{
    json_t *document = json_object(), *tendons = json_array();
    json_put(document, "schema", json_text("teno-report/1"));
    json_put(document, "generated_by", json_generator(&analysis->options));
    json_put(document, "study", json_study(analysis->study, analysis->options.identify));
    char by[700];
    segmented_by(by, sizeof by, analysis);
    json_put(document, "segmented_by", json_text(by));
    json_put(document, "series", json_series(analysis));
    for (int i = 0; i < analysis->n_tendons; i++) json_array_append_new(tendons, tendon_block(analysis, i, folder));
    json_put(document, "tendons", tendons);
    json_put(document, "warnings", json_notes(&analysis->prepared.warnings));
    json_put(document, "note", json_text("Research use; not a diagnosis."));
    return document;
}

int write_report_json(const Analysis *analysis, const char *folder, Error *error)
{
    json_t *document = report_document(analysis, folder);
    if (analysis->options.against_path) {
        Correction correction;
        if (correction_make(&correction, analysis, error)) {
            json_decref(document);
            return TENO_FAILED;
        }
        json_put(document, "correction", json_correction(&correction));
        correction_free(&correction);
    }
    return json_write(document, folder, "report.json", error);
}
