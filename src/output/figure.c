#include "output/figure.h"

#include <cairo-svg.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "output/png.h"
#include "output/text.h"
#include "teno/memory.h"

cairo_t *figure_make(int width, int height, Colour background, Error *error)
{
    const cairo_rectangle_t extents = {0, 0, width, height};
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface); /* the context keeps it */
    /* Letters hinted for one resolution would sit unevenly at every other. */
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    draw_colour(cr, background, 1);
    cairo_paint(cr);
    if (cairo_status(cr) == CAIRO_STATUS_SUCCESS) return cr;
    error_set(error, TENO_FAILED, "figure of %d x %d units: %s", width, height,
              cairo_status_to_string(cairo_status(cr)));
    cairo_destroy(cr);
    return NULL;
}

static cairo_surface_t *rasterise(cairo_t *figure, double scale, Error *error)
{
    int width, height;
    canvas_size(figure, &width, &height);
    int w = (int)(width * scale + 0.5), h = (int)(height * scale + 0.5);
    cairo_t *cr = canvas_make(w, h, COLOUR_PAPER, error);
    if (!cr) return NULL;
    cairo_scale(cr, (double)w / width, (double)h / height); /* to the last pixel, without a seam */
    cairo_set_source_surface(cr, cairo_get_target(figure), 0, 0);
    cairo_paint(cr);
    cairo_surface_t *image = cairo_surface_reference(cairo_get_target(cr));
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
        error_set(error, TENO_FAILED, "figure: %s", cairo_status_to_string(cairo_status(cr)));
        cairo_surface_destroy(image);
        image = NULL;
    }
    canvas_free(cr);
    return image;
}

static int write_scaled(cairo_t *figure, const char *folder, const char *name, double scale, double pixels_per_m,
                        Error *error)
{
    cairo_surface_t *image = rasterise(figure, scale, error);
    if (!image) return TENO_FAILED;
    Text png = {0};
    int code = canvas_encode_png(&png, image, pixels_per_m, error);
    if (code == TENO_OK) code = text_write(&png, folder, name, error);
    text_free(&png);
    cairo_surface_destroy(image);
    return code;
}

int figure_write_png(cairo_t *figure, const char *folder, const char *name, Error *error)
{
    return write_scaled(figure, folder, name, 1, 0, error);
}

int figure_write_paper(cairo_t *figure, const char *folder, const char *name, int dpi, Error *error)
{
    int width, height;
    canvas_size(figure, &width, &height);
    return write_scaled(figure, folder, name, FIGURE_WIDTH_MM / 25.4 * dpi / width, dpi / 0.0254, error);
}

static cairo_status_t on_write(void *closure, const unsigned char *bytes, unsigned int count)
{
    text_add_bytes(closure, (const char *)bytes, count);
    return CAIRO_STATUS_SUCCESS;
}

/* Whether a name of Cairo's begins here, as in id="surface12" or url(#clip3), and how long its letters are. */
static size_t cairo_name(const char *at)
{
    static const char *const kinds[] = {"surface", "image", "clip", "mask", "linear", "radial", "pattern"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(at, kinds[i], length) == 0 && isdigit((unsigned char)at[length])) return length;
    }
    return 0;
}

/* Cairo numbers what it names by all surfaces that the process has made, in every thread; count anew in each figure.
 * Names begin after a quote or a hash, and nothing else that looks like them does. */
static int add_renumbered(Text *out, const char *svg, Error *error)
{
    long *seen = NULL;
    int n_seen = 0, code = TENO_OK;
    while (*svg && code == TENO_OK) {
        size_t plain = strcspn(svg, "\"#");
        plain += svg[plain] != 0;
        text_add_bytes(out, svg, plain);
        svg += plain;
        size_t length = cairo_name(svg);
        if (length == 0) continue;
        char *end;
        long number = strtol(svg + length, &end, 10);
        int rank = 0;
        while (rank < n_seen && seen[rank] != number) rank++;
        if (rank == n_seen) {
            long *grown = array_grow(seen, (size_t)n_seen + 1, sizeof *seen, error);
            if (!grown) code = TENO_FAILED;
            if (grown) (seen = grown)[n_seen++] = number;
        }
        text_add(out, "%.*s%d", (int)length, svg, rank);
        svg = end;
    }
    free(seen);
    return code;
}

int figure_add_svg(Text *out, cairo_t *figure, Error *error)
{
    Text svg = {0};
    int width, height;
    canvas_size(figure, &width, &height);
    double mm = (double)FIGURE_WIDTH_MM / width;
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(on_write, &svg, width * mm, height * mm);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_MM);
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, mm, mm);
    cairo_set_source_surface(cr, cairo_get_target(figure), 0, 0);
    cairo_paint(cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    int code = TENO_OK;
    if (status != CAIRO_STATUS_SUCCESS || svg.failed || !svg.data)
        code = error_set(error, TENO_FAILED, "SVG: %s", svg.failed ? "out of memory" : cairo_status_to_string(status));
    else
        code = add_renumbered(out, svg.data, error);
    text_free(&svg);
    return code;
}
