/*
 * The page around the results. Everything that came from a DICOM header or a command line goes through
 * text_add_escaped or, in JSON, through html_data, which keeps "<" out. A content security policy forbids the page to
 * load anything, so that a mistake here could not call out either.
 */
#include "output/html.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/answer.h"
#include "output/assets.h"
#include "output/figure.h"
#include "output/json_parts.h"
#include "output/names.h"
#include "output/panel.h"
#include "output/strings.h"
#include "teno/correction.h"

void html_element(Text *page, const char *tag, const char *attributes, const char *plain)
{
    text_add(page, "<%s%s>", tag, attributes);
    text_add_escaped(page, plain);
    text_add(page, "</%s>\n", tag);
}

void html_begin(Text *page, const char *title)
{
    text_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                   "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                   "<meta name=\"generator\" content=\"teno " TENO_VERSION "\">\n");
    html_element(page, "title", "", title);
    text_add(page, "<style>\n%s</style>\n</head>\n<body>\n", asset_page_css);
    html_element(page, "a", " class=\"skip\" href=\"#results\"", STRINGS.skip);
}

void html_data(Text *page, const char *id, json_t *document)
{
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    text_add(page, "<script type=\"application/json\" id=\"%s\">", id);
    for (const char *at = text; at && *at;) {
        size_t plain = strcspn(at, "<");
        text_add_bytes(page, at, plain);
        at += plain;
        if (*at == '<') {
            text_add(page, "\\u003c");
            at++;
        }
    }
    text_add(page, "</script>\n");
    if (!text) page->failed = true;
    free(text);
    json_decref(document);
}

void html_end(Text *page)
{
    json_t *texts = json_object();
    for (const MeasureLabel *entry = script_texts; entry->name; entry++)
        json_put(texts, entry->name, json_text(entry->label));
    text_add(page, "</main>\n<footer>\n");
    html_element(page, "p", " class=\"note\"", STRINGS.research_use);
    text_add(page, "</footer>\n");
    html_data(page, "teno-text", texts);
    text_add(page, "<script>\n%s</script>\n<script>\n%s</script>\n</body>\n</html>\n", asset_viewer_js, asset_plot_js);
}

int html_picture(Text *page, cairo_t *figure, const char *alt, Error *error)
{
    int width, height;
    Text svg = {0};
    canvas_size(figure, &width, &height);
    int code = figure_add_svg(&svg, figure, error);
    if (code == TENO_OK) {
        text_add(page, "<img class=\"picture\" width=\"%d\" height=\"%d\" alt=\"", width, height);
        text_add_escaped(page, alt);
        text_add(page, "\" src=\"data:image/svg+xml;base64,");
        text_add_base64(page, (const unsigned char *)svg.data, svg.length);
        text_add(page, "\">\n");
    }
    text_free(&svg);
    return code;
}

int html_figure(Text *page, cairo_t *figure, const char *heading, const char *note, const char *title, Error *error)
{
    char alt[400];
    if (!figure) return error && error->code ? error->code : TENO_OK;
    html_element(page, "h3", "", heading);
    snprintf(alt, sizeof alt, STRINGS.picture_alt, title, heading);
    text_add(page, "<figure class=\"on-white\" tabindex=\"0\">");
    int code = html_picture(page, figure, alt, error);
    html_element(page, "figcaption", "", note);
    text_add(page, "</figure>\n");
    canvas_free(figure);
    return code;
}

int html_answer_picture(Text *page, cairo_t *picture, const char *alt, Error *error)
{
    if (!picture) return TENO_OK;
    text_add(page, "<figure>");
    int code = html_picture(page, picture, alt, error);
    text_add(page, "</figure>\n");
    canvas_free(picture);
    return code;
}

void html_warnings(Text *page, const Notes *const *notes, int count)
{
    Notes all = {0};
    for (int i = 0; i < count; i++) notes_append(&all, notes[i]);
    if (all.count > 0) {
        text_add(page, "<div class=\"warnings\">");
        html_element(page, "strong", "", STRINGS.warnings);
        text_add(page, "<ul>\n");
        for (int i = 0; i < all.count; i++) html_element(page, "li", "", all.text[i]);
        text_add(page, "</ul></div>\n");
    }
    notes_free(&all);
}

void html_entry(Text *page, const char *key, const char *value)
{
    if (!value || !value[0]) return;
    html_element(page, "dt", "", key);
    html_element(page, "dd", "", value);
}

void html_study(Text *page, const Analysis *analysis, const char *when)
{
    const Study *study = analysis->study;
    char date[DATE_SIZE];
    date_iso(date, study->study_date);
    text_add(page, "<span class=\"meta\">");
    if (when) {
        text_add_escaped(page, when);
        text_add(page, ": ");
    }
    text_add_escaped(page, STRINGS.subject);
    text_add(page, " ");
    text_add_escaped(page, study->subject[0] ? study->subject : STRINGS.unknown);
    if (analysis->options.identify) {
        text_add(page, " · ");
        text_add_escaped(page, study->patient_name);
        text_add(page, " · ");
        text_add_escaped(page, study->patient_id);
    }
    text_add(page, " · ");
    text_add_escaped(page, STRINGS.study_date);
    text_add(page, " ");
    text_add_escaped(page, date[0] ? date : STRINGS.unknown);
    text_add(page, "</span>\n");
}

static void series_row(Text *page, const Series *series)
{
    char kind[96], matrix[64], spacing[64];
    snprintf(kind, sizeof kind, "%s%s, %s", STRINGS.contrast[series->contrast],
             series->acquisition.fat_suppressed && series->contrast != CONTRAST_STIR ? STRINGS.fat_suppressed : "",
             STRINGS.plane[series->plane]);
    snprintf(matrix, sizeof matrix, "%d × %d × %d", series->grid.nx, series->grid.ny, series->grid.nz);
    snprintf(spacing, sizeof spacing, "%.2f × %.2f × %.2f", series->grid.dx, series->grid.dy, series->grid.dz);
    text_add(page, "<tr>");
    html_element(page, "td", "", series->description);
    html_element(page, "td", "", role_name(series->role));
    html_element(page, "td", "", series->reason);
    html_element(page, "td", "", kind);
    html_element(page, "td", " class=\"n\"", series->usable ? matrix : "–");
    html_element(page, "td", " class=\"n\"", series->usable ? spacing : "–");
    text_add(page, "</tr>\n");
}

void html_series_table(Text *page, const Analysis *analysis, const char *caption)
{
    const char *headers[] = {STRINGS.description,  STRINGS.role,   STRINGS.why,
                             STRINGS.plane_header, STRINGS.matrix, STRINGS.spacing};
    const Notes *notes[2] = {&analysis->study->warnings, &analysis->prepared.warnings};
    text_add(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    text_add_escaped(page, caption);
    text_add(page, "\"><table>");
    html_element(page, "caption", "", caption);
    text_add(page, "<thead><tr>");
    for (int i = 0; i < 6; i++)
        html_element(page, "th", i < 4 ? " scope=\"col\"" : " scope=\"col\" class=\"n\"", headers[i]);
    text_add(page, "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < analysis->study->n_series; i++) series_row(page, &analysis->study->series[i]);
    text_add(page, "</tbody></table></div>\n");
    html_warnings(page, notes, 2);
    for (int i = 0; i < analysis->study->n_series; i++) {
        const Notes *own = &analysis->study->series[i].warnings;
        html_warnings(page, &own, 1);
    }
}

/* "tendon achilles · repeats 24": what was chosen, without what was left open. */
static void options_entry(Text *page, const AnalysisOptions *options)
{
    json_t *generator = json_generator(options), *value;
    Text line = {0};
    const char *key;
    json_object_foreach(json_object_get(generator, "options"), key, value)
    {
        if (json_is_null(value) || json_is_false(value) || (json_is_array(value) && json_array_size(value) == 0))
            continue;
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        text_add(&line, "%s%s", line.length ? " · " : "", key);
        if (text && !json_is_true(value)) text_add(&line, " %s", text);
        free(text);
    }
    html_entry(page, STRINGS.options, line.data);
    if (line.failed) page->failed = true;
    text_free(&line);
    json_decref(generator);
}

static void threshold_row(Text *page, const char *what, const char *where, const char *source)
{
    text_add(page, "<tr>");
    html_element(page, "th", " scope=\"row\"", what);
    html_element(page, "td", "", where);
    html_element(page, "td", "", source);
    text_add(page, "</tr>\n");
}

static void channel_thresholds(Text *page, const Channel *channel)
{
    SignalModel model = {0};
    char caption[96], what[160], where[160];
    signal_model(&model, &channel->series->acquisition, channel->series->contrast, &channel->references);
    channel_caption(caption, sizeof caption, channel);
    snprintf(what, sizeof what, STRINGS.signal_classes, caption);
    snprintf(where, sizeof where, STRINGS.threshold_value, model.raised_threshold, model.fluid_threshold);
    if (model.fluid_sensitive) threshold_row(page, what, where, STRINGS.signal_scale);
    for (int i = 0; i < model.notes.count; i++) threshold_row(page, what, model.notes.text[i], "");
    notes_free(&model.notes);
}

/* Those of this study's series first, then those that hold for all. */
static void thresholds_table(Text *page, const Analysis *analysis)
{
    html_element(page, "h3", "", STRINGS.thresholds);
    text_add(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    text_add_escaped(page, STRINGS.thresholds);
    text_add(page, "\"><table class=\"plain\"><thead><tr>");
    const char *headers[] = {STRINGS.measure, STRINGS.value, STRINGS.source};
    for (int i = 0; i < 3; i++) html_element(page, "th", " scope=\"col\"", headers[i]);
    text_add(page, "</tr></thead>\n<tbody>\n");
    for (int c = 0; c < analysis->prepared.n_channels; c++) channel_thresholds(page, &analysis->prepared.channel[c]);
    for (const ThresholdNote *note = threshold_notes; note->what; note++)
        threshold_row(page, note->what, note->where, note->source);
    text_add(page, "</tbody></table></div>\n");
}

void html_methods(Text *page, const Analysis *analysis, const Comparison *comparison)
{
    char line[256];
    html_element(page, "h2", " id=\"how\"", STRINGS.how);
    text_add(page, "<dl class=\"plain\">\n");
    html_entry(page, STRINGS.version, "teno " TENO_VERSION);
    char by[700];
    segmented_by(by, sizeof by, analysis);
    html_entry(page, STRINGS.outline_by, by);
    for (int i = 0; i < analysis->n_tendons; i++) {
        const TendonResult *result = &analysis->tendons[i];
        if (result->status != STATUS_MEASURED) continue;
        snprintf(line, sizeof line, "%s: %s, %s %.2f", result->spec->display_name,
                 segment_method_name(result->segmentation.method), STRINGS.confidence, result->segmentation.confidence);
        html_entry(page, STRINGS.method, line);
        html_entry(page, STRINGS.grade_criteria, result->measures.grade_criteria);
        html_entry(page, STRINGS.kuwada, result->measures.kuwada_criteria);
        snprintf(line, sizeof line, STRINGS.repeats_line, result->measures.n_repeats);
        if (result->measures.n_repeats > 0) html_entry(page, STRINGS.interval_header, line);
    }
    if (comparison && comparison->registration.reason[0]) {
        html_entry(page, STRINGS.alignment, comparison->registration.reason);
    } else if (comparison && comparison->comparable) {
        snprintf(line, sizeof line, STRINGS.alignment_line, comparison->registration.residual_mm);
        html_entry(page, STRINGS.alignment, line);
    }
    options_entry(page, &analysis->options);
    text_add(page, "</dl>\n");
    thresholds_table(page, analysis);
    html_element(page, "h2", "", STRINGS.cite);
    html_element(page, "p", "", STRINGS.cite_text);
}
