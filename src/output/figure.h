/*
 * Figures: drawings that are kept as lines, text and images (a Cairo recording), drawn once and then shown on any
 * medium: PNG of any resolution, SVG, a PDF page. They are drawn with canvas.h like any canvas, in units of 1/127 inch,
 * so that 900 units are 180 mm, the width of a page with two columns.
 */
#ifndef TENO_OUTPUT_FIGURE_H
#define TENO_OUTPUT_FIGURE_H

#include "output/canvas.h"

enum { FIGURE_WIDTH_MM = 180, PAPER_DPI = 300 };

/* To draw on, filled with the colour; NULL with the error set. canvas_free closes it. */
cairo_t *figure_make(int width, int height, Colour background, Error *error);
/* Writes folder/name (PNG) with a pixel a unit. */
int figure_write_png(cairo_t *figure, const char *folder, const char *name, Error *error) TENO_CHECKED;
/* Writes folder/name (PNG) FIGURE_WIDTH_MM wide at so many dots an inch, which the file says, too. */
int figure_write_paper(cairo_t *figure, const char *folder, const char *name, int dpi, Error *error) TENO_CHECKED;
/* Appends the figure as SVG, FIGURE_WIDTH_MM wide. Glyphs are outlines, so that no font is needed to see it. */
int figure_add_svg(Text *out, cairo_t *figure, Error *error) TENO_CHECKED;

#endif
