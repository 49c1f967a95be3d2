/* Data of the page's profile plots (html/plot.js). */
#include <stdio.h>

#include "output/html.h"
#include "output/json_parts.h"
#include "output/pictures.h"
#include "output/strings.h"

typedef enum Column { COLUMN_AREA, COLUMN_TEAR } Column;

/* Appends the rows of a profile as a curve; `shift` moves s so that row i belongs to s[i] of the plot. */
static json_t *curve(const char *name, const TendonMeasures *measures, Column column)
{
    json_t *block = json_object(), *y = json_array(), *low = json_array(), *high = json_array();
    for (int i = 0; i < measures->n_profile; i++) {
        const ProfileRow *row = &measures->profile[i];
        bool tear = column == COLUMN_TEAR;
        json_array_append_new(y, json_number(tear ? row->tear_area_mm2 : row->area_mm2));
        json_array_append_new(low, json_number(tear ? row->tear_low_mm2 : row->area_low_mm2));
        json_array_append_new(high, json_number(tear ? row->tear_high_mm2 : row->area_high_mm2));
    }
    json_put(block, "name", json_text(name));
    json_put(block, "y", y);
    json_put(block, "low", low);
    json_put(block, "high", high);
    return block;
}

static void add_mark(json_t *marks, double s_mm, const char *text)
{
    json_t *mark = json_object();
    json_put(mark, "s", json_number(s_mm));
    json_put(mark, "text", json_text(text));
    if (json_is_null(json_object_get(mark, "s")))
        json_decref(mark);
    else
        json_array_append_new(marks, mark);
}

static json_t *zones(const TendonSpec *spec, Origin origin)
{
    static const double edges[] = {0, 20, 60, 1000};
    json_t *list = json_array();
    for (int z = 0; z < 3 && spec->has_zones && origin == ORIGIN_INSERTION; z++) {
        json_t *zone = json_object();
        json_put(zone, "from", json_number(edges[z]));
        json_put(zone, "to", json_number(edges[z + 1]));
        json_put(zone, "text", json_text(STRINGS.zone[z]));
        json_array_append_new(list, zone);
    }
    return list;
}

/* Everything but the curves and marks. */
static json_t *frame_of_plot(const TendonSpec *spec, const TendonMeasures *measures, Origin origin)
{
    char label[128];
    json_t *plot = json_object(), *s = json_array();
    for (int i = 0; i < measures->n_profile; i++) json_array_append_new(s, json_number(measures->profile[i].s_mm));
    snprintf(label, sizeof label, STRINGS.s_axis, origin_text(origin));
    json_put(plot, "title", json_text(spec->display_name));
    json_put(plot, "x_label", json_text(label));
    json_put(plot, "unit", json_text("mm²"));
    json_put(plot, "s", s);
    json_put(plot, "zones", zones(spec, origin));
    return plot;
}

json_t *plot_of_result(const TendonResult *result)
{
    Origin origin = result->segmentation.origin;
    json_t *plot = frame_of_plot(result->spec, &result->measures, origin), *curves = json_array(),
           *marks = json_array();
    json_array_append_new(curves, curve(STRINGS.area, &result->measures, COLUMN_AREA));
    if (result->measures.has_tear_measures)
        json_array_append_new(curves, curve(STRINGS.tear_area, &result->measures, COLUMN_TEAR));
    add_mark(marks, 0, origin_text(origin));
    add_mark(marks, result->segmentation.muscle_junction_s_mm, STRINGS.muscle_junction);
    json_put(plot, "y_label", json_text(STRINGS.area_axis));
    json_put(plot, "curves", curves);
    json_put(plot, "marks", marks);
    return plot;
}

json_t *plot_of_change(const TendonChange *change, Origin origin, bool of_tear)
{
    json_t *plot = frame_of_plot(change->spec, &change->pre, origin), *curves = json_array(), *marks = json_array();
    const char *what = of_tear ? STRINGS.tear_area : STRINGS.area;
    const TendonMeasures *dates[2] = {&change->pre, &change->post};
    const char *when[2] = {STRINGS.before, STRINGS.after};
    for (int d = 0; d < 2; d++) {
        char name[96];
        snprintf(name, sizeof name, "%s, %s", what, when[d]);
        json_array_append_new(curves, curve(name, dates[d], of_tear ? COLUMN_TEAR : COLUMN_AREA));
    }
    add_mark(marks, 0, origin_text(origin));
    json_put(plot, "y_label", json_text(of_tear ? STRINGS.tear_axis : STRINGS.area_axis));
    json_put(plot, "curves", curves);
    json_put(plot, "marks", marks);
    return plot;
}
