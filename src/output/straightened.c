/*
 * The tendon pulled straight (curved planar reformation; Kanitsar et al., IEEE
 * Visualization 2002, doi:10.1109/VISUAL.2002.1183754). s runs from left (distal) to right, as in the profile plot. Two
 * perpendicular cuts, each through the place where most of the tear lies, in each of the two leading series.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/figure.h"
#include "output/names.h"
#include "output/panel.h"
#include "output/pictures.h"
#include "output/plot.h"
#include "output/strings.h"
#include "teno/memory.h"

enum { LEFT_PX = 66, TOP_PX = 52, GAP_PX = 26, BOTTOM_PX = 58 };

/* A cut of the straightened tendon: fixed index along u (front to back) or along v (side to side). */
typedef struct Cut {
    bool side_to_side; /* across u at a fixed v; else across v at a fixed u */
    int fixed;
    int first, n_rows; /* what is shown across: the tendon and its surroundings */
} Cut;

static size_t cut_index(const Straightened *s, const Cut *cut, int across, int k)
{
    int i = cut->side_to_side ? across : cut->fixed, j = cut->side_to_side ? cut->fixed : across;
    return ((size_t)k * (size_t)s->nv + (size_t)j) * (size_t)s->nu + (size_t)i;
}

static int cut_rows(const Straightened *s, bool side_to_side)
{
    return side_to_side ? s->nu : s->nv;
}

/* Keeps the rows that the tendon reaches in this cut, and 6 mm on either side. */
static void trim_cut(Cut *cut, const Straightened *s)
{
    int n = cut_rows(s, cut->side_to_side), low = n, high = -1, margin = (int)ceil(6 / s->pixel_mm);
    for (int k = 0; k < s->ns; k++)
        for (int a = 0; a < n; a++)
            if (s->envelope[cut_index(s, cut, a, k)] >= 0.5f) {
                low = a < low ? a : low;
                high = a > high ? a : high;
            }
    if (high < 0) low = 0, high = n - 1;
    cut->first = low - margin < 0 ? 0 : low - margin;
    cut->n_rows = (high + margin >= n ? n - 1 : high + margin) - cut->first + 1;
}

/* The plane with most tear in it; the middle where there is none. */
static Cut choose_cut(const Straightened *s, bool side_to_side)
{
    int n = side_to_side ? s->nv : s->nu;
    Cut best = {.side_to_side = side_to_side, .fixed = n / 2};
    double most = 0;
    for (int fixed = 0; s->tear && fixed < n; fixed++) {
        Cut cut = {.side_to_side = side_to_side, .fixed = fixed};
        double sum = 0;
        for (int k = 0; k < s->ns; k++)
            for (int a = 0; a < cut_rows(s, side_to_side); a++) sum += (double)s->tear[cut_index(s, &cut, a, k)];
        if (sum > most * 1.0000001) {
            most = sum;
            best = cut;
        }
    }
    trim_cut(&best, s);
    return best;
}

/* One map of the cut as a tile: columns are sections, rows go across. Posterior and the +u side are at the bottom. */
static int cut_tile(Tile *out, const Straightened *s, const Cut *cut, const float *map, Error *error)
{
    *out = (Tile){s->ns, cut->n_rows, NULL};
    if (!map) return TENO_OK;
    out->data = array_alloc((size_t)out->nx * (size_t)out->ny, sizeof *out->data, error);
    if (!out->data) return TENO_FAILED;
    for (int a = 0; a < out->ny; a++)
        for (int k = 0; k < s->ns; k++) {
            float value = map[cut_index(s, cut, cut->first + a, k)];
            out->data[(size_t)a * (size_t)s->ns + (size_t)k] = isnan(value) ? 0 : value;
        }
    return TENO_OK;
}

static int cut_panel(Panel *out, const Straightened *s, const Cut *cut, const float *signal, Error *error)
{
    Tile envelope = {0};
    *out = (Panel){.window = {-0.25, 2.5}}; /* normalised signal: black below normal tendon, white well above muscle */
    int code = cut_tile(&out->signal, s, cut, signal, error);
    if (code == TENO_OK) code = cut_tile(&out->tear, s, cut, s->tear, error);
    if (code == TENO_OK) code = cut_tile(&out->tendinosis, s, cut, s->tendinosis, error);
    if (code == TENO_OK) code = cut_tile(&envelope, s, cut, s->envelope, error);
    if (code == TENO_OK && envelope.data)
        code = contour_find(&out->outline, envelope.data, envelope.nx, envelope.ny, 0.5f, error);
    out->outline_nx = envelope.nx, out->outline_ny = envelope.ny;
    tile_free(&envelope);
    if (code) panel_free(out);
    return code;
}

/* The patient direction that "down" of the cut points to, at the middle of the tendon. */
static Vec3 cut_down(const TendonShape *shape, bool side_to_side)
{
    if (shape->n_sections < 1) return vec3(0, 0, 0);
    const Section *middle = &shape->sections[shape->n_sections / 2];
    return side_to_side ? middle->u : middle->v;
}

static void draw_cut_letters(cairo_t *cr, Vec3 down, double y, double h)
{
    char letters[3];
    draw_colour(cr, COLOUR_INK, 1);
    direction_letters(letters, vec3_scale(down, -1));
    draw_text(cr, LEFT_PX - 10, y + 8, 13, ALIGN_RIGHT, letters);
    direction_letters(letters, down);
    draw_text(cr, LEFT_PX - 10, y + h - 8, 13, ALIGN_RIGHT, letters);
}

static int draw_cut(cairo_t *cr, const TendonResult *result, const Cut *cut, const float *signal, const char *caption,
                    int y, int w, int h, Error *error)
{
    Panel panel;
    int code = cut_panel(&panel, &result->straightened, cut, signal, error);
    if (code) return code;
    code = panel_draw(cr, &panel, LEFT_PX, y, w, h, PANEL_OUTLINE | PANEL_TEAR, NULL, error);
    draw_colour(cr, COLOUR_INK, 1);
    draw_text(cr, LEFT_PX, y - 10, 12, ALIGN_LEFT, caption);
    cairo_rectangle(cr, LEFT_PX - 0.5, y - 0.5, w + 1, h + 1);
    draw_colour(cr, COLOUR_FAINT, 1);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    draw_cut_letters(cr, cut_down(&result->segmentation.shape, cut->side_to_side), y, h);
    panel_free(&panel);
    return code;
}

static void draw_axis(cairo_t *cr, const TendonResult *result, double y, double w)
{
    const Straightened *s = &result->straightened;
    char label[128];
    Plot axis = {cr, LEFT_PX, y - 1, w, 1, s->s0_mm - s->step_mm / 2, s->s0_mm + (s->ns - 0.5) * s->step_mm, 0, 1};
    snprintf(label, sizeof label, STRINGS.s_axis, origin_text(result->segmentation.origin));
    plot_x_axis(&axis, label);
    draw_text(cr, LEFT_PX, y + 34, 12, ALIGN_LEFT, STRINGS.distal);
    draw_text(cr, LEFT_PX + w, y + 34, 12, ALIGN_RIGHT, STRINGS.proximal);
}

bool has_straightened(const TendonResult *result)
{
    const Straightened *s = &result->straightened;
    return s->ns > 1 && s->envelope && (s->anatomy || s->fluid);
}

cairo_t *straightened_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    if (!has_straightened(result)) return NULL;
    const Straightened *s = &result->straightened;
    double px_per_mm = fmin(8, 1000 / (s->ns * s->step_mm));
    const float *signals[2] = {s->anatomy, s->fluid};
    const int channels[2] = {0, fluid_channel(analysis)};
    Cut cuts[2] = {choose_cut(s, false), choose_cut(s, true)};
    int w = (int)(s->ns * s->step_mm * px_per_mm), n_signals = 0, heights = 0, code = TENO_OK;
    for (int i = 0; i < 2; i++) n_signals += signals[i] != NULL;
    for (int c = 0; c < 2; c++) heights += n_signals * ((int)(cuts[c].n_rows * s->pixel_mm * px_per_mm) + GAP_PX);
    cairo_t *cr = figure_make(w + LEFT_PX + 20, TOP_PX + heights + BOTTOM_PX, COLOUR_PAPER, error);
    if (!cr) return NULL;
    char text[200], caption[64];
    int y = TOP_PX;
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 2 && code == TENO_OK; i++) {
            int h = (int)(cuts[c].n_rows * s->pixel_mm * px_per_mm);
            if (!signals[i]) continue;
            channel_caption(caption, sizeof caption, &analysis->prepared.channel[channels[i]]);
            snprintf(text, sizeof text, c ? STRINGS.cut_side_side : STRINGS.cut_front_back, caption);
            code = draw_cut(cr, result, &cuts[c], signals[i], text, y, w, h, error);
            y += h + GAP_PX;
        }
    draw_axis(cr, result, y - GAP_PX + 2, w);
    snprintf(text, sizeof text, STRINGS.straightened_title, result->spec->display_name,
             STRINGS.side[result_side(analysis, result)]);
    draw_text(cr, 12, 16, 15, ALIGN_LEFT, text);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, 12, y + BOTTOM_PX - GAP_PX - 2, 11, ALIGN_LEFT, STRINGS.research_use);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}
