/* report.pdf: the answers, pictures and tables of the page on at most three A4 pages, for printing and archives. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output/answer.h"
#include "output/compare_pictures.h"
#include "output/json_parts.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/pictures.h"
#include "output/sheet.h"
#include "output/strings.h"

enum { MOST_PAGES = 3 };

static void study_line(Sheet *sheet, const Analysis *analysis, const char *when)
{
    char date[DATE_SIZE], line[512] = "";
    date_iso(date, analysis->study->study_date);
    text_append(line, sizeof line, "%s%s%s %s · %s %s", when ? when : "", when ? ": " : "", STRINGS.subject,
                analysis->study->subject, STRINGS.study_date, date[0] ? date : STRINGS.unknown);
    if (analysis->options.identify)
        text_append(line, sizeof line, " · %s · %s", analysis->study->patient_name, analysis->study->patient_id);
    sheet_text(sheet, 9, COLOUR_FAINT, line);
}

static void warnings(Sheet *sheet, const Notes *notes)
{
    for (int i = 0; i < notes->count; i++) {
        char line[600];
        snprintf(line, sizeof line, "%s: %s", STRINGS.warnings, notes->text[i]);
        sheet_text(sheet, 8.5, COLOUR_POST, line);
    }
}

/* Takes the picture. */
static int place(Sheet *sheet, cairo_t *picture, double most_height, const Error *error)
{
    if (!picture) return error && error->code ? error->code : TENO_OK;
    sheet_picture(sheet, picture, most_height);
    canvas_free(picture);
    return TENO_OK;
}

static int tendon_answer(Sheet *sheet, const Analysis *analysis, const TendonResult *result, double height,
                         Error *error)
{
    char text[ANSWER_SIZE];
    sheet_need(sheet, 90);
    snprintf(text, sizeof text, STRINGS.profile_title, result->spec->display_name,
             STRINGS.side[result_side(analysis, result)]);
    sheet_text(sheet, 12, COLOUR_INK, text);
    headline_text(text, sizeof text, result);
    sheet_text(sheet, 15, COLOUR_INK, text);
    answer_text(text, sizeof text, result);
    sheet_text(sheet, 10, COLOUR_INK, text);
    Notes all = {0}; /* each once */
    notes_append(&all, &result->warnings);
    notes_append(&all, &result->segmentation.warnings);
    notes_append(&all, &result->measures.warnings);
    warnings(sheet, &all);
    notes_free(&all);
    bool measured = result->status == STATUS_MEASURED;
    if (!measured) sheet_text(sheet, 10, COLOUR_INK, STRINGS.no_numbers);
    sheet_space(sheet, 5);
    return place(sheet, (measured ? best_picture : context_picture)(analysis, result, error), height, error);
}

static void measures_table(Sheet *sheet, const TendonResult *result)
{
    static const double at[] = {0, 0.46, 0.66, 0.88};
    const char *headers[] = {STRINGS.measure, STRINGS.value, STRINGS.interval_header, STRINGS.at_s};
    sheet_row(sheet, 8.5, true, headers, at, 4);
    for (int i = 0; i < quantity_field_count; i++) {
        const QuantityField *field = &quantity_fields[i];
        const Quantity *quantity = quantity_of(&result->measures, field);
        char name[64], value[200], interval[80], place_text[32] = "";
        snprintf(name, sizeof name, "%s%s", field->in_tear ? "tear_" : "", field->name);
        quantity_text(value, sizeof value, quantity);
        interval_text(interval, sizeof interval, quantity);
        if (quantity->known && isfinite(quantity->at_s_mm))
            snprintf(place_text, sizeof place_text, "%.1f", quantity->at_s_mm);
        const char *cells[] = {measure_label(name), value, interval, place_text};
        sheet_row(sheet, 8.5, false, cells, at, quantity->known ? 4 : 2); /* a reason may take the rest of the row */
    }
}

static void series_table(Sheet *sheet, const Analysis *analysis, const char *caption)
{
    static const double at[] = {0, 0.3, 0.42, 0.8};
    const char *headers[] = {STRINGS.description, STRINGS.role, STRINGS.why, STRINGS.spacing};
    sheet_space(sheet, 8);
    sheet_need(sheet, fmin(16.0 * (analysis->study->n_series + 2), 300)); /* together on one page where it can be */
    sheet_text(sheet, 11, COLOUR_INK, caption);
    sheet_row(sheet, 8, true, headers, at, 4);
    for (int i = 0; i < analysis->study->n_series; i++) {
        const Series *series = &analysis->study->series[i];
        char spacing[64];
        snprintf(spacing, sizeof spacing, "%.2f × %.2f × %.2f", series->grid.dx, series->grid.dy, series->grid.dz);
        const char *cells[] = {series->description, role_name(series->role), series->reason,
                               series->usable ? spacing : "–"};
        sheet_row(sheet, 8, false, cells, at, 4);
    }
}

static void closing(Sheet *sheet, const Analysis *analysis)
{
    char line[512];
    sheet_space(sheet, 8);
    sheet_text(sheet, 11, COLOUR_INK, STRINGS.how);
    for (int i = 0; i < analysis->n_tendons; i++) {
        const TendonResult *result = &analysis->tendons[i];
        if (result->status != STATUS_MEASURED) continue;
        snprintf(line, sizeof line, "%s: %s, %s %.2f. %s", result->spec->display_name,
                 segment_method_name(result->segmentation.method), STRINGS.confidence, result->segmentation.confidence,
                 result->measures.grade_criteria);
        sheet_text(sheet, 8.5, COLOUR_INK, line);
        if (result->measures.n_repeats < 1) continue;
        snprintf(line, sizeof line, STRINGS.repeats_line, result->measures.n_repeats);
        sheet_text(sheet, 8.5, COLOUR_INK, line);
    }
    sheet_text(sheet, 8.5, COLOUR_FAINT, STRINGS.cite_text);
}

static int tendon_pictures(Sheet *sheet, const Analysis *analysis, const TendonResult *result, Error *error)
{
    int code = TENO_OK;
    sheet_need(sheet, 250);
    if (sheet->full || result->measures.n_profile < 2) return TENO_OK;
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, SHEET_MARGIN, sheet->y);
    cairo_scale(sheet->cr, SHEET_INNER / 900.0, SHEET_INNER / 900.0);
    profile_draw(sheet->cr, result, 0, 0, 900, 400); /* vectors, not a picture */
    cairo_restore(sheet->cr);
    sheet->y += 400 * SHEET_INNER / 900.0 + 6;
    code = place(sheet, straightened_picture(analysis, result, error), 480, error);
    if (code == TENO_OK) code = place(sheet, map_picture(analysis, result, error), 300, error);
    return code;
}

int write_report_pdf(const Analysis *analysis, const char *folder, Error *error)
{
    Sheet sheet;
    char date[DATE_SIZE];
    date_iso(date, analysis->study->study_date);
    int code = sheet_begin(&sheet, folder, "report.pdf", STRINGS.page_title, date, MOST_PAGES, error), measured = 0;
    for (int i = 0; i < analysis->n_tendons; i++) measured += analysis->tendons[i].status == STATUS_MEASURED;
    if (code == TENO_OK) {
        sheet_text(&sheet, 17, COLOUR_INK, STRINGS.page_title);
        study_line(&sheet, analysis, NULL);
        sheet_space(&sheet, 8);
    }
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++)
        code = tendon_answer(&sheet, analysis, &analysis->tendons[i], measured > 1 ? 110 : 230, error);
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++) {
        if (analysis->tendons[i].status != STATUS_MEASURED) continue;
        sheet_space(&sheet, 6);
        measures_table(&sheet, &analysis->tendons[i]);
    }
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK && measured <= 2; i++)
        if (analysis->tendons[i].status == STATUS_MEASURED)
            code = tendon_pictures(&sheet, analysis, &analysis->tendons[i], error);
    if (code == TENO_OK) {
        series_table(&sheet, analysis, STRINGS.series);
        closing(&sheet, analysis);
    }
    int closed = sheet_end(&sheet, error);
    return code ? code : closed;
}

static void change_row(Sheet *sheet, const char *label, const char *state, const Change *change, const double *at)
{
    const char *unit = unit_text(change->pre.unit);
    bool known = change->verdict != VERDICT_UNKNOWN;
    char pre[200], post[200], difference[64] = "–", limit[64] = "–";
    quantity_text(pre, sizeof pre, &change->pre);
    quantity_text(post, sizeof post, &change->post);
    if (known) {
        difference_text(difference, sizeof difference, change->difference);
        text_append(difference, sizeof difference, " %s", unit);
        if (isfinite(change->percent)) append_percent(difference, sizeof difference, change->percent);
    }
    if (isfinite(change->limit)) {
        number_text(limit, sizeof limit, change->limit);
        text_append(limit, sizeof limit, " %s", unit);
    }
    const char *cells[] = {
        label, pre, post, difference, limit, state ? state : known ? STRINGS.verdict[change->verdict] : change->reason};
    sheet_row(sheet, 8, false, cells, at, 6);
}

static void changes_table(Sheet *sheet, const TendonChange *change)
{
    static const double at[] = {0, 0.32, 0.43, 0.54, 0.71, 0.81};
    const char *headers[] = {STRINGS.measure,    STRINGS.before, STRINGS.after,
                             STRINGS.difference, STRINGS.limit,  STRINGS.verdict_header};
    sheet_row(sheet, 8, true, headers, at, 6);
    for (int i = 0; i < change->n_changes; i++)
        change_row(sheet, measure_label(change->changes[i].name), NULL, &change->changes[i], at);
    for (int i = 0; i < change->n_tears; i++) {
        char label[96];
        snprintf(label, sizeof label, STRINGS.tear_number, i + 1, measure_label("tear_volume_mm3"));
        change_row(sheet, label, STRINGS.tear_state[change->tears[i].state], &change->tears[i].volume, at);
    }
}

static int change_answer(Sheet *sheet, const Comparison *comparison, int tendon, Error *error)
{
    const TendonChange *change = &comparison->tendons[tendon];
    char text[ANSWER_SIZE];
    snprintf(text, sizeof text, STRINGS.profile_title, change->spec->display_name, STRINGS.side[change->side]);
    sheet_text(sheet, 12, COLOUR_INK, text);
    comparison_headline(text, sizeof text, change);
    sheet_text(sheet, 15, COLOUR_INK, text);
    if (!change->comparable) sheet_text(sheet, 10, COLOUR_INK, change->reason);
    if (change->comparable && change->n_changes > 0) {
        change_text(text, sizeof text, leading_change(change));
        sheet_text(sheet, 10, COLOUR_INK, text);
    }
    warnings(sheet, &change->warnings);
    if (!comparison->comparable || !change->comparable) return TENO_OK;
    sheet_space(sheet, 5);
    int code = place(sheet, best_pair_picture(comparison, tendon, error), 260, error);
    changes_table(sheet, change);
    sheet_space(sheet, 8);
    if (code == TENO_OK) code = place(sheet, change_profile_picture(comparison, tendon, error), 380, error);
    if (code == TENO_OK) code = place(sheet, change_map_picture(comparison, tendon, error), 300, error);
    return code;
}

int write_compare_pdf(const Comparison *comparison, const char *folder, Error *error)
{
    Sheet sheet;
    char date[DATE_SIZE];
    date_iso(date, comparison->post->study->study_date);
    int code = sheet_begin(&sheet, folder, "report.pdf", STRINGS.compare_title, date, MOST_PAGES, error);
    if (code == TENO_OK) {
        sheet_text(&sheet, 17, COLOUR_INK, STRINGS.compare_title);
        study_line(&sheet, comparison->pre, STRINGS.before);
        study_line(&sheet, comparison->post, STRINGS.after);
        if (comparison->options.therapy && comparison->options.therapy[0]) {
            char line[400];
            snprintf(line, sizeof line, "%s: %s", STRINGS.therapy, comparison->options.therapy);
            sheet_text(&sheet, 9, COLOUR_FAINT, line);
        }
        if (!comparison->comparable) {
            sheet_text(&sheet, 15, COLOUR_INK, STRINGS.not_comparable);
            sheet_text(&sheet, 10, COLOUR_INK, comparison->reason);
        }
        warnings(&sheet, &comparison->warnings);
        sheet_space(&sheet, 8);
    }
    for (int i = 0; i < comparison->n_tendons && code == TENO_OK; i++)
        code = change_answer(&sheet, comparison, i, error);
    if (code == TENO_OK) {
        series_table(&sheet, comparison->pre, STRINGS.before);
        series_table(&sheet, comparison->post, STRINGS.after);
        closing(&sheet, comparison->pre);
    }
    int closed = sheet_end(&sheet, error);
    return code ? code : closed;
}
