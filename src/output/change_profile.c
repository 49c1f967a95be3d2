/* overlays/NAME_profile.png of a comparison: cross-section and torn part of both dates over each other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/compare_pictures.h"
#include "output/figure.h"
#include "output/pictures.h"
#include "output/plot.h"
#include "output/strings.h"

/* One column of a profile as an array of the caller's. */
typedef double (*Column)(const ProfileRow *row);

static double area(const ProfileRow *row)
{
    return row->area_mm2;
}

static double area_low(const ProfileRow *row)
{
    return row->area_low_mm2;
}

static double area_high(const ProfileRow *row)
{
    return row->area_high_mm2;
}

static double tear(const ProfileRow *row)
{
    return row->tear_area_mm2;
}

static double tear_low(const ProfileRow *row)
{
    return row->tear_low_mm2;
}

static double tear_high(const ProfileRow *row)
{
    return row->tear_high_mm2;
}

static double top_of(const TendonMeasures *measures, Column value, Column high)
{
    double top = 0;
    for (int i = 0; i < measures->n_profile; i++)
        top = fmax(top, fmax(value(&measures->profile[i]), high(&measures->profile[i])));
    return top;
}

static void draw_date(const Plot *plot, const TendonMeasures *measures, const Column columns[3], Colour colour)
{
    int n = measures->n_profile;
    double *block = calloc((size_t)n * 4 + 1, sizeof *block);
    if (!block) return;
    for (int i = 0; i < n; i++) {
        block[i] = measures->profile[i].s_mm;
        for (int c = 0; c < 3; c++) block[(c + 1) * n + i] = columns[c](&measures->profile[i]);
    }
    plot_band(plot, block, block + 2 * n, block + 3 * n, n, colour, 0.2);
    plot_curve(plot, block, block + n, n, colour, 2);
    free(block);
}

static void draw_key(cairo_t *cr, double x, double y, Colour colour, const char *text)
{
    cairo_rectangle(cr, x, y - 4, 18, 8);
    draw_colour(cr, colour, 1);
    cairo_fill(cr);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, x + 24, y, 12, ALIGN_LEFT, text);
}

static void draw_plot(cairo_t *cr, const TendonChange *change, Origin origin, double y, double height,
                      const Column columns[3], const char *label)
{
    char x_label[128];
    double top = fmax(top_of(&change->pre, columns[0], columns[2]), top_of(&change->post, columns[0], columns[2]));
    Plot plot = {cr, 66, y, 816, height, change->common_min_mm, change->common_max_mm, 0, fmax(top, 1) * 1.12};
    snprintf(x_label, sizeof x_label, STRINGS.s_axis, origin_text(origin));
    plot_frame(&plot, x_label, label);
    draw_date(&plot, &change->pre, columns, COLOUR_PRE);
    draw_date(&plot, &change->post, columns, COLOUR_POST);
    plot_mark(&plot, 0, origin_text(origin));
}

cairo_t *change_profile_picture(const Comparison *comparison, int tendon, Error *error)
{
    enum { WIDTH = 900, HEIGHT = 680 };
    const TendonChange *change = &comparison->tendons[tendon];
    const TendonResult *result = change_result(comparison, tendon, 0);
    if (!result || change->pre.n_profile < 2 || change->post.n_profile < 2) return NULL;
    cairo_t *cr = figure_make(WIDTH, HEIGHT, COLOUR_PAPER, error);
    if (!cr) return NULL;
    const Column areas[3] = {area, area_low, area_high}, tears[3] = {tear, tear_low, tear_high};
    char title[160];
    snprintf(title, sizeof title, STRINGS.profile_title, change->spec->display_name, STRINGS.side[change->side]);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, 12, 16, 15, ALIGN_LEFT, title);
    draw_key(cr, 70, 40, COLOUR_PRE, STRINGS.before);
    draw_key(cr, 190, 40, COLOUR_POST, STRINGS.after);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, WIDTH - 12, 16, 11, ALIGN_RIGHT, STRINGS.research_use);
    draw_plot(cr, change, result->segmentation.origin, 74, 240, areas, STRINGS.area_axis);
    if (change->pre.has_tear_measures && change->post.has_tear_measures)
        draw_plot(cr, change, result->segmentation.origin, 386, 240, tears, STRINGS.tear_axis);
    return cr;
}
