#include "output/json_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/folder.h"
#include "output/names.h"

#define FIELD(name, unit, in_tear)                                                                                     \
    {                                                                                                                  \
#name, offsetof(TendonMeasures, name), unit, in_tear                                                           \
    }
const QuantityField quantity_fields[] = {
    FIELD(tendon_volume_mm3, "mm3", false),
    FIELD(tendon_volume_0_60_mm3, "mm3", false),
    FIELD(mean_area_mm2, "mm2", false),
    FIELD(max_area_mm2, "mm2", false),
    FIELD(max_thickness_mm, "mm", false),
    FIELD(length_mm, "mm", false),
    FIELD(mean_signal, "1", false),
    FIELD(tendinosis_volume_mm3, "mm3", false),
    FIELD(smallest_tear_mm3, "mm3", false),
    {"volume_mm3", offsetof(TendonMeasures, tear_volume_mm3), "mm3", true},
    {"fraction_percent", offsetof(TendonMeasures, tear_fraction_percent), "%", true},
    {"length_mm", offsetof(TendonMeasures, tear_length_mm), "mm", true},
    {"max_involvement_percent", offsetof(TendonMeasures, tear_max_involvement_percent), "%", true},
    {"gap_mm", offsetof(TendonMeasures, tear_gap_mm), "mm", true},
};
const int quantity_field_count = (int)(sizeof quantity_fields / sizeof *quantity_fields);

const Quantity *quantity_of(const TendonMeasures *measures, const QuantityField *field)
{
    return (const Quantity *)((const char *)measures + field->offset);
}

void json_put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

json_t *json_number(double value)
{
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* never -0.0 */
}

json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value) return value;
    char *plain = strdup(text);
    if (!plain) return json_null();
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    value = json_string(plain);
    free(plain);
    return value;
}

json_t *json_text_or_null(const char *text)
{
    return text && text[0] ? json_text(text) : json_null();
}

json_t *json_point(Vec3 p)
{
    json_t *point = json_array();
    json_array_append_new(point, json_number(p.x));
    json_array_append_new(point, json_number(p.y));
    json_array_append_new(point, json_number(p.z));
    return point;
}

json_t *json_pair(double low, double high)
{
    if (!isfinite(low) || !isfinite(high)) return json_null();
    json_t *pair = json_array();
    json_array_append_new(pair, json_number(low));
    json_array_append_new(pair, json_number(high));
    return pair;
}

json_t *json_notes(const Notes *notes)
{
    json_t *list = json_array();
    for (int i = 0; i < notes->count; i++) json_array_append_new(list, json_text(notes->text[i]));
    return list;
}

json_t *json_quantity(const Quantity *quantity)
{
    bool known = quantity->known && isfinite(quantity->value);
    json_t *q = json_object();
    json_put(q, "value", known ? json_number(quantity->value) : json_null());
    json_put(q, "ci95", known && quantity->has_interval ? json_pair(quantity->low, quantity->high) : json_null());
    json_put(q, "unit", json_text(quantity->unit ? quantity->unit : "1"));
    if (known && isfinite(quantity->at_s_mm)) json_put(q, "at_s_mm", json_number(quantity->at_s_mm));
    if (!known) json_put(q, "reason", json_text(quantity->reason[0] ? quantity->reason : "not measured"));
    return q;
}

json_t *json_study(const Study *study, bool identify)
{
    char date[DATE_SIZE];
    date_iso(date, study->study_date);
    json_t *block = json_object();
    json_put(block, "study_instance_uid", json_text(study->study_uid));
    json_put(block, "study_date", json_text_or_null(date));
    json_put(block, "subject", json_text_or_null(study->subject));
    if (identify) {
        json_put(block, "patient_id", json_text_or_null(study->patient_id));
        json_put(block, "patient_name", json_text_or_null(study->patient_name));
    }
    json_put(block, "warnings", json_notes(&study->warnings));
    return block;
}

static const Channel *channel_of(const Analysis *analysis, const Series *series)
{
    for (int i = 0; i < analysis->prepared.n_channels; i++)
        if (analysis->prepared.channel[i].series == series) return &analysis->prepared.channel[i];
    return NULL;
}

/* Tissue references and class boundaries of a series that was measured. */
static void put_channel(json_t *block, const Analysis *analysis, const Channel *channel)
{
    const TissueReferences *references = &channel->references;
    SignalModel model = {0};
    signal_model(&model, &channel->series->acquisition, channel->series->contrast, references);
    json_put(block, "is_reference", json_boolean(channel == analysis->prepared.channel));
    json_put(block, "noise_sd", channel->noise_sd > 0 ? json_number(channel->noise_sd) : json_null());
    json_put(block, "alignment_residual_mm", json_number(channel->alignment_residual_mm));
    json_t *found = json_object();
    json_put(found, "tendon", json_number(references->tendon));
    json_put(found, "muscle", json_number(references->muscle));
    json_put(found, "fat", json_number(references->fat));
    json_put(found, "fluid", json_number(references->fluid));
    json_put(found, "notes", json_notes(&references->notes));
    json_put(block, "tissue_references", found);
    json_t *classes = json_object();
    json_put(classes, "raised_threshold", json_number(model.raised_threshold));
    json_put(classes, "fluid_threshold", json_number(model.fluid_threshold));
    json_put(classes, "fluid_sensitive", json_boolean(model.fluid_sensitive));
    json_put(classes, "magic_angle_risk", json_boolean(model.magic_angle_risk));
    json_put(classes, "notes", json_notes(&model.notes));
    json_put(block, "signal_model", classes);
    notes_free(&model.notes);
}

static json_t *series_block(const Analysis *analysis, const Series *series)
{
    const Grid *grid = &series->grid;
    json_t *block = json_object(), *matrix = json_array(), *acquisition = json_object();
    json_put(block, "series_instance_uid", json_text(series->series_uid));
    json_put(block, "key", json_text(series->key));
    json_put(block, "description", json_text(series->description));
    json_put(block, "role", json_text(role_name(series->role)));
    json_put(block, "reason", json_text(series->reason));
    json_put(block, "plane", json_text(plane_name(series->plane)));
    json_put(block, "contrast", json_text(contrast_name(series->contrast)));
    json_put(block, "fat_suppressed", json_boolean(series->acquisition.fat_suppressed));
    json_array_append_new(matrix, json_integer(grid->nx));
    json_array_append_new(matrix, json_integer(grid->ny));
    json_array_append_new(matrix, json_integer(grid->nz));
    json_put(block, "matrix", matrix);
    json_put(block, "spacing_mm", json_point(vec3(grid->dx, grid->dy, grid->dz)));
    json_put(acquisition, "tr_ms", json_number(series->acquisition.tr_ms));
    json_put(acquisition, "te_ms", json_number(series->acquisition.te_ms));
    json_put(acquisition, "ti_ms", json_number(series->acquisition.ti_ms));
    json_put(acquisition, "flip_deg", json_number(series->acquisition.flip_deg));
    json_put(acquisition, "field_t", json_number(series->acquisition.field_t));
    json_put(block, "acquisition", acquisition);
    json_put(block, "usable", json_boolean(series->usable));
    json_put(block, "lossy", json_boolean(series->lossy));
    json_put(block, "warnings", json_notes(&series->warnings));
    const Channel *channel = channel_of(analysis, series);
    if (channel) put_channel(block, analysis, channel);
    return block;
}

json_t *json_series(const Analysis *analysis)
{
    json_t *list = json_array();
    for (int i = 0; analysis->study && i < analysis->study->n_series; i++)
        json_array_append_new(list, series_block(analysis, &analysis->study->series[i]));
    return list;
}

/* ["achilles=x,y,z", …] as --seed takes them. */
static json_t *points(const NamedPoint *point, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        char text[160];
        Vec3 p = point[i].p_lps;
        snprintf(text, sizeof text, "%s=%.17g,%.17g,%.17g", point[i].tendon[0] ? point[i].tendon : "any", p.x, p.y,
                 p.z);
        json_array_append_new(list, json_text(text));
    }
    return list;
}

/* The keys of --config, so that the same run can be repeated from the report. */
static json_t *options_block(const AnalysisOptions *options)
{
    json_t *block = json_object(), *inputs = json_array(), *tendons = json_array(), *forced = json_array();
    for (int i = 0; i < options->n_inputs; i++) json_array_append_new(inputs, json_text(options->inputs[i]));
    for (int i = 0; i < options->n_tendons; i++) json_array_append_new(tendons, json_text(options->tendons[i]->name));
    for (int i = 0; i < options->n_forced_series; i++)
        json_array_append_new(forced, json_text(options->forced_series[i]));
    json_put(block, "input", inputs);
    json_put(block, "tendon", tendons);
    json_put(block, "side", options->side == SIDE_UNKNOWN ? json_null() : json_text(side_name(options->side)));
    json_put(block, "series", forced);
    json_put(block, "seed", points(options->seeds, options->n_seeds));
    json_put(block, "not", points(options->excluded, options->n_excluded));
    json_put(block, "mask", json_text_or_null(options->mask_path));
    json_put(block, "repeats", json_integer(options->repeats));
    json_put(block, "random-seed", json_integer((json_int_t)options->seed));
    json_put(block, "recovery", json_boolean(options->recovery));
    json_put(block, "identify", json_boolean(options->identify));
    return block;
}

json_t *json_generator(const AnalysisOptions *options)
{
    json_t *block = json_object();
    json_put(block, "name", json_text("teno"));
    json_put(block, "version", json_text(TENO_VERSION));
    if (options) json_put(block, "options", options_block(options));
    return block;
}

json_t *json_tear(const Tear *tear)
{
    char surface[64];
    surface_names(surface, sizeof surface, tear->surfaces);
    json_t *block = json_object();
    json_put(block, "tracking_uid", json_text(tear->tracking_uid));
    json_put(block, "volume_mm3", json_quantity(&tear->volume_mm3));
    json_put(block, "fraction_percent", json_quantity(&tear->fraction_percent));
    json_put(block, "length_mm", json_quantity(&tear->length_mm));
    json_put(block, "distal_s_mm", json_quantity(&tear->distal_s_mm));
    json_put(block, "proximal_s_mm", json_quantity(&tear->proximal_s_mm));
    json_put(block, "max_involvement_percent", json_quantity(&tear->max_involvement_percent));
    json_put(block, "mean_involvement_percent", json_quantity(&tear->mean_involvement_percent));
    json_put(block, "gap_mm", json_quantity(&tear->gap_mm));
    json_put(block, "zone", json_text_or_null(tear->zone));
    json_put(block, "surface", json_text(surface));
    json_put(block, "centre_angle_deg", json_number(tear->centre_angle_deg));
    json_put(block, "centre_lps", json_point(tear->centre_lps));
    json_put(block, "possible_magic_angle", json_boolean(tear->possible_magic_angle));
    return block;
}

json_t *json_tears(const TendonMeasures *measures)
{
    if (!measures->has_tear_measures) return json_null();
    json_t *list = json_array();
    for (int i = 0; i < measures->n_tears; i++) json_array_append_new(list, json_tear(&measures->tears[i]));
    return list;
}

json_t *json_profile(const TendonMeasures *measures)
{
    json_t *list = json_array();
    for (int i = 0; i < measures->n_profile; i++) {
        const ProfileRow *row = &measures->profile[i];
        bool tear = measures->has_tear_measures;
        json_t *block = json_object();
        json_put(block, "s_mm", json_number(row->s_mm));
        json_put(block, "centre_lps", json_point(row->centre_lps));
        json_put(block, "area_mm2", json_number(row->area_mm2));
        json_put(block, "tear_area_mm2", tear ? json_number(row->tear_area_mm2) : json_null());
        json_put(block, "tendinosis_area_mm2", tear ? json_number(row->tendinosis_area_mm2) : json_null());
        json_put(block, "thickness_mm", json_number(row->thickness_mm));
        json_put(block, "width_mm", json_number(row->width_mm));
        json_put(block, "mean_signal", json_number(row->mean_signal));
        json_put(block, "area_ci95", json_pair(row->area_low_mm2, row->area_high_mm2));
        json_put(block, "tear_area_ci95", tear ? json_pair(row->tear_low_mm2, row->tear_high_mm2) : json_null());
        json_put(block, "bridged", json_boolean(row->bridged));
        json_array_append_new(list, block);
    }
    return list;
}

int json_write(json_t *document, const char *folder, const char *name, Error *error)
{
    int code = TENO_FAILED;
    char *text = document ? json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;
    size_t length = text ? strlen(text) : 0;
    if (text) {
        text[length] = '\n'; /* in place of the final 0: the file ends with a newline */
        code = file_write(folder, name, text, length + 1, error);
    } else {
        error_set(error, TENO_FAILED, "%s/%s: out of memory", folder, name);
    }
    free(text);
    json_decref(document);
    return code;
}
