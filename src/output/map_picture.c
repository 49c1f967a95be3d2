/*
 * The tendon unrolled around its centreline, as a cylinder that is cut open on its +u side: s runs from left (distal)
 * to right, the direction from top to bottom. Colour is the share of the way from the centre to the surface that is
 * torn, and below that shows tendinosis.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/figure.h"
#include "output/names.h"
#include "output/pictures.h"
#include "output/plot.h"
#include "output/strings.h"
#include "teno/memory.h"

enum { LEFT_PX = 66, TOP_PX = 58, ROW_PX = 180, GAP_PX = 34, BOTTOM_PX = 62, KEY_PX = 150, ANGLES = 144 };

/* share [ns][ANGLES], NaN where the boundary is unknown. */
static float *unroll(const TendonResult *result, const float *fraction, Error *error)
{
    const Straightened *s = &result->straightened;
    const TendonShape *shape = &result->segmentation.shape;
    float *share = array_alloc((size_t)s->ns * ANGLES, sizeof *share, error);
    if (!share) return NULL;
    int first = (int)lround((s->s0_mm - shape->sections[0].s_mm) / shape->step_mm);
    for (int k = 0; k < s->ns; k++)
        for (int a = 0; a < ANGLES; a++) {
            double angle = a * 6.283185307179586 / ANGLES, cosine = cos(angle), sine = sin(angle), radius = (double)NAN;
            int section = first + k;
            if (section >= 0 && section < shape->n_sections)
                radius = section_ray_mm(&shape->sections[section], cosine, sine);
            share[(size_t)k * ANGLES + (size_t)a] =
                isfinite(radius) ? (float)straightened_ray_share(s, fraction, k, cosine, sine, radius) : NAN;
        }
    return share;
}

/* Between the cells, bilinear; the direction goes round. */
static double share_at(const float *share, int ns, double k, double turn)
{
    double a = turn * ANGLES - 0.5;
    k = fmin(fmax(k, 0), ns - 1);
    int k0 = (int)k, k1 = k0 + 1 < ns ? k0 + 1 : k0, a0 = (int)floor(a);
    double fk = k - k0, fa = a - a0;
    int low = (a0 + ANGLES) % ANGLES, high = (a0 + 1 + ANGLES) % ANGLES;
    const float *near = share + (size_t)k0 * ANGLES, *far = share + (size_t)k1 * ANGLES;
    return (1 - fk) * ((1 - fa) * (double)near[low] + fa * (double)near[high]) +
           fk * ((1 - fa) * (double)far[low] + fa * (double)far[high]);
}

static int draw_row(cairo_t *cr, const float *share, int ns, Colour colour, int y, int w, Error *error)
{
    static const Colour unknown = {0.93, 0.93, 0.94};
    Raster raster;
    int code = raster_make(&raster, w, ROW_PX, error);
    if (code) return code;
    for (int row = 0; row < ROW_PX; row++)
        for (int x = 0; x < w; x++) {
            double value = share_at(share, ns, (x + 0.5) * ns / w - 0.5, (row + 0.5) / ROW_PX);
            raster.pixels[(size_t)row * (size_t)raster.stride + (size_t)x] =
                colour_pack(isfinite(value) ? colour_mix(COLOUR_PAPER, colour, fmin(fmax(value, 0), 1)) : unknown);
        }
    code = raster_put(&raster, cr, LEFT_PX, y, error);
    cairo_rectangle(cr, LEFT_PX - 0.5, y - 0.5, w + 1, ROW_PX + 1);
    draw_colour(cr, COLOUR_FAINT, 1);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    return code;
}

static void draw_directions(cairo_t *cr, const TendonShape *shape, int y)
{
    const Section *middle = &shape->sections[shape->n_sections / 2];
    const Vec3 ways[4] = {middle->u, middle->v, vec3_scale(middle->u, -1), vec3_scale(middle->v, -1)};
    for (int q = 0; q < 4; q++) {
        char letters[3];
        direction_letters(letters, ways[q]);
        draw_colour(cr, COLOUR_INK, 1);
        draw_text(cr, LEFT_PX - 10, q ? y + ROW_PX * q / 4.0 : y + 8, 13, ALIGN_RIGHT, letters);
        if (!q) continue;
        draw_colour(cr, COLOUR_FAINT, 0.5);
        cairo_move_to(cr, LEFT_PX - 6, y + ROW_PX * q / 4.0);
        cairo_line_to(cr, LEFT_PX, y + ROW_PX * q / 4.0);
        cairo_stroke(cr);
    }
}

/* "0 [gradient] 100 %", its right end at x. */
static void draw_key(cairo_t *cr, Colour colour, double x, double y)
{
    cairo_pattern_t *gradient = cairo_pattern_create_linear(x - KEY_PX, 0, x, 0);
    cairo_pattern_add_color_stop_rgb(gradient, 0, 1, 1, 1);
    cairo_pattern_add_color_stop_rgb(gradient, 1, colour.r, colour.g, colour.b);
    double right = x - text_width(cr, 11, "100 %") - 6;
    cairo_matrix_t shift;
    cairo_matrix_init_translate(&shift, x - right, 0);
    cairo_pattern_set_matrix(gradient, &shift);
    cairo_rectangle(cr, right - KEY_PX, y - 5, KEY_PX, 10);
    cairo_set_source(cr, gradient);
    cairo_fill_preserve(cr);
    cairo_pattern_destroy(gradient);
    draw_colour(cr, COLOUR_FAINT, 1);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, right - KEY_PX - 6, y, 11, ALIGN_RIGHT, "0");
    draw_text(cr, x, y, 11, ALIGN_RIGHT, "100 %");
}

static void draw_frame(cairo_t *cr, const Analysis *analysis, const TendonResult *result, int w, int height)
{
    const Straightened *s = &result->straightened;
    char text[200];
    Plot axis = {
        cr, LEFT_PX, height - BOTTOM_PX - 1, w, 1, s->s0_mm - s->step_mm / 2, s->s0_mm + (s->ns - 0.5) * s->step_mm,
        0,  1};
    snprintf(text, sizeof text, STRINGS.s_axis, origin_text(result->segmentation.origin));
    plot_x_axis(&axis, text);
    draw_text(cr, LEFT_PX, height - BOTTOM_PX + 32, 12, ALIGN_LEFT, STRINGS.distal);
    draw_text(cr, LEFT_PX + w, height - BOTTOM_PX + 32, 12, ALIGN_RIGHT, STRINGS.proximal);
    snprintf(text, sizeof text, STRINGS.slice_title, result->spec->display_name,
             STRINGS.side[result_side(analysis, result)], STRINGS.map_title);
    draw_text(cr, 12, 16, 15, ALIGN_LEFT, text);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, 12, height - 12, 11, ALIGN_LEFT, STRINGS.research_use);
}

cairo_t *map_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    const Straightened *s = &result->straightened;
    const bool torn = s->tear && result->measures.n_tears > 0;
    const bool swollen = s->tendinosis && result->measures.tendinosis_volume_mm3.value > 0;
    const float *fractions[2] = {torn ? s->tear : NULL, swollen ? s->tendinosis : NULL};
    const Colour colours[2] = {COLOUR_POST, COLOUR_TENDINOSIS};
    const char *captions[2] = {STRINGS.map_tear, STRINGS.map_tendinosis};
    if (!has_straightened(result) || result->segmentation.shape.n_sections < 2 || !(torn || swollen)) return NULL;
    int w = (int)(s->ns * s->step_mm * fmin(8, 1000 / (s->ns * s->step_mm))), y = TOP_PX, code = TENO_OK;
    int height = TOP_PX + (torn + swollen) * (ROW_PX + GAP_PX) - GAP_PX + BOTTOM_PX;
    cairo_t *cr = figure_make(w + LEFT_PX + 20, height, COLOUR_PAPER, error);
    if (!cr) return NULL;
    for (int r = 0; r < 2 && code == TENO_OK; r++) {
        if (!fractions[r]) continue;
        float *share = unroll(result, fractions[r], error);
        code = share ? draw_row(cr, share, s->ns, colours[r], y, w, error) : TENO_FAILED;
        draw_directions(cr, &result->segmentation.shape, y);
        draw_colour(cr, COLOUR_INK, 1);
        draw_text(cr, LEFT_PX, y - 12, 12, ALIGN_LEFT, captions[r]);
        draw_key(cr, colours[r], LEFT_PX + w, y - 12);
        free(share);
        y += ROW_PX + GAP_PX;
    }
    draw_frame(cr, analysis, result, w, height);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}
