/* The tendon's cross-section and its torn part along s. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/figure.h"
#include "output/names.h"
#include "output/pictures.h"
#include "output/plot.h"
#include "output/strings.h"
#include "teno/memory.h"

/* Columns of the profile as arrays, for drawing. */
typedef struct Columns {
    double *s, *area, *area_low, *area_high, *tear, *tear_low, *tear_high; /* [n]; one block, owned by s */
    int n;
} Columns;

static bool columns_make(Columns *out, const TendonMeasures *measures)
{
    int n = measures->n_profile;
    double *block = calloc((size_t)n * 7 + 1, sizeof *block);
    if (!block) return false;
    *out = (Columns){block, block + n, block + 2 * n, block + 3 * n, block + 4 * n, block + 5 * n, block + 6 * n, n};
    for (int i = 0; i < n; i++) {
        const ProfileRow *row = &measures->profile[i];
        out->s[i] = row->s_mm;
        out->area[i] = row->area_mm2;
        out->area_low[i] = row->area_low_mm2, out->area_high[i] = row->area_high_mm2;
        out->tear[i] = row->tear_area_mm2;
        out->tear_low[i] = row->tear_low_mm2, out->tear_high[i] = row->tear_high_mm2;
    }
    return true;
}

static double highest(const Columns *columns)
{
    double top = 1;
    for (int i = 0; i < columns->n; i++) top = fmax(top, fmax(columns->area[i], columns->area_high[i]));
    return top;
}

const char *origin_text(Origin origin)
{
    const char *const texts[] = {STRINGS.insertion, STRINGS.malleolus, STRINGS.joint_line, STRINGS.image_edge};
    return texts[origin];
}

/* Zones of measures.md, Achilles only: 0–20, 20–60, above 60 mm. */
static void draw_zones(const Plot *plot, const TendonResult *result)
{
    static const double edges[] = {0, 20, 60, 1e9};
    if (!result->spec->has_zones || result->segmentation.origin != ORIGIN_INSERTION) return;
    for (int z = 0; z < 3; z++) {
        double from = fmax(edges[z], plot->x0), to = fmin(edges[z + 1], plot->x1);
        if (to - from < 1) continue;
        double left = plot_x(plot, from), right = plot_x(plot, to);
        cairo_rectangle(plot->cr, left, plot->top, right - left, plot->height);
        draw_colour(plot->cr, COLOUR_FAINT, z == 1 ? 0.10 : 0.04);
        cairo_fill(plot->cr);
        if (right - left < text_width(plot->cr, 11, STRINGS.zone[z]) + 8) continue;
        draw_colour(plot->cr, COLOUR_FAINT, 1);
        draw_text(plot->cr, (left + right) / 2, plot->top + 12, 11, ALIGN_CENTRE, STRINGS.zone[z]);
    }
}

static void draw_key(cairo_t *cr, double x, double y, Colour colour, const char *text)
{
    cairo_rectangle(cr, x, y - 5, 18, 10);
    draw_colour(cr, colour, 0.25);
    cairo_fill(cr);
    draw_colour(cr, colour, 1);
    cairo_set_line_width(cr, 2);
    cairo_move_to(cr, x, y);
    cairo_line_to(cr, x + 18, y);
    cairo_stroke(cr);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, x + 24, y, 12, ALIGN_LEFT, text);
}

void profile_draw(cairo_t *cr, const TendonResult *result, double x, double y, double w, double h)
{
    const TendonMeasures *measures = &result->measures;
    Columns c;
    char label[128];
    if (measures->n_profile < 2 || !columns_make(&c, measures)) return;
    Plot plot = {cr, x + 66, y + 46, w - 84, h - 94, c.s[0], c.s[c.n - 1], 0, highest(&c) * 1.12};
    draw_zones(&plot, result);
    snprintf(label, sizeof label, STRINGS.s_axis, origin_text(result->segmentation.origin));
    plot_frame(&plot, label, STRINGS.area_axis);
    plot_band(&plot, c.s, c.area_low, c.area_high, c.n, COLOUR_PRE, 0.22);
    plot_curve(&plot, c.s, c.area, c.n, COLOUR_PRE, 2);
    if (measures->has_tear_measures) {
        plot_band(&plot, c.s, c.tear_low, c.tear_high, c.n, COLOUR_POST, 0.25);
        plot_curve(&plot, c.s, c.tear, c.n, COLOUR_POST, 2);
    }
    plot_mark(&plot, 0, origin_text(result->segmentation.origin));
    plot_mark(&plot, result->segmentation.muscle_junction_s_mm, STRINGS.muscle_junction);
    draw_key(cr, x + 70, y + 14, COLOUR_PRE, STRINGS.area);
    if (measures->has_tear_measures) draw_key(cr, x + 220, y + 14, COLOUR_POST, STRINGS.tear_area);
    free(c.s);
}

cairo_t *profile_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    enum { WIDTH = 900, HEIGHT = 430 };
    char title[160];
    if (result->measures.n_profile < 2) return NULL;
    cairo_t *cr = figure_make(WIDTH, HEIGHT, COLOUR_PAPER, error);
    if (!cr) return NULL;
    profile_draw(cr, result, 0, 26, WIDTH, HEIGHT - 26);
    snprintf(title, sizeof title, STRINGS.profile_title, result->spec->display_name,
             STRINGS.side[result_side(analysis, result)]);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, 12, 16, 15, ALIGN_LEFT, title);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, WIDTH - 12, 16, 11, ALIGN_RIGHT, STRINGS.research_use);
    return cr;
}
