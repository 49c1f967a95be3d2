/* measurements.csv and changes.csv: tidy tables, one row a measurement, for R, pandas and spreadsheets. */
#include <math.h>
#include <stdio.h>

#include "output/json_parts.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/text.h"

static void add_number(Text *text, double value)
{
    if (isfinite(value)) text_add(text, "%.6g", value == 0 ? 0 : value);
}

/* The columns that say whose, when and which. */
typedef struct RowHead {
    char subject[80], date[DATE_SIZE];
    const char *timepoint, *side, *tendon;
} RowHead;

static RowHead row_head(const Analysis *analysis, const char *timepoint, Side side, const TendonSpec *spec)
{
    RowHead head = {.timepoint = timepoint, .side = side_name(side), .tendon = spec->name};
    snprintf(head.subject, sizeof head.subject, "%s", analysis->study->subject);
    date_iso(head.date, analysis->study->study_date);
    return head;
}

static void add_head(Text *text, const RowHead *head, const char *tear, const char *measure)
{
    const char *fields[] = {head->subject, head->date, head->timepoint, head->side, head->tendon, tear, measure};
    for (int i = 0; i < 7; i++) {
        text_add_csv(text, fields[i]);
        text_add(text, ",");
    }
}

static void add_quantity(Text *text, const RowHead *head, const char *tear, const char *measure,
                         const Quantity *quantity)
{
    bool interval = quantity->known && quantity->has_interval;
    add_head(text, head, tear, measure);
    if (quantity->known) add_number(text, quantity->value);
    text_add(text, ",");
    if (interval) add_number(text, quantity->low);
    text_add(text, ",");
    if (interval) add_number(text, quantity->high);
    text_add(text, ",%s\n", quantity->unit ? quantity->unit : "1");
}

static void add_tear(Text *text, const RowHead *head, const Tear *tear, int index)
{
    char number[16];
    snprintf(number, sizeof number, "%d", index + 1);
    const struct {
        const char *name;
        const Quantity *quantity;
    } rows[] = {{"volume_mm3", &tear->volume_mm3},
                {"fraction_percent", &tear->fraction_percent},
                {"length_mm", &tear->length_mm},
                {"distal_s_mm", &tear->distal_s_mm},
                {"proximal_s_mm", &tear->proximal_s_mm},
                {"max_involvement_percent", &tear->max_involvement_percent},
                {"mean_involvement_percent", &tear->mean_involvement_percent},
                {"gap_mm", &tear->gap_mm}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        add_quantity(text, head, number, rows[i].name, rows[i].quantity);
}

static void add_tendon(Text *text, const Analysis *analysis, const TendonResult *result)
{
    RowHead head = row_head(analysis, "", result_side(analysis, result), result->spec);
    const TendonMeasures *measures = &result->measures;
    for (int i = 0; i < quantity_field_count; i++) {
        const QuantityField *field = &quantity_fields[i];
        char name[64];
        snprintf(name, sizeof name, "%s%s", field->in_tear ? "tear_" : "", field->name);
        Quantity quantity = quantity_unknown(field->unit, result->reason);
        if (result->status == STATUS_MEASURED) quantity = *quantity_of(measures, field);
        if (!quantity.unit) quantity.unit = field->unit;
        add_quantity(text, &head, "", name, &quantity);
    }
    if (result->status != STATUS_MEASURED) return;
    for (int i = 0; i < measures->n_tears; i++) add_tear(text, &head, &measures->tears[i], i);
}

int write_measurements_csv(const Analysis *analysis, const char *folder, Error *error)
{
    Text text = {0};
    text_add(&text, "subject,study_date,timepoint,side,tendon,tear,measure,value,ci_low,ci_high,unit\n");
    for (int i = 0; i < analysis->n_tendons; i++) add_tendon(&text, analysis, &analysis->tendons[i]);
    int code = text_write(&text, folder, "measurements.csv", error);
    text_free(&text);
    return code;
}

static double shown(bool known, double value)
{
    return known ? value : (double)NAN;
}

static void add_change(Text *text, const RowHead *head, const char *dates[2], const char *therapy, const char *tear,
                       const char *state, const Change *change)
{
    const char *fields[] = {head->subject, dates[0], dates[1], therapy, head->side, head->tendon, tear, state};
    for (int i = 0; i < 8; i++) {
        text_add_csv(text, fields[i]);
        text_add(text, ",");
    }
    bool known = change->verdict != VERDICT_UNKNOWN;
    const double numbers[] = {shown(change->pre.known, change->pre.value),
                              shown(change->post.known, change->post.value),
                              shown(known, change->difference),
                              shown(known, change->percent),
                              shown(known, change->low),
                              shown(known, change->high),
                              change->limit};
    text_add(text, "%s,", change->name ? change->name : "volume_mm3");
    for (int i = 0; i < 7; i++) {
        add_number(text, numbers[i]);
        text_add(text, ",");
    }
    text_add(text, "%s,%s\n", known ? verdict_name(change->verdict) : "", change->pre.unit ? change->pre.unit : "1");
}

int write_changes_csv(const Comparison *comparison, const char *folder, Error *error)
{
    Text text = {0};
    char pre[DATE_SIZE], post[DATE_SIZE];
    date_iso(pre, comparison->pre->study->study_date);
    date_iso(post, comparison->post->study->study_date);
    const char *dates[2] = {pre, post}, *therapy = comparison->options.therapy ? comparison->options.therapy : "";
    text_add(&text, "subject,pre_date,post_date,therapy,side,tendon,tear,state,measure,pre,post,difference,percent,"
                    "ci_low,ci_high,limit,verdict,unit\n");
    for (int i = 0; i < comparison->n_tendons; i++) {
        const TendonChange *tendon = &comparison->tendons[i];
        RowHead head = row_head(comparison->pre, "", tendon->side, tendon->spec);
        for (int j = 0; j < tendon->n_changes; j++)
            add_change(&text, &head, dates, therapy, "", "", &tendon->changes[j]);
        for (int j = 0; j < tendon->n_tears; j++) {
            char number[16];
            snprintf(number, sizeof number, "%d", j + 1);
            add_change(&text, &head, dates, therapy, number, tear_state_name(tendon->tears[j].state),
                       &tendon->tears[j].volume);
        }
    }
    int code = text_write(&text, folder, "changes.csv", error);
    text_free(&text);
    return code;
}
