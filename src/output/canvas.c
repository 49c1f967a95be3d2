#include "output/canvas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/folder.h"
#include "output/png.h"

const Colour COLOUR_TENDON = {0.337, 0.706, 0.914};     /* sky blue */
const Colour COLOUR_TEAR = {0.902, 0.624, 0.000};       /* orange */
const Colour COLOUR_TENDINOSIS = {0.800, 0.475, 0.655}; /* reddish purple */
const Colour COLOUR_PRE = {0.000, 0.447, 0.698};        /* blue */
const Colour COLOUR_POST = {0.835, 0.369, 0.000};       /* vermillion */
const Colour COLOUR_INK = {0.13, 0.13, 0.15};
const Colour COLOUR_FAINT = {0.55, 0.55, 0.58};
const Colour COLOUR_PAPER = {1, 1, 1};

cairo_t *canvas_make(int width, int height, Colour background, Error *error)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface); /* the context keeps it */
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
        error_set(error, TENO_FAILED, "picture of %d x %d pixels: %s", width, height,
                  cairo_status_to_string(cairo_status(cr)));
        cairo_destroy(cr);
        return NULL;
    }
    draw_colour(cr, background, 1);
    cairo_paint(cr);
    return cr;
}

void canvas_free(cairo_t *cr)
{
    if (cr) cairo_destroy(cr);
}

void canvas_size(cairo_t *cr, int *width, int *height)
{
    cairo_surface_t *surface = cairo_get_target(cr);
    cairo_rectangle_t extents = {0};
    if (cairo_surface_get_type(surface) == CAIRO_SURFACE_TYPE_IMAGE)
        extents = (cairo_rectangle_t){.width = cairo_image_surface_get_width(surface),
                                      .height = cairo_image_surface_get_height(surface)};
    else
        cairo_recording_surface_get_extents(surface, &extents);
    *width = (int)extents.width;
    *height = (int)extents.height;
}

int canvas_write_png(cairo_t *cr, const char *folder, const char *name, Error *error)
{
    cairo_surface_t *surface = cairo_get_target(cr);
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        return error_set(error, TENO_FAILED, "%s: %s", name, cairo_status_to_string(cairo_status(cr)));
    Text bytes = {0};
    int code = canvas_encode_png(&bytes, surface, 0, error);
    if (code == TENO_OK) code = text_write(&bytes, folder, name, error);
    text_free(&bytes);
    return code;
}

int canvas_encode_png(Text *out, cairo_surface_t *image, double pixels_per_m, Error *error)
{
    cairo_surface_flush(image);
    return png_encode(out, cairo_image_surface_get_data(image), cairo_image_surface_get_width(image),
                      cairo_image_surface_get_height(image), cairo_image_surface_get_stride(image), PNG_RGB_OF_XRGB32,
                      pixels_per_m, error);
}

int raster_make(Raster *out, int width, int height, Error *error)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    *out = (Raster){.surface = surface, .width = width, .height = height};
    cairo_status_t status = cairo_surface_status(surface);
    if (status == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(surface);
        out->pixels = (uint32_t *)(void *)cairo_image_surface_get_data(surface);
        out->stride = cairo_image_surface_get_stride(surface) / (int)sizeof *out->pixels;
        return TENO_OK;
    }
    cairo_surface_destroy(surface);
    *out = (Raster){0};
    return error_set(error, TENO_FAILED, "picture of %d x %d pixels: %s", width, height,
                     cairo_status_to_string(status));
}

/* An image on a figure brings its PNG along, so that SVG need not encode it slowly. */
static int keep_png(cairo_t *cr, cairo_surface_t *image, Error *error)
{
    if (cairo_surface_get_type(cairo_get_target(cr)) != CAIRO_SURFACE_TYPE_RECORDING) return TENO_OK;
    Text png = {0};
    int code = canvas_encode_png(&png, image, 0, error);
    if (code == TENO_OK && cairo_surface_set_mime_data(image, CAIRO_MIME_TYPE_PNG, (const unsigned char *)png.data,
                                                       png.length, free, png.data) == CAIRO_STATUS_SUCCESS)
        return TENO_OK; /* the image owns the bytes now */
    text_free(&png);
    return code ? code : error_set(error, TENO_FAILED, "figure: out of memory");
}

int raster_put(Raster *raster, cairo_t *cr, double x, double y, Error *error)
{
    cairo_surface_mark_dirty(raster->surface);
    int code = keep_png(cr, raster->surface, error);
    cairo_save(cr);
    cairo_set_source_surface(cr, raster->surface, x, y);
    cairo_rectangle(cr, x, y, raster->width, raster->height);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(raster->surface);
    *raster = (Raster){0};
    return code;
}

Colour colour_mix(Colour under, Colour over, double share)
{
    return (Colour){under.r + (over.r - under.r) * share, under.g + (over.g - under.g) * share,
                    under.b + (over.b - under.b) * share};
}

uint32_t colour_pack(Colour colour)
{
    return (uint32_t)(colour.r * 255 + 0.5) << 16 | (uint32_t)(colour.g * 255 + 0.5) << 8 |
           (uint32_t)(colour.b * 255 + 0.5);
}

void draw_colour(cairo_t *cr, Colour colour, double alpha)
{
    cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, alpha);
}

static void choose_font(cairo_t *cr, double size)
{
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
}

double text_width(cairo_t *cr, double size, const char *text)
{
    cairo_text_extents_t extents;
    choose_font(cr, size);
    cairo_text_extents(cr, text, &extents);
    return extents.x_advance;
}

/* Moves to where the text begins. */
static double place_text(cairo_t *cr, double x, double y, double size, Align align, const char *text)
{
    double width = text_width(cr, size, text);
    /* 0.36: half the height of DejaVu's capitals, so that y is their middle */
    cairo_move_to(cr, x - (align == ALIGN_LEFT ? 0 : align == ALIGN_CENTRE ? width / 2 : width), y + 0.36 * size);
    return width;
}

double draw_text(cairo_t *cr, double x, double y, double size, Align align, const char *text)
{
    double width = place_text(cr, x, y, size, align, text);
    cairo_show_text(cr, text);
    return width;
}

void draw_text_on_image(cairo_t *cr, double x, double y, double size, Align align, const char *text)
{
    place_text(cr, x, y, size, align, text);
    cairo_text_path(cr, text);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_set_line_width(cr, size * 0.25);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_fill(cr);
}

void contour_path(cairo_t *cr, const Contour *contour, double x, double y, double sx, double sy)
{
    cairo_new_path(cr);
    for (int p = 0; p < contour->n_paths; p++) {
        for (int i = contour->start[p]; i < contour->start[p + 1]; i++)
            cairo_line_to(cr, x + ((double)contour->x[i] + 0.5) * sx, y + ((double)contour->y[i] + 0.5) * sy);
        cairo_close_path(cr);
        cairo_new_sub_path(cr);
    }
}

double draw_legend_entry(cairo_t *cr, double x, double y, double size, Colour colour, bool filled, const char *text)
{
    cairo_rectangle(cr, x + 0.5, y - size * 0.4, size * 1.4, size * 0.8);
    draw_colour(cr, colour, 0.55);
    if (filled) cairo_fill_preserve(cr);
    draw_colour(cr, colour, 1);
    cairo_set_line_width(cr, size * 0.14);
    cairo_stroke(cr);
    draw_colour(cr, COLOUR_PAPER, 1);
    return size * 1.9 + draw_text(cr, x + size * 1.9, y, size, ALIGN_LEFT, text) + size * 1.6;
}

void draw_scale_bar(cairo_t *cr, double x, double y, double px_per_mm, double most_px)
{
    static const double lengths[] = {100, 50, 20, 10, 5, 2, 1};
    double mm = 1;
    for (int i = 6; i >= 0; i--)
        if (lengths[i] * px_per_mm <= most_px) mm = lengths[i];
    char text[16];
    snprintf(text, sizeof text, "%g mm", mm);
    for (int halo = 1; halo >= 0; halo--) {
        cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
        cairo_move_to(cr, x - halo * 1.5, y);
        cairo_line_to(cr, x + mm * px_per_mm + halo * 1.5, y);
        cairo_set_line_width(cr, halo ? 6 : 3);
        cairo_set_source_rgba(cr, !halo, !halo, !halo, halo ? 0.75 : 1);
        cairo_stroke(cr);
    }
    draw_text_on_image(cr, x + mm * px_per_mm / 2, y - 12, 12, ALIGN_CENTRE, text);
}
