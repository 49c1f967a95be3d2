#include "output/plot.h"

#include <math.h>
#include <stdio.h>

static const double tick_px = 4, text_px = 12;

double plot_x(const Plot *plot, double x)
{
    return plot->left + (x - plot->x0) / (plot->x1 - plot->x0) * plot->width;
}

double plot_y(const Plot *plot, double y)
{
    return plot->top + plot->height - (y - plot->y0) / (plot->y1 - plot->y0) * plot->height;
}

double plot_step(double range, int wanted)
{
    double raw = range / wanted, power = pow(10, floor(log10(raw))), digit = raw / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

static void line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

void plot_x_axis(const Plot *plot, const char *label)
{
    cairo_t *cr = plot->cr;
    double bottom = plot->top + plot->height, step = plot_step(plot->x1 - plot->x0, 10);
    cairo_set_line_width(cr, 1);
    for (double x = ceil(plot->x0 / step) * step; x <= plot->x1 + 1e-9; x += step) {
        char text[24];
        snprintf(text, sizeof text, "%g", fabs(x) < step * 1e-6 ? 0 : x);
        draw_colour(cr, COLOUR_INK, 1);
        line(cr, plot_x(plot, x), bottom, plot_x(plot, x), bottom + tick_px);
        draw_text(cr, plot_x(plot, x), bottom + tick_px + text_px * 0.8, text_px, ALIGN_CENTRE, text);
    }
    draw_text(cr, plot->left + plot->width / 2, bottom + tick_px + text_px * 2.3, text_px, ALIGN_CENTRE, label);
}

static void draw_turned(cairo_t *cr, double x, double y, const char *text)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, -1.5707963267948966);
    draw_text(cr, 0, 0, text_px, ALIGN_CENTRE, text);
    cairo_restore(cr);
}

void plot_frame(const Plot *plot, const char *x_label, const char *y_label)
{
    cairo_t *cr = plot->cr;
    double step = plot_step(plot->y1 - plot->y0, 6), widest = 0;
    for (double y = ceil(plot->y0 / step) * step; y <= plot->y1 + 1e-9; y += step) {
        char text[24];
        snprintf(text, sizeof text, "%g", fabs(y) < step * 1e-6 ? 0 : y);
        cairo_set_line_width(cr, 0.7);
        draw_colour(cr, COLOUR_FAINT, 0.35);
        line(cr, plot->left, plot_y(plot, y), plot->left + plot->width, plot_y(plot, y));
        draw_colour(cr, COLOUR_INK, 1);
        widest = fmax(widest, draw_text(cr, plot->left - 6, plot_y(plot, y), text_px, ALIGN_RIGHT, text));
    }
    if (x_label) plot_x_axis(plot, x_label);
    draw_turned(cr, plot->left - widest - 16, plot->top + plot->height / 2, y_label);
    cairo_rectangle(cr, plot->left, plot->top, plot->width, plot->height);
    cairo_set_line_width(cr, 1);
    draw_colour(cr, COLOUR_INK, 1);
    cairo_stroke(cr);
}

void plot_curve(const Plot *plot, const double *x, const double *y, int n, Colour colour, double line_width)
{
    cairo_new_path(plot->cr);
    for (int i = 0; i < n; i++) {
        if (!isfinite(y[i]))
            cairo_new_sub_path(plot->cr);
        else
            cairo_line_to(plot->cr, plot_x(plot, x[i]), plot_y(plot, y[i]));
    }
    draw_colour(plot->cr, colour, 1);
    cairo_set_line_width(plot->cr, line_width);
    cairo_set_line_join(plot->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(plot->cr);
}

void plot_band(const Plot *plot, const double *x, const double *low, const double *high, int n, Colour colour,
               double alpha)
{
    cairo_new_path(plot->cr);
    for (int i = 0; i < n; i++)
        if (isfinite(low[i]) && isfinite(high[i])) cairo_line_to(plot->cr, plot_x(plot, x[i]), plot_y(plot, high[i]));
    for (int i = n - 1; i >= 0; i--)
        if (isfinite(low[i]) && isfinite(high[i])) cairo_line_to(plot->cr, plot_x(plot, x[i]), plot_y(plot, low[i]));
    draw_colour(plot->cr, colour, alpha);
    cairo_fill(plot->cr);
}

void plot_mark(const Plot *plot, double x, const char *text)
{
    static const double dashes[] = {4, 3};
    if (!(x >= plot->x0 && x <= plot->x1)) return;
    draw_colour(plot->cr, COLOUR_FAINT, 1);
    cairo_set_line_width(plot->cr, 1);
    cairo_set_dash(plot->cr, dashes, 2, 0);
    line(plot->cr, plot_x(plot, x), plot->top, plot_x(plot, x), plot->top + plot->height);
    cairo_set_dash(plot->cr, NULL, 0, 0);
    double half = text_width(plot->cr, 11, text) / 2, at = plot_x(plot, x);
    at = fmin(fmax(at, plot->left + half), plot->left + plot->width - half);
    draw_colour(plot->cr, COLOUR_INK, 1);
    draw_text(plot->cr, at, plot->top - 9, 11, ALIGN_CENTRE, text);
}
