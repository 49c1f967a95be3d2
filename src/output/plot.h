/* Plots on paper: a frame with round ticks, curves, bands and marks. Works on any Cairo target. */
#ifndef TENO_OUTPUT_PLOT_H
#define TENO_OUTPUT_PLOT_H

#include "output/canvas.h"

/* Rectangle of the paper that shows [x0, x1] × [y0, y1] of the data; y grows upwards. */
typedef struct Plot {
    cairo_t *cr;
    double left, top, width, height;
    double x0, x1, y0, y1;
} Plot;

double plot_x(const Plot *plot, double x);
double plot_y(const Plot *plot, double y);
/* Round step (1, 2 or 5 × a power of ten) that gives about `wanted` ticks. */
double plot_step(double range, int wanted);
/* Without x_label there are no ticks on the horizontal axis. */
void plot_frame(const Plot *plot, const char *x_label, const char *y_label);
/* Only the horizontal axis: ticks and label under the frame. */
void plot_x_axis(const Plot *plot, const char *label);
/* Curve through the points; NaN breaks it. */
void plot_curve(const Plot *plot, const double *x, const double *y, int n, Colour colour, double line_width);
/* Band between low and high; points with NaN are left out. */
void plot_band(const Plot *plot, const double *x, const double *low, const double *high, int n, Colour colour,
               double alpha);
/* Dashed vertical line with its text on top. */
void plot_mark(const Plot *plot, double x, const char *text);

#endif
