/* Drawing with Cairo: colours, text and the marks that every picture shares. */
#ifndef TENO_OUTPUT_CANVAS_H
#define TENO_OUTPUT_CANVAS_H

#include <cairo.h>
#include <stdint.h>

#include "output/contour.h"
#include "output/text.h"
#include "output/view.h"

typedef struct Colour {
    double r, g, b;
} Colour;

/* Okabe and Ito's palette, told apart by every kind of colour vision (jfly.uni-koeln.de/color, 2008). */
extern const Colour COLOUR_TENDON, COLOUR_TEAR, COLOUR_TENDINOSIS, COLOUR_PRE, COLOUR_POST, COLOUR_INK, COLOUR_FAINT,
    COLOUR_PAPER;

typedef enum Align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT } Align;

/* An image in memory to draw on, filled with the colour; NULL with the error set. canvas_free closes it. */
cairo_t *canvas_make(int width, int height, Colour background, Error *error);
void canvas_free(cairo_t *cr);
void canvas_size(cairo_t *cr, int *width, int *height);
/* Writes it as folder/name (PNG). */
int canvas_write_png(cairo_t *cr, const char *folder, const char *name, Error *error) TENO_CHECKED;
/* The PNG of an image surface. */
int canvas_encode_png(Text *out, cairo_surface_t *image, double pixels_per_m, Error *error) TENO_CHECKED;

/* A patch of pixels to fill, 0x00RRGGBB, [height][stride], and to put on any canvas or figure. */
typedef struct Raster {
    cairo_surface_t *surface;
    uint32_t *pixels;
    int width, height, stride; /* in pixels */
} Raster;
int raster_make(Raster *out, int width, int height, Error *error) TENO_CHECKED;
/* Puts it with its corner at (x, y), and frees it in any case. */
int raster_put(Raster *raster, cairo_t *cr, double x, double y, Error *error) TENO_CHECKED;

/* Between the two: share 0 is `under`, 1 is `over`. */
Colour colour_mix(Colour under, Colour over, double share);
uint32_t colour_pack(Colour colour); /* as the pixels of a Raster */
void draw_colour(cairo_t *cr, Colour colour, double alpha);
/* DejaVu Sans; y is the middle of the line of text. Returns the text's width. */
double draw_text(cairo_t *cr, double x, double y, double size, Align align, const char *text);
/* Same on a dark halo, readable on any image. */
void draw_text_on_image(cairo_t *cr, double x, double y, double size, Align align, const char *text);
double text_width(cairo_t *cr, double size, const char *text);
/* Paths of a contour of a tile whose pixels are sx × sy large, the tile's corner at (x, y). */
void contour_path(cairo_t *cr, const Contour *contour, double x, double y, double sx, double sy);
/* Coloured swatch and its text; returns the width used. */
double draw_legend_entry(cairo_t *cr, double x, double y, double size, Colour colour, bool filled, const char *text);
/* Bar of a round length that fits in `most_px`, its text above; (x, y) is its left end. */
void draw_scale_bar(cairo_t *cr, double x, double y, double px_per_mm, double most_px);

#endif
