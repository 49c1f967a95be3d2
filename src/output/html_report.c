/* report.html of one study: the answer on top, then what it rests on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output/answer.h"
#include "output/canvas.h"
#include "output/html.h"
#include "output/json_parts.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/panel.h"
#include "output/pictures.h"
#include "output/strings.h"
#include "teno/correction.h"

static void tendon_title(char *text, size_t size, const Analysis *analysis, const TendonResult *result)
{
    snprintf(text, size, "%s, %s", result->spec->display_name, STRINGS.side[result_side(analysis, result)]);
}

static void fact_cells(Text *page, const char *label, const char *value, const char *interval)
{
    html_element(page, "th", " scope=\"row\"", label);
    html_element(page, "td", " class=\"n\"", value);
    html_element(page, "td", " class=\"n\"", interval);
    text_add(page, "</tr>\n");
}

/* The row says which measure of report.json it shows. */
static void fact(Text *page, const char *name, const Quantity *quantity)
{
    char value[200], interval[80];
    if (!quantity->known) return;
    quantity_text(value, sizeof value, quantity);
    interval_text(interval, sizeof interval, quantity);
    text_add(page, "<tr data-measure=\"%s\">", name);
    fact_cells(page, measure_label(name), value, interval);
}

/* What a reader wants at once, a row each; the table below the pictures has all. */
static void facts(Text *page, const TendonResult *result)
{
    const TendonMeasures *measures = &result->measures;
    char range[96], confidence[32];
    text_add(page, "<table class=\"facts\"><thead><tr>");
    html_element(page, "th", " scope=\"col\"", STRINGS.measure);
    html_element(page, "th", " scope=\"col\" class=\"n\"", STRINGS.value);
    html_element(page, "th", " scope=\"col\" class=\"n\"", STRINGS.interval_header);
    text_add(page, "</tr></thead>\n<tbody>\n");
    if (measures->has_tear_measures && measures->n_tears > 0) {
        fact(page, "tear_volume_mm3", &measures->tear_volume_mm3);
        fact(page, "tear_max_involvement_percent", &measures->tear_max_involvement_percent);
        fact(page, "tear_length_mm", &measures->tear_length_mm);
        if (measures->grade == GRADE_COMPLETE) fact(page, "tear_gap_mm", &measures->tear_gap_mm);
    }
    fact(page, "tendon_volume_mm3", &measures->tendon_volume_mm3);
    fact(page, "max_area_mm2", &measures->max_area_mm2);
    range_text(range, sizeof range, measures->s_min_mm, measures->s_max_mm);
    text_add(page, "<tr>");
    fact_cells(page, STRINGS.assessed_range, range, "");
    snprintf(confidence, sizeof confidence, "%.2f", result->segmentation.confidence);
    text_add(page, "<tr>");
    fact_cells(page, STRINGS.confidence, confidence, "");
    text_add(page, "</tbody></table>\n");
}

/* The answer of one tendon with the picture that shows it best. */
static int answer(Text *page, const Analysis *analysis, const TendonResult *result, Error *error)
{
    char title[128], headline[160], line[ANSWER_SIZE], alt[400];
    bool measured = result->status == STATUS_MEASURED;
    cairo_t *picture = measured ? best_picture(analysis, result, error) : context_picture(analysis, result, error);
    if (!picture && error && error->code) return error->code;
    tendon_title(title, sizeof title, analysis, result);
    headline_text(headline, sizeof headline, result);
    answer_text(line, sizeof line, result);
    text_add(page, "<section class=\"answer %s%s\" data-tendon=\"%d\">\n<div class=\"say\">\n",
             status_name(result->status), picture ? " with-picture" : "", (int)(result - analysis->tendons));
    html_element(page, "h2", "", title);
    html_element(page, "p", " class=\"headline\"", headline);
    html_element(page, "p", " class=\"line\"", line);
    if (!measured) html_element(page, "p", " class=\"line\"", STRINGS.no_numbers);
    text_add(page, "</div>\n");
    snprintf(alt, sizeof alt, measured ? STRINGS.picture_alt : STRINGS.context_alt, title, headline);
    int code = html_answer_picture(page, picture, alt, error);
    text_add(page, "<div class=\"numbers\">\n");
    if (measured) facts(page, result);
    const Notes *notes[3] = {&result->warnings, &result->segmentation.warnings, &result->measures.warnings};
    html_warnings(page, notes, 3);
    text_add(page, "</div>\n</section>\n");
    return code;
}

static void measure_row(Text *page, const char *name, const Quantity *quantity)
{
    char value[200], interval[80], at[32] = "";
    quantity_text(value, sizeof value, quantity);
    interval_text(interval, sizeof interval, quantity);
    if (quantity->known && isfinite(quantity->at_s_mm)) snprintf(at, sizeof at, "%.1f", quantity->at_s_mm);
    text_add(page, "<tr data-measure=\"%s\">", name);
    html_element(page, "th", " scope=\"row\"", measure_label(name));
    html_element(page, "td", quantity->known ? " class=\"n\"" : "", value);
    html_element(page, "td", " class=\"n\"", interval);
    html_element(page, "td", " class=\"n\"", at);
    text_add(page, "</tr>\n");
}

/* Columns before n_numbers but the first hold numbers. */
static void table_begin(Text *page, const char *caption, const char *const *headers, int n, int n_numbers)
{
    text_add(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    text_add_escaped(page, caption);
    text_add(page, "\"><table><thead><tr>");
    for (int i = 0; i < n; i++)
        html_element(page, "th", i && i < n_numbers ? " scope=\"col\" class=\"n\"" : " scope=\"col\"", headers[i]);
    text_add(page, "</tr></thead>\n<tbody>\n");
}

static void measures_table(Text *page, const TendonResult *result)
{
    const char *headers[] = {STRINGS.measure, STRINGS.value, STRINGS.interval_header, STRINGS.at_s};
    table_begin(page, STRINGS.measurements, headers, 4, 4);
    for (int i = 0; i < quantity_field_count; i++) {
        const QuantityField *field = &quantity_fields[i];
        char name[64];
        snprintf(name, sizeof name, "%s%s", field->in_tear ? "tear_" : "", field->name);
        measure_row(page, name, quantity_of(&result->measures, field));
    }
    text_add(page, "</tbody></table></div>\n");
}

/* "anterior, medial" */
static void surface_list(char *text, size_t size, const Tear *tear)
{
    char names[64];
    surface_names(names, sizeof names, tear->surfaces);
    text[0] = 0;
    for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',')
        text_append(text, size, "%s%.*s", at > names ? ", " : "", (int)strcspn(at, ","), at);
}

static void tears_table(Text *page, const TendonMeasures *measures)
{
    const char *headers[] = {STRINGS.tear,
                             measure_label("tear_volume_mm3"),
                             measure_label("max_involvement_percent"),
                             measure_label("tear_length_mm"),
                             measure_label("gap_mm"),
                             measure_label("distal_s_mm"),
                             measure_label("proximal_s_mm"),
                             STRINGS.zone_header,
                             STRINGS.surface_header};
    if (measures->n_tears < 1) {
        html_element(page, "p", "", measures->has_tear_measures ? STRINGS.no_tears : STRINGS.tear_not_assessable);
        return;
    }
    table_begin(page, STRINGS.tears, headers, 9, 7);
    for (int i = 0; i < measures->n_tears; i++) {
        const Tear *tear = &measures->tears[i];
        const Quantity *values[] = {&tear->volume_mm3,  &tear->max_involvement_percent,
                                    &tear->length_mm,   &tear->gap_mm,
                                    &tear->distal_s_mm, &tear->proximal_s_mm};
        char text[240], surface[64];
        text_add(page, "<tr><th scope=\"row\">%d</th>", i + 1);
        for (int c = 0; c < 6; c++) {
            char interval[80];
            quantity_text(text, sizeof text, values[c]);
            interval_text(interval, sizeof interval, values[c]);
            text_add(page, "<td class=\"n\">");
            text_add_escaped(page, text);
            if (interval[0]) html_element(page, "small", "", interval);
            text_add(page, "</td>\n");
        }
        surface_list(surface, sizeof surface, tear);
        html_element(page, "td", "", tear->zone ? tear->zone : "–");
        html_element(page, "td", "", surface);
        text_add(page, "</tr>\n");
    }
    text_add(page, "</tbody></table></div>\n");
}

/* What this scan could have shown: known tears put into its own images. */
static void recovery_table(Text *page, const Recovery *recovery)
{
    const char *headers[] = {STRINGS.at_s, measure_label("tear_length_mm"), STRINGS.inserted, STRINGS.found_again};
    char text[64];
    html_element(page, "h3", "", STRINGS.recovery);
    html_element(page, "p", " class=\"note\"", recovery->n_trials > 0 ? STRINGS.recovery_note : recovery->reason);
    if (recovery->n_trials < 1) return;
    table_begin(page, STRINGS.recovery, headers, 4, 4);
    for (int i = 0; i < recovery->n_trials; i++) {
        const RecoveryTrial *trial = &recovery->trial[i];
        const double values[] = {trial->length_mm, trial->inserted_mm3, trial->found_mm3};
        snprintf(text, sizeof text, "%.1f", trial->s_mm);
        text_add(page, "<tr>");
        html_element(page, "th", " scope=\"row\"", text);
        for (int c = 0; c < 3; c++) {
            snprintf(text, sizeof text, "%.3g", values[c]);
            if (c == 2 && isfinite(values[c]))
                text_append(text, sizeof text, " (%.0f %%)", 100 * values[2] / values[1]);
            html_element(page, "td", " class=\"n\"", isfinite(values[c]) ? text : STRINGS.tendon_lost);
        }
        text_add(page, "</tr>\n");
    }
    text_add(page, "</tbody></table></div>\n");
}

/* Numbers of an earlier report beside those of a person's correction. */
static int correction_table(Text *page, const Analysis *analysis, Error *error)
{
    const char *headers[] = {STRINGS.measure, STRINGS.before, STRINGS.after, STRINGS.difference, STRINGS.percent};
    Correction correction;
    char text[1600];
    int code = correction_make(&correction, analysis, error);
    if (code) return code;
    html_element(page, "h2", "", STRINGS.correction);
    snprintf(text, sizeof text, STRINGS.correction_note, correction.before_by, correction.after_by);
    html_element(page, "p", " class=\"note\"", text);
    table_begin(page, STRINGS.correction, headers, 5, 5);
    for (int i = 0; i < correction.n_measures; i++) {
        const CorrectedMeasure *m = &correction.measures[i];
        double difference = m->after - m->before, percent = 100 * difference / m->before;
        const double values[] = {m->before, m->after, difference, m->before != 0 ? percent : (double)NAN};
        text_add(page, "<tr>");
        html_element(page, "th", " scope=\"row\"", measure_label(m->name));
        for (int c = 0; c < 4; c++) {
            snprintf(text, sizeof text, c < 2 ? "%.4g" : "%+.3g", values[c]);
            html_element(page, "td", " class=\"n\"", isfinite(values[c]) ? text : "–");
        }
        text_add(page, "</tr>\n");
    }
    text_add(page, "</tbody></table></div>\n");
    correction_free(&correction);
    return TENO_OK;
}

/* Nothing when no slice shows the tendon: it is thinner than half a voxel everywhere. */
static int slices_viewer(Text *page, const Analysis *analysis, const TendonResult *result, const char *id, Error *error)
{
    Region region;
    if (analysis->prepared.n_channels < 1 ||
        !region_of_tendon(&region, result, &analysis->prepared.channel[0].vol.grid, 0))
        return TENO_OK;
    html_element(page, "h3", " class=\"screen\"", STRINGS.viewer);
    if (fluid_channel(analysis) > 0) html_element(page, "p", " class=\"note screen\"", STRINGS.viewer_note);
    json_t *viewer = viewer_of_slices(analysis, result, error);
    if (!viewer) return TENO_FAILED;
    text_add(page, "<div class=\"viewer\" data-source=\"%s\"></div>\n", id);
    html_data(page, id, viewer);
    return TENO_OK;
}

/* Viewer, straightened tendon, profile and tables of one measured tendon. */
static int details(Text *page, const Analysis *analysis, int tendon, Error *error)
{
    const TendonResult *result = &analysis->tendons[tendon];
    char title[128], heading[160], id[NAME_SIZE + 16];
    tendon_title(title, sizeof title, analysis, result);
    snprintf(heading, sizeof heading, STRINGS.in_detail, title);
    text_add(page, "<section data-tendon=\"%d\">\n", tendon);
    html_element(page, "h2", "", heading);
    snprintf(id, sizeof id, "viewer-%d", tendon);
    int shown = slices_viewer(page, analysis, result, id, error);
    if (shown) return shown;
    int code = html_figure(page, straightened_picture(analysis, result, error), STRINGS.straightened,
                           STRINGS.straightened_note, title, error);
    if (code == TENO_OK)
        code = html_figure(page, map_picture(analysis, result, error), STRINGS.map_title, STRINGS.analysis_map_note,
                           title, error);
    if (code) return code;
    html_element(page, "h3", "", STRINGS.profile);
    html_element(page, "p", " class=\"note\"", STRINGS.profile_note);
    if (result->measures.n_profile > 1) {
        snprintf(id, sizeof id, "plot-%d", tendon);
        text_add(page, "<div class=\"plot\" data-source=\"%s\"></div>\n", id);
        html_data(page, id, plot_of_result(result));
    }
    html_element(page, "h3", "", STRINGS.tears);
    tears_table(page, &result->measures);
    if (result->recovery.wanted) recovery_table(page, &result->recovery);
    html_element(page, "h3", "", STRINGS.measurements);
    measures_table(page, result);
    text_add(page, "</section>\n");
    return TENO_OK;
}

int write_report_html(const Analysis *analysis, const char *folder, Error *error)
{
    Text page = {0};
    int code = TENO_OK;
    html_begin(&page, STRINGS.page_title);
    text_add(&page, "<header>\n");
    html_element(&page, "h1", "", STRINGS.page_title);
    html_study(&page, analysis, NULL);
    text_add(&page, "</header>\n<main id=\"results\">\n");
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++)
        code = answer(&page, analysis, &analysis->tendons[i], error);
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++)
        if (analysis->tendons[i].status == STATUS_MEASURED) code = details(&page, analysis, i, error);
    if (code == TENO_OK && analysis->options.against_path) code = correction_table(&page, analysis, error);
    html_element(&page, "h2", "", STRINGS.series);
    html_series_table(&page, analysis, STRINGS.series_note);
    html_methods(&page, analysis, NULL);
    html_end(&page);
    if (code == TENO_OK) code = text_write(&page, folder, "report.html", error);
    text_free(&page);
    return code;
}
