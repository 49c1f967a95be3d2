/* report.html of two dates: what changed and whether it is more than the measurement's own error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output/answer.h"
#include "output/canvas.h"
#include "output/compare_pictures.h"
#include "output/html.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/strings.h"

static void change_title(char *text, size_t size, const TendonChange *change)
{
    snprintf(text, size, "%s, %s", change->spec->display_name, STRINGS.side[change->side]);
}

/* The changes that stand beside the answer; the table below has all. */
static bool is_on_top(const Change *change)
{
    static const char *const names[] = {"tendon_volume_mm3", "tear_volume_mm3", "tear_length_mm",
                                        "tear_max_involvement_percent", "tear_gap_mm"};
    if (change->verdict == VERDICT_UNKNOWN || (change->pre.value == 0 && change->post.value == 0)) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(change->name, names[i]) == 0) return true;
    return false;
}

/* A row: "1009 → 450 mm³" over "−559 mm³ (−55 %), limit ±96.3", and the verdict. */
static void fact(Text *page, const Change *change)
{
    char text[200], value[48], limit[48];
    const char *unit = unit_text(change->pre.unit);
    text_add(page, "<tr data-measure=\"%s\">", change->name);
    html_element(page, "th", " scope=\"row\"", measure_label(change->name));
    number_text(text, sizeof text, change->pre.value);
    number_text(value, sizeof value, change->post.value);
    text_append(text, sizeof text, " → %s %s", value, unit);
    text_add(page, "<td class=\"n\">");
    text_add_escaped(page, text);
    difference_text(value, sizeof value, change->difference);
    if (isfinite(change->percent)) append_percent(value, sizeof value, change->percent);
    number_text(limit, sizeof limit, change->limit);
    snprintf(text, sizeof text, STRINGS.change_and_limit, value, limit);
    html_element(page, "small", "", text);
    text_add(page, "</td>\n");
    html_element(page, "td", change->verdict == VERDICT_NO_DETECTABLE_CHANGE ? "" : " class=\"changed\"",
                 STRINGS.verdict[change->verdict]);
    text_add(page, "</tr>\n");
}

static void facts(Text *page, const TendonChange *tendon)
{
    char range[96];
    text_add(page, "<table class=\"facts\"><thead><tr>");
    html_element(page, "th", " scope=\"col\"", STRINGS.measure);
    html_element(page, "th", " scope=\"col\" class=\"n\"", STRINGS.before_after);
    html_element(page, "th", " scope=\"col\"", STRINGS.verdict_header);
    text_add(page, "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < tendon->n_changes; i++)
        if (is_on_top(&tendon->changes[i])) fact(page, &tendon->changes[i]);
    text_add(page, "</tbody></table>\n<p class=\"note\">");
    range_text(range, sizeof range, tendon->common_min_mm, tendon->common_max_mm);
    text_add_escaped(page, STRINGS.common_range);
    text_add(page, " ");
    text_add_escaped(page, range);
    text_add(page, "</p>\n");
}

static int answer(Text *page, const Comparison *comparison, int tendon, Error *error)
{
    const TendonChange *change = &comparison->tendons[tendon];
    bool comparable = comparison->comparable && change->comparable;
    char title[128], headline[160], line[ANSWER_SIZE], alt[400];
    cairo_t *picture = comparable ? best_pair_picture(comparison, tendon, error) : NULL;
    if (comparable && !picture) return TENO_FAILED;
    change_title(title, sizeof title, change);
    comparison_headline(headline, sizeof headline, change);
    text_add(page, "<section class=\"answer %s%s\" data-tendon=\"%d\">\n<div class=\"say\">\n",
             comparable ? "measured" : "not_comparable", picture ? " with-picture" : "", tendon);
    html_element(page, "h2", "", title);
    html_element(page, "p", " class=\"headline\"", headline);
    if (!comparable) html_element(page, "p", " class=\"line\"", change->reason);
    if (comparable && change->n_changes > 0) {
        change_text(line, sizeof line, leading_change(change));
        html_element(page, "p", " class=\"line\"", line);
    }
    text_add(page, "</div>\n");
    snprintf(alt, sizeof alt, STRINGS.picture_alt, title, headline);
    int code = html_answer_picture(page, picture, alt, error);
    text_add(page, "<div class=\"numbers\">\n");
    if (comparable) facts(page, change);
    const Notes *notes = &change->warnings;
    html_warnings(page, &notes, 1);
    text_add(page, "</div>\n</section>\n");
    return code;
}

typedef void (*NumberText)(char *text, size_t size, double value);

static void cell(Text *page, NumberText number, double value, const char *unit)
{
    char text[48];
    number(text, sizeof text, value);
    if (*unit) text_append(text, sizeof text, " %s", unit);
    html_element(page, "td", " class=\"n\"", isfinite(value) ? text : "–");
}

/* Where the limits of a table come from, each said once below it and named by a letter. */
enum { MOST_SOURCES = 16 };
typedef struct Sources {
    const char *text[MOST_SOURCES];
    int n;
} Sources;

/* 1 …; 0 when there is nothing to say. */
static int source_number(Sources *sources, const char *text)
{
    if (!text) return 0;
    int i = 0;
    while (i < sources->n && strcmp(sources->text[i], text) != 0) i++;
    if (i == sources->n && i < MOST_SOURCES) sources->text[sources->n++] = text;
    return i < MOST_SOURCES ? i + 1 : 0;
}

static void limit_cell(Text *page, const Change *change, const char *unit, Sources *sources)
{
    char text[64];
    int number = isfinite(change->limit) ? source_number(sources, change->limit_source) : 0;
    number_text(text, sizeof text, change->limit);
    if (isfinite(change->limit) && *unit) text_append(text, sizeof text, " %s", unit);
    text_add(page, "<td class=\"n\">");
    text_add_escaped(page, text);
    if (number) text_add(page, "<sup>%c</sup>", 'a' + number - 1);
    text_add(page, "</td>\n");
}

static void change_row(Text *page, const char *label, const char *state, const Change *change, Sources *sources)
{
    const char *unit = unit_text(change->pre.unit);
    bool known = change->verdict != VERDICT_UNKNOWN;
    char text[240], low[32], high[32];
    if (state)
        text_add(page, "<tr>");
    else
        text_add(page, "<tr data-measure=\"%s\">", change->name);
    html_element(page, "th", " scope=\"row\"", label);
    const Quantity *dates[2] = {&change->pre, &change->post};
    for (int d = 0; d < 2; d++) {
        quantity_text(text, sizeof text, dates[d]);
        html_element(page, "td", dates[d]->known ? " class=\"n\"" : "", text);
    }
    cell(page, difference_text, known ? change->difference : (double)NAN, unit);
    cell(page, difference_text, known ? change->percent : (double)NAN, "%");
    number_text(low, sizeof low, change->low);
    number_text(high, sizeof high, change->high);
    snprintf(text, sizeof text, STRINGS.interval, low, high);
    html_element(page, "td", " class=\"n\"", known && isfinite(change->low) ? text : "–");
    limit_cell(page, change, unit, sources);
    html_element(page, "td", "", state ? state : known ? STRINGS.verdict[change->verdict] : change->reason);
    text_add(page, "</tr>\n");
}

static void sources_list(Text *page, const Sources *sources)
{
    for (int i = 0; i < sources->n; i++) {
        text_add(page, "<p class=\"note\"><sup>%c</sup> ", 'a' + i);
        text_add_escaped(page, STRINGS.limit_source);
        text_add(page, ": ");
        text_add_escaped(page, sources->text[i]);
        text_add(page, "</p>\n");
    }
}

static void changes_table(Text *page, const TendonChange *change)
{
    const char *headers[] = {STRINGS.measure, STRINGS.before,          STRINGS.after, STRINGS.difference,
                             STRINGS.percent, STRINGS.interval_header, STRINGS.limit, STRINGS.verdict_header};
    Sources sources = {0};
    text_add(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    text_add_escaped(page, STRINGS.changes);
    text_add(page, "\"><table><thead><tr>");
    for (int i = 0; i < 8; i++)
        html_element(page, "th", i && i < 7 ? " scope=\"col\" class=\"n\"" : " scope=\"col\"", headers[i]);
    text_add(page, "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < change->n_changes; i++)
        change_row(page, measure_label(change->changes[i].name), NULL, &change->changes[i], &sources);
    for (int i = 0; i < change->n_tears; i++) {
        char label[96];
        snprintf(label, sizeof label, STRINGS.tear_number, i + 1, measure_label("tear_volume_mm3"));
        change_row(page, label, STRINGS.tear_state[change->tears[i].state], &change->tears[i].volume, &sources);
    }
    text_add(page, "</tbody></table></div>\n");
    sources_list(page, &sources);
}

static void plots(Text *page, const TendonChange *change, int tendon, Origin origin)
{
    char id[48];
    bool has_tear = change->pre.has_tear_measures && change->post.has_tear_measures;
    if (change->pre.n_profile < 2 || change->post.n_profile < 2) return;
    html_element(page, "h3", "", STRINGS.profile);
    for (int of_tear = 0; of_tear <= has_tear; of_tear++) {
        snprintf(id, sizeof id, "plot-%d-%d", tendon, of_tear);
        text_add(page, "<div class=\"plot\" data-source=\"%s\"></div>\n", id);
        html_data(page, id, plot_of_change(change, origin, of_tear));
    }
}

static int details(Text *page, const Comparison *comparison, int tendon, Error *error)
{
    const TendonChange *change = &comparison->tendons[tendon];
    const TendonResult *before = change_result(comparison, tendon, 0);
    char title[128], heading[160], id[48];
    change_title(title, sizeof title, change);
    snprintf(heading, sizeof heading, STRINGS.in_detail, title);
    text_add(page, "<section data-tendon=\"%d\">\n", tendon);
    html_element(page, "h2", "", heading);
    html_element(page, "h3", "", STRINGS.changes);
    changes_table(page, change);
    html_element(page, "h3", " class=\"screen\"", STRINGS.viewer);
    html_element(page, "p", " class=\"note screen\"", STRINGS.compare_viewer_note);
    json_t *viewer = viewer_of_sections(comparison, tendon, error);
    if (!viewer) return TENO_FAILED;
    snprintf(id, sizeof id, "viewer-%d", tendon);
    text_add(page, "<div class=\"viewer\" data-source=\"%s\"></div>\n", id);
    html_data(page, id, viewer);
    if (before) plots(page, change, tendon, before->segmentation.origin);
    int code = html_figure(page, change_straightened_picture(comparison, tendon, error), STRINGS.straightened,
                           STRINGS.torn_share_note, title, error);
    if (code == TENO_OK)
        code = html_figure(page, change_map_picture(comparison, tendon, error), STRINGS.map_title, STRINGS.map_note,
                           title, error);
    text_add(page, "</section>\n");
    return code;
}

int write_compare_html(const Comparison *comparison, const char *folder, Error *error)
{
    Text page = {0};
    int code = TENO_OK;
    html_begin(&page, STRINGS.compare_title);
    text_add(&page, "<header>\n");
    html_element(&page, "h1", "", STRINGS.compare_title);
    html_study(&page, comparison->pre, STRINGS.before);
    html_study(&page, comparison->post, STRINGS.after);
    text_add(&page, "</header>\n<main id=\"results\">\n");
    if (comparison->options.therapy && comparison->options.therapy[0]) {
        text_add(&page, "<dl class=\"plain\">");
        html_entry(&page, STRINGS.therapy, comparison->options.therapy);
        text_add(&page, "</dl>\n");
    }
    if (!comparison->comparable && comparison->n_tendons == 0) { /* else each tendon says so */
        text_add(&page, "<section class=\"answer not_comparable\"><div>\n");
        html_element(&page, "h2", "", STRINGS.not_comparable);
        html_element(&page, "p", " class=\"line\"", comparison->reason);
        text_add(&page, "</div></section>\n");
    }
    for (int i = 0; i < comparison->n_tendons && code == TENO_OK; i++) code = answer(&page, comparison, i, error);
    const Notes *notes = &comparison->warnings;
    html_warnings(&page, &notes, 1);
    for (int i = 0; i < comparison->n_tendons && code == TENO_OK; i++)
        if (comparison->comparable && comparison->tendons[i].comparable) code = details(&page, comparison, i, error);
    html_element(&page, "h2", "", STRINGS.series);
    html_series_table(&page, comparison->pre, STRINGS.before);
    html_series_table(&page, comparison->post, STRINGS.after);
    html_methods(&page, comparison->pre, comparison);
    html_end(&page);
    if (code == TENO_OK) code = text_write(&page, folder, "report.html", error);
    text_free(&page);
    return code;
}
