/* compare.json of two dates: interface.md, schema teno-compare/1. */
#include "output/json_parts.h"
#include "output/kinds.h"

static json_t *change_block(const Change *change)
{
    json_t *block = json_object();
    json_put(block, "pre", json_quantity(&change->pre));
    json_put(block, "post", json_quantity(&change->post));
    bool known = change->verdict != VERDICT_UNKNOWN;
    json_put(block, "difference", known ? json_number(change->difference) : json_null());
    json_put(block, "percent", known ? json_number(change->percent) : json_null());
    json_put(block, "ci95", known ? json_pair(change->low, change->high) : json_null());
    json_put(block, "limit", json_number(change->limit));
    json_put(block, "limit_source", json_text_or_null(change->limit_source));
    json_put(block, "verdict", known ? json_text(verdict_name(change->verdict)) : json_null());
    if (!known) json_put(block, "reason", json_text(change->reason));
    json_put(block, "unit", json_text(change->pre.unit ? change->pre.unit : "1"));
    return block;
}

static json_t *tear_or_null(const TendonMeasures *measures, int index)
{
    return index >= 0 && index < measures->n_tears ? json_tear(&measures->tears[index]) : json_null();
}

static json_t *tear_block(const TendonChange *tendon, const TearChange *tear)
{
    json_t *block = json_object();
    json_put(block, "tracking_uid", json_text(tear->tracking_uid));
    json_put(block, "state", json_text(tear_state_name(tear->state)));
    json_put(block, "pre", tear_or_null(&tendon->pre, tear->pre_index));
    json_put(block, "post", tear_or_null(&tendon->post, tear->post_index));
    json_put(block, "volume_mm3", change_block(&tear->volume));
    return block;
}

/* The signal of muscle that each series was measured against, and whether both dates were brought together on it. */
static json_t *scale_block(const Analysis *analysis, const double *muscle)
{
    json_t *list = json_array();
    for (int i = 0; i < analysis->prepared.n_channels && muscle; i++) {
        const Channel *channel = &analysis->prepared.channel[i];
        bool common = muscle[i] > 0;
        json_t *block = json_object();
        json_put(block, "series_instance_uid", json_text(channel->series->series_uid));
        json_put(block, "muscle", json_number(common ? muscle[i] : channel->references.muscle));
        json_put(block, "brought_together", json_boolean(common));
        json_array_append_new(list, block);
    }
    return list;
}

static json_t *tendon_block(const Comparison *comparison, const TendonChange *tendon)
{
    json_t *block = json_object(), *changes = json_object(), *tears = json_array();
    json_put(block, "name", json_text(tendon->spec->name));
    json_put(block, "display_name", json_text(tendon->spec->display_name));
    json_put(block, "side", json_text(side_name(tendon->side)));
    json_put(block, "comparable", json_boolean(tendon->comparable));
    json_put(block, "reason", tendon->comparable ? json_null() : json_text(tendon->reason));
    json_put(block, "common_range_mm",
             tendon->comparable ? json_pair(tendon->common_min_mm, tendon->common_max_mm) : json_null());
    json_put(block, "s_shift_mm", tendon->comparable ? json_number(tendon->s_shift_mm) : json_null());
    json_put(block, "s_shift_spread_mm", tendon->comparable ? json_number(tendon->s_spread_mm) : json_null());
    json_put(block, "s_match_sd_mm", tendon->comparable ? json_number(tendon->s_sd_mm) : json_null());
    json_put(block, "tendon_off_mm", tendon->comparable ? json_number(tendon->tendon_off_mm) : json_null());
    json_put(block, "ankle_angle_difference_deg",
             tendon->comparable ? json_number(tendon->ankle_angle_deg) : json_null());
    for (int i = 0; i < tendon->n_changes; i++)
        json_put(changes, tendon->changes[i].name, change_block(&tendon->changes[i]));
    json_put(block, "changes", changes);
    for (int i = 0; i < tendon->n_tears; i++) json_array_append_new(tears, tear_block(tendon, &tendon->tears[i]));
    json_put(block, "tears", tears);
    json_put(block, "signal_scale_pre", scale_block(comparison->pre, tendon->muscle[0]));
    json_put(block, "signal_scale_post", scale_block(comparison->post, tendon->muscle[1]));
    json_put(block, "signal_scale_sd_percent", tendon->comparable ? json_number(100 * tendon->scale_sd) : json_null());
    json_put(block, "profile_pre", json_profile(&tendon->pre));
    json_put(block, "profile_post", json_profile(&tendon->post));
    json_put(block, "warnings", json_notes(&tendon->warnings));
    return block;
}

/* Row-major 4×4, LPS mm of the first study → LPS mm of the second. */
static json_t *matrix_block(const Rigid *m)
{
    json_t *rows = json_array();
    const double t[3] = {m->t.x, m->t.y, m->t.z};
    for (int i = 0; i < 4; i++) {
        json_t *row = json_array();
        for (int j = 0; j < 4; j++)
            json_array_append_new(row, json_number(i == 3 ? j == 3 : j == 3 ? t[i] : m->r[i][j]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *registration_block(const Registration *registration)
{
    json_t *block = json_object();
    json_put(block, "matrix", matrix_block(&registration->fixed_to_moving));
    json_put(block, "residual_mm", json_number(registration->residual_mm));
    json_put(block, "trusted", json_boolean(registration->trusted));
    json_put(block, "reason", json_text_or_null(registration->reason));
    return block;
}

json_t *compare_document(const Comparison *comparison)
{
    const Analysis *pre = comparison->pre, *post = comparison->post;
    json_t *document = json_object(), *tendons = json_array();
    json_put(document, "schema", json_text("teno-compare/1"));
    json_put(document, "generated_by", json_generator(&pre->options));
    json_put(document, "therapy", json_text_or_null(comparison->options.therapy));
    json_put(document, "pre", json_study(pre->study, pre->options.identify));
    json_put(document, "post", json_study(post->study, post->options.identify));
    json_put(document, "comparable", json_boolean(comparison->comparable));
    json_put(document, "reason", comparison->comparable ? json_null() : json_text(comparison->reason));
    json_put(document, "registration", registration_block(&comparison->registration));
    for (int i = 0; i < comparison->n_tendons; i++)
        json_array_append_new(tendons, tendon_block(comparison, &comparison->tendons[i]));
    json_put(document, "tendons", tendons);
    json_put(document, "series_pre", json_series(pre));
    json_put(document, "series_post", json_series(post));
    json_put(document, "warnings", json_notes(&comparison->warnings));
    json_put(document, "note", json_text("Research use; not a diagnosis."));
    return document;
}

int write_compare_json(const Comparison *comparison, const char *folder, Error *error)
{
    return json_write(compare_document(comparison), folder, "compare.json", error);
}
