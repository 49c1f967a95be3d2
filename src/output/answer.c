#include "output/answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output/names.h"
#include "output/strings.h"
#include "teno/memory.h"

/* "-3" with the sign that is as wide as a plus and cannot be taken for a hyphen. */
static void true_minus(char *text, size_t size)
{
    static const char minus[] = "\u2212";
    size_t length = strlen(text);
    if (text[0] != '-' || length + sizeof minus > size) return;
    memmove(text + sizeof minus - 2, text, length + 1);
    memcpy(text, minus, sizeof minus - 1);
}

void range_text(char *text, size_t size, double from_mm, double to_mm)
{
    char from[24], to[24];
    snprintf(from, sizeof from, "%.0f", from_mm);
    snprintf(to, sizeof to, "%.0f", to_mm);
    true_minus(from, sizeof from);
    true_minus(to, sizeof to);
    snprintf(text, size, STRINGS.range, from, to);
}

void number_text(char *text, size_t size, double value)
{
    double a = fabs(value);
    int decimals = a >= 100 || a == 0 ? 0 : a >= 10 ? 1 : a >= 0.1 ? 2 : 3;
    if (!isfinite(value))
        string_set(text, size, "–");
    else
        snprintf(text, size, "%.*f", decimals, value);
    if (text[0] == '-' && strspn(text, "-0.") == strlen(text)) memmove(text, text + 1, strlen(text)); /* no "-0" */
    true_minus(text, size);
}

void difference_text(char *text, size_t size, double difference)
{
    char number[32];
    number_text(number, sizeof number, difference);
    snprintf(text, size, "%s%s", difference > 0 && isfinite(difference) ? "+" : "", number);
}

const char *unit_text(const char *ucum)
{
    if (!ucum || strcmp(ucum, "1") == 0) return "";
    return strcmp(ucum, "mm3") == 0 ? "mm³" : strcmp(ucum, "mm2") == 0 ? "mm²" : ucum;
}

void quantity_text(char *text, size_t size, const Quantity *quantity)
{
    if (!quantity->known) {
        snprintf(text, size, STRINGS.not_measured, quantity->reason[0] ? quantity->reason : "–");
        return;
    }
    number_text(text, size, quantity->value);
    const char *unit = unit_text(quantity->unit);
    if (*unit) text_append(text, size, " %s", unit);
}

void interval_text(char *text, size_t size, const Quantity *quantity)
{
    char low[32], high[32];
    text[0] = 0;
    if (!quantity->known || !quantity->has_interval) return;
    number_text(low, sizeof low, quantity->low);
    number_text(high, sizeof high, quantity->high);
    snprintf(text, size, STRINGS.interval, low, high);
}

void headline_text(char *text, size_t size, const TendonResult *result)
{
    const TendonMeasures *measures = &result->measures;
    if (result->status != STATUS_MEASURED)
        string_set(text, size, STRINGS.status[result->status]);
    else if (!measures->has_tear_measures)
        string_set(text, size, STRINGS.tear_not_assessable);
    else
        string_set(text, size, STRINGS.grade[measures->grade]);
}

/* Appends the quantity by its format; with its interval where that is asked for. */
static void append_quantity(char *text, size_t size, const char *format, const Quantity *quantity, bool with_interval)
{
    char value[160], interval[80] = "";
    quantity_text(value, sizeof value, quantity);
    if (with_interval) interval_text(interval, sizeof interval, quantity);
    if (interval[0]) text_append(value, sizeof value, STRINGS.with_interval, interval);
    text_append(text, size, format, value);
}

static void append_place(char *text, size_t size, const TendonResult *result)
{
    const TendonMeasures *measures = &result->measures;
    if (measures->n_tears < 1) return;
    int largest = 0;
    for (int i = 1; i < measures->n_tears; i++)
        if (measures->tears[i].volume_mm3.value > measures->tears[largest].volume_mm3.value) largest = i;
    const Tear *tear = &measures->tears[largest];
    if (measures->n_tears > 1) text_append(text, size, STRINGS.several_tears, measures->n_tears);
    if (tear->distal_s_mm.known && tear->proximal_s_mm.known)
        text_append(text, size, STRINGS.tear_place, tear->distal_s_mm.value, tear->proximal_s_mm.value,
                    STRINGS.origin[result->segmentation.origin]);
    if (tear->zone) text_append(text, size, " (%s)", tear->zone);
    text_append(text, size, ".");
}

void answer_text(char *text, size_t size, const TendonResult *result)
{
    const TendonMeasures *measures = &result->measures;
    text[0] = 0;
    if (result->status != STATUS_MEASURED) {
        string_set(text, size, result->reason);
        return;
    }
    if (measures->has_tear_measures && measures->n_tears > 0) {
        append_quantity(text, size, STRINGS.line_tear_volume, &measures->tear_volume_mm3, true);
        append_quantity(text, size, STRINGS.line_involvement, &measures->tear_max_involvement_percent, false);
        append_quantity(text, size, STRINGS.line_length, &measures->tear_length_mm, false);
        if (measures->tear_gap_mm.known && measures->tear_gap_mm.value > 0)
            append_quantity(text, size, STRINGS.line_gap, &measures->tear_gap_mm, false);
        text_append(text, size, ".");
        append_place(text, size, result);
    } else if (measures->has_tear_measures && measures->smallest_tear_mm3.known) {
        append_quantity(text, size, STRINGS.line_smallest, &measures->smallest_tear_mm3, false);
    } else if (!measures->has_tear_measures) {
        string_set(text, size, measures->tear_volume_mm3.reason);
    }
}

void append_percent(char *text, size_t size, double percent)
{
    char number[32];
    snprintf(number, sizeof number, "%+.0f", percent);
    true_minus(number, sizeof number);
    text_append(text, size, STRINGS.change_percent, number);
}

void change_text(char *text, size_t size, const Change *change)
{
    char pre[160], post[160], limit[48];
    quantity_text(pre, sizeof pre, &change->pre);
    quantity_text(post, sizeof post, &change->post);
    snprintf(text, size, STRINGS.change_line, measure_label(change->name ? change->name : "volume_mm3"), pre, post);
    if (change->verdict == VERDICT_UNKNOWN) {
        text_append(text, size, ": %s", change->reason);
        return;
    }
    if (isfinite(change->percent)) append_percent(text, size, change->percent);
    number_text(limit, sizeof limit, change->limit);
    const char *unit = unit_text(change->pre.unit);
    if (*unit) text_append(limit, sizeof limit, " %s", unit);
    text_append(text, size, STRINGS.change_limit, limit, STRINGS.verdict[change->verdict]);
}

const char *measure_label(const char *json_name)
{
    for (const MeasureLabel *label = measure_labels; label->name; label++)
        if (strcmp(label->name, json_name) == 0) return label->label;
    return json_name;
}

const Change *leading_change(const TendonChange *tendon)
{
    static const char *const order[] = {"tear_volume_mm3", "tendon_volume_mm3"};
    for (int o = 0; o < 2; o++)
        for (int i = 0; i < tendon->n_changes; i++)
            if (strcmp(tendon->changes[i].name, order[o]) == 0 && tendon->changes[i].verdict != VERDICT_UNKNOWN)
                return &tendon->changes[i];
    return tendon->n_changes ? &tendon->changes[0] : NULL;
}

void comparison_headline(char *text, size_t size, const TendonChange *tendon)
{
    const Change *change = leading_change(tendon);
    if (!tendon->comparable)
        string_set(text, size, STRINGS.not_comparable);
    else if (change)
        snprintf(text, size, "%s: %s", measure_label(change->name), STRINGS.verdict[change->verdict]);
    else
        string_set(text, size, STRINGS.verdict[VERDICT_UNKNOWN]);
}
