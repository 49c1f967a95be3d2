/* What a scan found, as JSON: {"schema": "teno-inspect/1", "studies": [...], "skipped": [...], "files": n}. Unknown
 * numbers are null. */
#include <jansson.h>
#include <math.h>

#include "cli/inspect.h"

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Texts from files and file names may not be UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("(not UTF-8)");
}

static json_t *notes_json(const Notes *notes)
{
    json_t *array = json_array();
    for (int i = 0; i < notes->count; i++) json_array_append_new(array, text_json(notes->text[i]));
    return array;
}

static json_t *geometry_json(const Series *s)
{
    double a[4][4];
    json_t *affine = json_array();
    grid_affine_ras(&s->grid, a);
    for (int r = 0; r < 4; r++)
        json_array_append_new(affine, json_pack("[f, f, f, f]", a[r][0], a[r][1], a[r][2], a[r][3]));
    return json_pack("{s: [i, i, i], s: [f, f, f], s: o, s: o}", "matrix", s->grid.nx, s->grid.ny, s->grid.nz,
                     "spacing_mm", s->grid.dx, s->grid.dy, s->grid.dz, "slice_thickness_mm",
                     number_or_null(s->slice_thickness_mm), "affine_ras", affine);
}

static json_t *acquisition_json(const Series *s)
{
    const Acquisition *a = &s->acquisition;
    return json_pack("{s: o, s: o, s: o, s: o, s: o, s: o, s: o}", "tr_ms", number_or_null(a->tr_ms), "te_ms",
                     number_or_null(a->te_ms), "ti_ms", number_or_null(a->ti_ms), "flip_deg",
                     number_or_null(a->flip_deg), "field_t", number_or_null(a->field_t), "sequence",
                     text_json(a->sequence), "vendor", text_json(a->vendor));
}

static json_t *series_json(const Series *s)
{
    json_t *out =
        json_pack("{s: o, s: o, s: o, s: i, s: i, s: i, s: b, s: s, s: i, s: o}", "series_instance_uid",
                  text_json(s->series_uid), "key", text_json(s->key), "description", text_json(s->description),
                  "series_number", s->series_number, "echo_number", s->echo_number, "temporal_index", s->temporal_index,
                  "usable", s->usable, "role", role_name(s->role), "rank", s->rank, "reason", text_json(s->reason));
    json_object_set_new(out, "plane", s->usable ? json_string(plane_name(s->plane)) : json_null());
    json_object_set_new(out, "contrast", json_string(contrast_name(s->contrast)));
    json_object_set_new(out, "fat_suppressed", json_boolean(s->acquisition.fat_suppressed));
    json_object_set_new(out, "side", json_string(side_name(s->side)));
    json_object_set_new(out, "lossy", json_boolean(s->lossy));
    json_object_set_new(out, "geometry", s->usable ? geometry_json(s) : json_null());
    json_object_set_new(out, "acquisition", acquisition_json(s));
    json_object_set_new(out, "images", json_integer(s->grid.nz));
    json_object_set_new(out, "warnings", notes_json(&s->warnings));
    return out;
}

static json_t *study_json(const Study *study)
{
    json_t *series = json_array();
    for (int i = 0; i < study->n_series; i++) json_array_append_new(series, series_json(&study->series[i]));
    return json_pack("{s: o, s: s, s: s, s: o, s: o, s: o}", "study_instance_uid", text_json(study->study_uid),
                     "study_date", study->study_date, "subject", study->subject, "description",
                     text_json(study->study_description), "series", series, "warnings", notes_json(&study->warnings));
}

int inspect_print_json(FILE *stream, const Scan *scan, Error *error)
{
    json_t *studies = json_array(), *skipped = json_array();
    for (int i = 0; i < scan->n_studies; i++) json_array_append_new(studies, study_json(&scan->studies[i]));
    for (int i = 0; i < scan->n_skipped; i++)
        json_array_append_new(skipped, json_pack("{s: o, s: o}", "path", text_json(scan->skipped[i].path), "reason",
                                                 text_json(scan->skipped[i].reason)));
    json_t *root = json_pack("{s: s, s: i, s: o, s: o}", "schema", "teno-inspect/1", "files", scan->n_files, "studies",
                             studies, "skipped", skipped);
    int failed = !root || json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) != 0;
    json_decref(root);
    if (!failed && fputs("\n", stream) != EOF) return TENO_OK;
    return error_set(error, TENO_FAILED, "the JSON cannot be written");
}
