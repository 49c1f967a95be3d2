/*
 * overlays/NAME_nnn.png: each slice of the reference series that shows the tendon. Left the reference series with
 * outline and tear; right the fluid-sensitive series in the same plane with the outline alone, so that the eye can
 * check what was called a tear. The montage shows the same slices at a glance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/canvas.h"
#include "output/figure.h"
#include "output/figures.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/panel.h"
#include "output/pictures.h"
#include "output/strings.h"
#include "teno/memory.h"

enum { PANEL_PX = 440, BAR_PX = 30, GAP_PX = 6, LEAST_WIDTH_PX = 520, MONTAGE_COLUMNS = 6, MONTAGE_TILES = 30 };
static const double most_px_per_mm = 12, margin_mm = 14;
static const Colour dark = {0.09, 0.09, 0.11};

/* Size of one panel in pixels: the longer side PANEL_PX. */
static double panel_size(const SliceSource *source, double longest_px, int *w, int *h)
{
    double width = source->region.nx * source->reference->dx, height = source->region.ny * source->reference->dy;
    double px_per_mm = fmin(longest_px / fmax(width, height), most_px_per_mm);
    *w = (int)(width * px_per_mm + 0.5);
    *h = (int)(height * px_per_mm + 0.5);
    return px_per_mm;
}

static void slice_title(char *text, size_t size, const Analysis *analysis, const SliceSource *source, int k)
{
    char label[96];
    slice_label(label, sizeof label, source, k);
    snprintf(text, size, STRINGS.slice_title, source->result->spec->display_name,
             STRINGS.side[result_side(analysis, source->result)], label);
}

static void draw_legend(cairo_t *cr, double y, const TendonResult *result)
{
    double x = 10;
    if (result->envelope.data) x += draw_legend_entry(cr, x, y, 12, COLOUR_TENDON, false, STRINGS.tendon);
    if (result->tear.data) x += draw_legend_entry(cr, x, y, 12, COLOUR_TEAR, true, STRINGS.tear);
    if (result->tendinosis.data && result->measures.tendinosis_volume_mm3.value > 0)
        x += draw_legend_entry(cr, x, y, 12, COLOUR_TENDINOSIS, true, STRINGS.tendinosis);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, x, y, 11, ALIGN_LEFT, STRINGS.research_use);
}

static int draw_panel_of(cairo_t *cr, const SliceSource *source, int k, int x, int y, int w, int h, unsigned parts,
                         Error *error)
{
    Panel panel;
    char caption[64];
    int code = slice_panel_make(&panel, source, k, error);
    if (code) return code;
    channel_caption(caption, sizeof caption, source->channel);
    code = panel_draw(cr, &panel, x, y, w, h, parts, parts & PANEL_LETTERS ? caption : NULL, error);
    panel_free(&panel);
    return code;
}

typedef cairo_t *(*CanvasMaker)(int width, int height, Colour background, Error *error);

/* On a canvas (fast) or a figure; sources[1].result is NULL when the study has one channel only. */
static cairo_t *overlay_picture(CanvasMaker make, const Analysis *analysis, const SliceSource sources[2], int k,
                                Error *error)
{
    int w, h, n = sources[1].result ? 2 : 1;
    panel_size(&sources[0], PANEL_PX, &w, &h);
    int used = n * w + (n - 1) * GAP_PX, width = used < LEAST_WIDTH_PX ? LEAST_WIDTH_PX : used;
    cairo_t *cr = make(width, h + 2 * BAR_PX, dark, error);
    if (!cr) return NULL;
    char title[256];
    slice_title(title, sizeof title, analysis, &sources[0], k);
    draw_colour(cr, COLOUR_PAPER, 1);
    draw_text(cr, 10, BAR_PX / 2.0, 14, ALIGN_LEFT, title);
    int code = TENO_OK;
    for (int p = 0; p < n && code == TENO_OK; p++)
        code = draw_panel_of(cr, &sources[p], k, (width - used) / 2 + p * (w + GAP_PX), BAR_PX, w, h,
                             p ? PANEL_ALL & ~PANEL_TEAR : PANEL_ALL, error);
    draw_legend(cr, h + 1.5 * BAR_PX, sources[0].result);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}

static int overlay_write(const Analysis *analysis, const SliceSource sources[2], int k, const char *folder,
                         const char *name, Error *error)
{
    char file[NAME_SIZE + 32];
    cairo_t *cr = overlay_picture(canvas_make, analysis, sources, k, error);
    if (!cr) return TENO_FAILED;
    snprintf(file, sizeof file, "overlays/%s_%03d.png", name, k + 1);
    int code = canvas_write_png(cr, folder, file, error);
    canvas_free(cr);
    return code;
}

/* The reference series and, where there is one, the fluid-sensitive series. */
static int sources_make(SliceSource sources[2], const Analysis *analysis, const TendonResult *result, Error *error)
{
    int fluid = fluid_channel(analysis), code = slice_source_make(&sources[0], analysis, result, 0, margin_mm, error);
    sources[1] = (SliceSource){0};
    if (code == TENO_OK && fluid > 0) code = slice_source_make(&sources[1], analysis, result, fluid, margin_mm, error);
    return code;
}

cairo_t *best_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    SliceSource sources[2];
    if (analysis->prepared.n_channels < 1 || sources_make(sources, analysis, result, error)) return NULL;
    if (sources[0].region.nk < 1) return NULL;
    return overlay_picture(figure_make, analysis, sources, best_slice(&sources[0]), error);
}

cairo_t *context_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    if (analysis->prepared.n_channels < 1) return NULL;
    const Grid *grid = &analysis->prepared.channel[0].vol.grid;
    const TendonResult nothing = {.spec = result->spec, .segmentation.side = result->segmentation.side};
    const int fluid = fluid_channel(analysis), channels[2] = {0, fluid};
    SliceSource sources[2] = {0};
    for (int p = 0; p < (fluid > 0 ? 2 : 1); p++) {
        const Channel *channel = &analysis->prepared.channel[channels[p]];
        sources[p] = (SliceSource){.result = &nothing,
                                   .reference = grid,
                                   .channel = channel,
                                   .region = {0, 0, grid->nx, grid->ny, grid->nz / 2, 1}};
        if (window_find(&sources[p].window, &channel->vol, p ? &channel->ref_to_channel : NULL, grid,
                        &sources[p].region, error))
            return NULL;
    }
    return overlay_picture(figure_make, analysis, sources, grid->nz / 2, error);
}

int overlay_pictures(cairo_t **pictures, int most, int *n_pictures, const Analysis *analysis,
                     const TendonResult *result, Error *error)
{
    SliceSource sources[2];
    *n_pictures = 0;
    int code = analysis->prepared.n_channels < 1 ? TENO_OK : sources_make(sources, analysis, result, error);
    if (code || analysis->prepared.n_channels < 1) return code;
    int n_slices = sources[0].region.nk, n = n_slices < most ? n_slices : most, n_failed = 0;
    Error *errors = array_alloc((size_t)n, sizeof *errors, error);
    if (!errors) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic) reduction(+ : n_failed)
    for (int t = 0; t < n; t++) {
        int k = sources[0].region.k0 + (n > 1 ? (int)((double)t * (n_slices - 1) / (n - 1) + 0.5) : 0);
        pictures[t] = overlay_picture(canvas_make, analysis, sources, k, &errors[t]);
        n_failed += pictures[t] == NULL;
    }
    *n_pictures = n;
    for (int t = 0; t < n && n_failed && !code; t++) code = error_set(error, errors[t].code, "%s", errors[t].message);
    free(errors);
    return code;
}

cairo_t *montage_picture(const Analysis *analysis, const TendonResult *result, Error *error)
{
    SliceSource sources[2];
    if (analysis->prepared.n_channels < 1 || sources_make(sources, analysis, result, error)) return NULL;
    const SliceSource *source = &sources[sources[1].result != NULL];
    if (source->region.nk < 1) return NULL;
    int n = source->region.nk < MONTAGE_TILES ? source->region.nk : MONTAGE_TILES, w, h;
    int columns = n < MONTAGE_COLUMNS ? n : MONTAGE_COLUMNS, rows = (n + columns - 1) / columns;
    panel_size(source, 170, &w, &h);
    int width = columns * (w + 4) < LEAST_WIDTH_PX ? LEAST_WIDTH_PX : columns * (w + 4);
    cairo_t *cr = figure_make(width, rows * (h + 4) + 2 * BAR_PX, dark, error);
    if (!cr) return NULL;
    char title[256], caption[64], label[64];
    int code = TENO_OK;
    channel_caption(caption, sizeof caption, source->channel);
    snprintf(title, sizeof title, STRINGS.montage_title, source->result->spec->display_name,
             STRINGS.side[result_side(analysis, source->result)], caption);
    draw_colour(cr, COLOUR_PAPER, 1);
    draw_text(cr, 10, BAR_PX / 2.0, 14, ALIGN_LEFT, title);
    for (int t = 0; t < n && code == TENO_OK; t++) {
        int k = source->region.k0 + (n > 1 ? (int)((double)t * (source->region.nk - 1) / (n - 1) + 0.5) : 0);
        int x = t % columns * (w + 4) + 2, y = BAR_PX + t / columns * (h + 4) + 2;
        double low = 0, high = 0;
        code = draw_panel_of(cr, source, k, x, y, w, h, PANEL_OUTLINE | PANEL_TEAR, error);
        snprintf(label, sizeof label, "%d", k + 1);
        if (slice_s_range(source->result, source->reference, k, &low, &high) && high - low < 6)
            text_append(label, sizeof label, " · s %d", (int)lround((low + high) / 2));
        draw_text_on_image(cr, x + 5, y + 10, 11, ALIGN_LEFT, label);
    }
    draw_legend(cr, rows * (h + 4) + 1.5 * BAR_PX, source->result);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}

/* All slices of one tendon, in parallel: each makes its own file. */
static int overlays_write(const Analysis *analysis, const TendonResult *result, const char *folder, const char *name,
                          Error *error)
{
    SliceSource sources[2];
    int first_failed = -1, code = sources_make(sources, analysis, result, error);
    int n = sources[0].region.nk;
    if (code || n == 0) return code;
    Error *errors = calloc((size_t)n, sizeof *errors);
    if (!errors) return error_set(error, TENO_FAILED, "overlays: out of memory");
#pragma omp parallel for schedule(dynamic)
    for (int t = 0; t < n; t++)
        errors[t].code = overlay_write(analysis, sources, sources[0].region.k0 + t, folder, name, &errors[t]);
    for (int t = n - 1; t >= 0; t--)
        if (errors[t].code) first_failed = t;
    if (first_failed >= 0) code = error_set(error, errors[first_failed].code, "%s", errors[first_failed].message);
    free(errors);
    return code;
}

int write_pictures(const Analysis *analysis, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++) {
        const TendonResult *result = &analysis->tendons[i];
        char name[NAME_SIZE];
        if (result->status != STATUS_MEASURED || analysis->prepared.n_channels < 1) continue;
        result_name(name, analysis, i);
        code = folder_make(folder, "overlays", error);
        if (code == TENO_OK) code = overlays_write(analysis, result, folder, name, error);
        if (code == TENO_OK) code = figures_write_overlays(analysis, NULL, i, folder, name, error);
    }
    return code;
}
