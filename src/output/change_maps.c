/*
 * Comparison pictures in the tendon's own coordinates. Both dates are sampled at the same s, so that a bent ankle or
 * another field of view does not look like a change. What is compared is the torn fraction, which does not depend on
 * gain or sequence as the signal does.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/compare_pictures.h"
#include "output/figure.h"
#include "output/names.h"
#include "output/pictures.h"
#include "output/plot.h"
#include "output/strings.h"

enum { LEFT_PX = 76, TOP_PX = 54, GAP_PX = 28, BOTTOM_PX = 62, MAP_ROW_PX = 150 };

double straightened_sample(const Straightened *s, const float *map, double s_mm, double u_mm, double v_mm)
{
    double at[3] = {u_mm / s->pixel_mm + (s->nu - 1) / 2.0, v_mm / s->pixel_mm + (s->nv - 1) / 2.0,
                    (s_mm - s->s0_mm) / s->step_mm};
    const int n[3] = {s->nu, s->nv, s->ns};
    int low[3];
    double f[3], sum = 0;
    for (int a = 0; a < 3; a++) {
        if (!map || at[a] < -0.5 || at[a] > n[a] - 0.5) return 0;
        at[a] = fmin(fmax(at[a], 0), n[a] - 1);
        low[a] = (int)at[a] < n[a] - 1 ? (int)at[a] : n[a] - 1;
        f[a] = at[a] - low[a];
    }
    for (int c = 0; c < 8; c++) {
        int i = low[0] + (c & 1), j = low[1] + (c >> 1 & 1), k = low[2] + (c >> 2);
        double weight = (c & 1 ? f[0] : 1 - f[0]) * (c & 2 ? f[1] : 1 - f[1]) * (c & 4 ? f[2] : 1 - f[2]);
        if (weight <= 0) continue;
        float value = map[((size_t)k * (size_t)s->nv + (size_t)j) * (size_t)s->nu + (size_t)i];
        if (!isnan(value)) sum += weight * (double)value;
    }
    return sum;
}

/* Both dates' straightened tendons and the rows of a picture of `n_rows` strips. */
typedef struct Strips {
    const TendonChange *change;
    const TendonShape *shape[2];
    const Straightened *straightened[2];
    Origin origin;
    double px_per_mm;
    int w, h; /* of a strip, pixels */
} Strips;

static bool strips_make(Strips *out, const Comparison *comparison, int tendon)
{
    const TendonChange *change = &comparison->tendons[tendon];
    const TendonResult *before = change_result(comparison, tendon, 0);
    *out = (Strips){.change = change,
                    .shape = {&change->pre_shape, &change->post_shape},
                    .straightened = {&change->pre_straightened, &change->post_straightened}};
    double range = change->common_max_mm - change->common_min_mm;
    if (!before || !(range > 1)) return false;
    for (int date = 0; date < 2; date++)
        if (out->shape[date]->n_sections < 2) return false;
    out->origin = before->segmentation.origin;
    out->px_per_mm = fmin(9, 900 / range);
    out->w = (int)(range * out->px_per_mm);
    return true;
}

static double strip_s(const Strips *strips, int x)
{
    return strips->change->common_min_mm + (x + 0.5) / strips->px_per_mm;
}

/* Torn fraction: white to vermillion. Difference: blue (less torn) over white to vermillion (more torn). */
static Colour share_colour(double share)
{
    return colour_mix(COLOUR_PAPER, COLOUR_POST, fmin(fmax(share, 0), 1));
}

static Colour difference_colour(double difference)
{
    return difference < 0 ? colour_mix(COLOUR_PAPER, COLOUR_PRE, fmin(-difference, 1)) : share_colour(difference);
}

static void frame_strip(cairo_t *cr, const Strips *strips, int y, const char *caption)
{
    cairo_rectangle(cr, LEFT_PX - 0.5, y - 0.5, strips->w + 1, strips->h + 1);
    draw_colour(cr, COLOUR_FAINT, 1);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, LEFT_PX, y - 11, 12, ALIGN_LEFT, caption);
}

static void draw_axis(cairo_t *cr, const Strips *strips, double y)
{
    char label[128];
    Plot axis = {cr, LEFT_PX, y - 1, strips->w, 1, strips->change->common_min_mm, strips->change->common_max_mm, 0, 1};
    snprintf(label, sizeof label, STRINGS.s_axis, origin_text(strips->origin));
    plot_x_axis(&axis, label);
}

/* A bar of colours with its ends, its right edge at x; returns the left edge of all that was drawn. */
static double draw_scale(cairo_t *cr, double x, double y, bool difference)
{
    enum { BAR_PX = 90, BAR_HIGH_PX = 10 };
    const char *low = difference ? "-100" : "0", *what = difference ? STRINGS.change_scale : STRINGS.torn_scale;
    x -= text_width(cr, 11, "100 %");
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, x, y, 11, ALIGN_LEFT, "100 %");
    x = floor(x - BAR_PX - 6);
    for (int i = 0; i < BAR_PX; i++) {
        double share = (i + 0.5) / BAR_PX;
        draw_colour(cr, difference ? difference_colour(2 * share - 1) : share_colour(share), 1);
        cairo_rectangle(cr, x + i, y - BAR_HIGH_PX / 2.0, 1, BAR_HIGH_PX);
        cairo_fill(cr);
    }
    cairo_rectangle(cr, x - 0.5, y - BAR_HIGH_PX / 2.0 - 0.5, BAR_PX + 1, BAR_HIGH_PX + 1);
    draw_colour(cr, COLOUR_FAINT, 1);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, x - 6, y, 11, ALIGN_RIGHT, low);
    x -= 6 + text_width(cr, 11, low) + 8;
    draw_text(cr, x, y, 11, ALIGN_RIGHT, what);
    return x - text_width(cr, 11, what);
}

static void draw_title(cairo_t *cr, const Strips *strips, const char *what, int height)
{
    char title[200];
    snprintf(title, sizeof title, STRINGS.slice_title, strips->change->spec->display_name,
             STRINGS.side[strips->change->side], what);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, 12, 16, 15, ALIGN_LEFT, title);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, 12, height - 12, 11, ALIGN_LEFT, STRINGS.research_use);
    double x = draw_scale(cr, LEFT_PX + strips->w, height - 12, true);
    (void)draw_scale(cr, x - 30, height - 12, false);
}

/* Half the height of what is shown of a straightened tendon: the widest boundary of both dates and some margin. */
static double half_extent(const Strips *strips, bool side_to_side)
{
    double most = 2;
    for (int date = 0; date < 2; date++) {
        const TendonShape *shape = strips->shape[date];
        for (int k = 0; k < shape->n_sections; k++) {
            const Section *section = &shape->sections[k];
            for (int i = 0; i < SECTION_POINTS; i++)
                most = fmax(most, fabs((double)(side_to_side ? section->boundary_u_mm[i] : section->boundary_v_mm[i])));
        }
    }
    return most + 2;
}

/* Mean over the tendon's depth of the torn fraction at one place of the strip, and whether the tendon is there. */
static double projected_tear(const Strips *strips, int date, double s_mm, double across_mm, bool side_to_side,
                             bool *inside)
{
    const Straightened *s = strips->straightened[date];
    double torn = 0, covered = 0, reach = (side_to_side ? s->nv : s->nu) * s->pixel_mm / 2;
    for (double depth = -reach + s->pixel_mm / 2; depth < reach; depth += s->pixel_mm) {
        double u = side_to_side ? across_mm : depth, v = side_to_side ? depth : across_mm;
        covered += straightened_sample(s, s->envelope, s_mm, u, v);
        torn += straightened_sample(s, s->tear, s_mm, u, v);
    }
    *inside = covered * s->pixel_mm > 0.5;
    return *inside ? torn / covered : 0;
}

static const Colour outside_colour = {0.93, 0.93, 0.94};

/* Rows of the picture: before, after, difference; side_to_side chooses the direction that is seen. */
static int draw_projections(cairo_t *cr, const Strips *strips, int y, bool side_to_side, Error *error)
{
    int n = strips->w * strips->h, code = TENO_OK;
    double *torn = calloc((size_t)n * 2, sizeof *torn), half = strips->h / 2.0 / strips->px_per_mm;
    unsigned char *inside = calloc((size_t)n * 2, 1);
    if (!torn || !inside) {
        code = error_set(error, TENO_FAILED, "picture of the change: out of memory");
        goto done;
    }
#pragma omp parallel for schedule(dynamic)
    for (int row = 0; row < strips->h; row++)
        for (int date = 0; date < 2; date++)
            for (int x = 0; x < strips->w; x++) {
                bool there;
                size_t at = ((size_t)date * (size_t)strips->h + (size_t)row) * (size_t)strips->w + (size_t)x;
                double across = (row + 0.5) / strips->px_per_mm - half;
                torn[at] = projected_tear(strips, date, strip_s(strips, x), across, side_to_side, &there);
                inside[at] = there;
            }
    for (int r = 0; r < 3 && code == TENO_OK; r++) {
        Raster raster;
        code = raster_make(&raster, strips->w, strips->h, error);
        if (code) break;
        for (int row = 0; row < strips->h; row++)
            for (int x = 0; x < strips->w; x++) {
                size_t pre = (size_t)row * (size_t)strips->w + (size_t)x, post = pre + (size_t)n;
                bool there = r == 2 ? inside[pre] && inside[post] : inside[r ? post : pre];
                Colour colour = r == 2 ? difference_colour(torn[post] - torn[pre]) : share_colour(torn[r ? post : pre]);
                raster.pixels[(size_t)row * (size_t)raster.stride + (size_t)x] =
                    colour_pack(there ? colour : outside_colour);
            }
        code = raster_put(&raster, cr, LEFT_PX, y + r * (strips->h + GAP_PX), error);
    }
done:
    free(torn);
    free(inside);
    return code;
}

static void draw_end_letters(cairo_t *cr, Vec3 down, int y, int h)
{
    char letters[3];
    draw_colour(cr, COLOUR_INK, 1);
    direction_letters(letters, vec3_scale(down, -1));
    draw_text(cr, LEFT_PX - 10, y + 8, 13, ALIGN_RIGHT, letters);
    direction_letters(letters, down);
    draw_text(cr, LEFT_PX - 10, y + h - 8, 13, ALIGN_RIGHT, letters);
}

cairo_t *change_straightened_picture(const Comparison *comparison, int tendon, Error *error)
{
    Strips strips;
    if (!strips_make(&strips, comparison, tendon)) return NULL;
    for (int date = 0; date < 2; date++)
        if (!strips.straightened[date]->tear || !strips.straightened[date]->envelope) return NULL;
    int heights[2], total = TOP_PX + BOTTOM_PX;
    for (int c = 0; c < 2; c++) {
        heights[c] = (int)(2 * half_extent(&strips, c) * strips.px_per_mm);
        total += 3 * (heights[c] + GAP_PX);
    }
    cairo_t *cr = figure_make(strips.w + LEFT_PX + 20, total, COLOUR_PAPER, error);
    if (!cr) return NULL;
    const char *rows[3] = {STRINGS.before, STRINGS.after, STRINGS.difference_map};
    const TendonShape *shape = strips.shape[0];
    const Section *middle = &shape->sections[shape->n_sections / 2];
    int y = TOP_PX, code = TENO_OK;
    for (int c = 0; c < 2 && code == TENO_OK; c++) {
        strips.h = heights[c];
        code = draw_projections(cr, &strips, y, c, error);
        for (int r = 0; r < 3; r++, y += strips.h + GAP_PX) {
            char caption[160];
            snprintf(caption, sizeof caption, c ? STRINGS.seen_from_behind : STRINGS.seen_from_side, rows[r]);
            frame_strip(cr, &strips, y, caption);
            draw_end_letters(cr, c ? middle->u : middle->v, y, strips.h);
        }
    }
    draw_axis(cr, &strips, y - GAP_PX + 2);
    draw_title(cr, &strips, STRINGS.torn_share_title, total);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}

/* The map's value at s and angle, the nearest cell; NaN where it was not measured. */
static double map_at(const UnrolledMap *map, int date, double s_mm, double turn)
{
    int k = (int)lround((s_mm - map->s0_mm) / map->step_mm), a = (int)(turn * map->n_angle);
    if (!map->tear_share[date] || k < 0 || k >= map->n_s || a < 0 || a >= map->n_angle) return (double)NAN;
    return (double)map->tear_share[date][(size_t)k * (size_t)map->n_angle + (size_t)a];
}

static int draw_map_rows(cairo_t *cr, const Strips *strips, Error *error)
{
    const UnrolledMap *map = &strips->change->map;
    int code = TENO_OK;
    for (int r = 0; r < 3 && code == TENO_OK; r++) {
        Raster raster;
        code = raster_make(&raster, strips->w, strips->h, error);
        if (code) break;
        for (int row = 0; row < strips->h; row++)
            for (int x = 0; x < strips->w; x++) {
                double turn = (row + 0.5) / strips->h, s = strip_s(strips, x);
                double pre = map_at(map, 0, s, turn), post = map_at(map, 1, s, turn);
                double shown = r == 0 ? pre : r == 1 ? post : post - pre;
                Colour colour = r == 2 ? difference_colour(shown) : share_colour(shown);
                raster.pixels[(size_t)row * (size_t)raster.stride + (size_t)x] =
                    colour_pack(isfinite(shown) ? colour : outside_colour);
            }
        code = raster_put(&raster, cr, LEFT_PX, TOP_PX + r * (strips->h + GAP_PX), error);
    }
    return code;
}

cairo_t *change_map_picture(const Comparison *comparison, int tendon, Error *error)
{
    Strips strips;
    if (!strips_make(&strips, comparison, tendon) || strips.change->map.n_s < 1) return NULL;
    if (!strips.change->map.tear_share[0] || !strips.change->map.tear_share[1]) return NULL;
    strips.h = MAP_ROW_PX;
    int height = TOP_PX + 3 * (MAP_ROW_PX + GAP_PX) + BOTTOM_PX;
    cairo_t *cr = figure_make(strips.w + LEFT_PX + 20, height, COLOUR_PAPER, error);
    if (!cr) return NULL;
    if (draw_map_rows(cr, &strips, error)) {
        canvas_free(cr);
        return NULL;
    }
    const char *rows[3] = {STRINGS.before, STRINGS.after, STRINGS.difference_map};
    const Section *middle = &strips.shape[0]->sections[strips.shape[0]->n_sections / 2];
    const Vec3 ways[4] = {middle->u, middle->v, vec3_scale(middle->u, -1), vec3_scale(middle->v, -1)};
    for (int r = 0; r < 3; r++) {
        int y = TOP_PX + r * (strips.h + GAP_PX);
        frame_strip(cr, &strips, y, rows[r]);
        for (int q = 0; q < 4; q++) {
            char letters[3];
            direction_letters(letters, ways[q]);
            draw_text(cr, LEFT_PX - 10, y + strips.h * (q + (q ? 0 : 0.06)) / 4.0, 12, ALIGN_RIGHT, letters);
        }
    }
    draw_axis(cr, &strips, TOP_PX + 3 * (strips.h + GAP_PX) - GAP_PX + 2);
    draw_title(cr, &strips, STRINGS.map_title, height);
    return cr;
}
