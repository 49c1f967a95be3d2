#include "output/panel.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "output/canvas.h"
#include "output/names.h"
#include "output/strings.h"

/* Opacity of a voxel that is all tear: the image must stay readable under it. */
static const double tear_opacity = 0.45, tendinosis_opacity = 0.30;

void panel_free(Panel *panel)
{
    tile_free(&panel->signal);
    tile_free(&panel->tear);
    tile_free(&panel->tendinosis);
    contour_free(&panel->outline);
}

static double clamp01(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* Grey image with the fractions blended over it. Tiles have w × h pixels or no data. */
static int paint(cairo_t *cr, const Tile *signal, const Tile *tear, const Tile *tendinosis, Window window, int x, int y,
                 Error *error)
{
    Raster raster;
    int code = raster_make(&raster, signal->nx, signal->ny, error);
    if (code) return code;
    double scale = 1 / (window.high - window.low);
    for (int j = 0; j < signal->ny; j++) {
        uint32_t *row = raster.pixels + (size_t)j * (size_t)raster.stride;
        size_t at = (size_t)j * (size_t)signal->nx;
        for (int i = 0; i < signal->nx; i++, at++) {
            double grey = clamp01(((double)signal->data[at] - window.low) * scale);
            double b = tendinosis->data ? tendinosis_opacity * clamp01((double)tendinosis->data[at]) : 0;
            double a = tear->data ? tear_opacity * clamp01((double)tear->data[at]) : 0;
            row[i] = (uint32_t)(grey * 255 + 0.5) * 0x010101;
            if (!(a > 0 || b > 0)) continue;
            Colour c = colour_mix((Colour){grey, grey, grey}, COLOUR_TENDINOSIS, b);
            row[i] = colour_pack(colour_mix(c, COLOUR_TEAR, a));
        }
    }
    return raster_put(&raster, cr, x, y, error);
}

/* A line in the colour on a dark halo. */
static void stroke(cairo_t *cr, Colour colour, double width)
{
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_set_line_width(cr, width + 2);
    cairo_stroke_preserve(cr);
    draw_colour(cr, colour, 1);
    cairo_set_line_width(cr, width);
    cairo_stroke(cr);
}

static void draw_letters(cairo_t *cr, const View *view, int x, int y, int w, int h, bool below_caption)
{
    SideLetters letters = view_letters(view);
    draw_text_on_image(cr, x + 6, y + h / 2.0, 14, ALIGN_LEFT, letters.left);
    draw_text_on_image(cr, x + w - 6, y + h / 2.0, 14, ALIGN_RIGHT, letters.right);
    draw_text_on_image(cr, x + w / 2.0, y + (below_caption ? 34 : 12), 14, ALIGN_CENTRE, letters.up);
    draw_text_on_image(cr, x + w / 2.0, y + h - 12, 14, ALIGN_CENTRE, letters.down);
}

static int draw_tear_outline(cairo_t *cr, const Tile *tear, int x, int y, Error *error)
{
    Contour contour = {0};
    int code = contour_find(&contour, tear->data, tear->nx, tear->ny, 0.5f, error);
    if (code) return code;
    contour_path(cr, &contour, x, y, 1, 1);
    stroke(cr, COLOUR_TEAR, 1.3);
    contour_free(&contour);
    return TENO_OK;
}

int panel_draw(cairo_t *cr, const Panel *panel, int x, int y, int w, int h, unsigned parts, const char *caption,
               Error *error)
{
    Tile signal = {0}, tear = {0}, tendinosis = {0};
    bool with_tear = parts & PANEL_TEAR;
    int code = tile_resize(&signal, &panel->signal, w, h, error);
    if (code == TENO_OK && with_tear && panel->tear.data) code = tile_resize(&tear, &panel->tear, w, h, error);
    if (code == TENO_OK && with_tear && panel->tendinosis.data)
        code = tile_resize(&tendinosis, &panel->tendinosis, w, h, error);
    if (code == TENO_OK) code = paint(cr, &signal, &tear, &tendinosis, panel->window, x, y, error);
    if (code) goto done;
    cairo_save(cr);
    cairo_rectangle(cr, x, y, w, h);
    cairo_clip(cr);
    if (tear.data) code = draw_tear_outline(cr, &tear, x, y, error);
    if (parts & PANEL_OUTLINE && panel->outline.n_paths > 0) {
        contour_path(cr, &panel->outline, x, y, (double)w / panel->outline_nx, (double)h / panel->outline_ny);
        stroke(cr, COLOUR_TENDON, 1.8);
    }
    if (parts & PANEL_LETTERS) draw_letters(cr, &panel->view, x, y, w, h, caption != NULL);
    if (parts & PANEL_SCALE)
        draw_scale_bar(cr, x + 12, y + h - 14, w / (panel->view.nx * panel->view.pixel_x_mm), w / 3.0);
    if (caption) draw_text_on_image(cr, x + 8, y + 14, 12, ALIGN_LEFT, caption);
    cairo_restore(cr);
done:
    tile_free(&signal);
    tile_free(&tear);
    tile_free(&tendinosis);
    return code;
}

int fluid_channel(const Analysis *analysis)
{
    for (int c = 0; c < analysis->prepared.n_channels; c++)
        if (analysis->prepared.channel[c].series->role == ROLE_FLUID) return c;
    return 0;
}

void channel_caption(char *text, size_t size, const Channel *channel)
{
    const Series *series = channel->series;
    text[0] = 0;
    text_append(text, size, "%s%s, %s", STRINGS.contrast[series->contrast],
                series->acquisition.fat_suppressed && series->contrast != CONTRAST_STIR ? STRINGS.fat_suppressed : "",
                STRINGS.plane[series->plane]);
}

int slice_source_make(SliceSource *out, const Analysis *analysis, const TendonResult *result, int c, double margin_mm,
                      Error *error)
{
    const Channel *channel = &analysis->prepared.channel[c];
    const Grid *reference = &analysis->prepared.channel[0].vol.grid;
    *out = (SliceSource){.result = result, .reference = reference, .channel = channel};
    if (!region_of_tendon(&out->region, result, reference, margin_mm)) return TENO_OK; /* an empty region: no slices */
    return window_find(&out->window, &channel->vol, c ? &channel->ref_to_channel : NULL, reference, &out->region,
                       error);
}

/* Outline at half a voxel of tendon, on a mask three times finer than the voxels so that it is smooth. */
static int find_outline(Panel *out, const Tile *mask, Error *error)
{
    Tile fine = {0};
    int code = tile_resize(&fine, mask, mask->nx * 3, mask->ny * 3, error);
    if (code == TENO_OK) code = contour_find(&out->outline, fine.data, fine.nx, fine.ny, 0.5f, error);
    out->outline_nx = fine.nx, out->outline_ny = fine.ny;
    tile_free(&fine);
    return code;
}

int slice_panel_make(Panel *out, const SliceSource *source, int k, Error *error)
{
    const Region *r = &source->region;
    const Channel *channel = source->channel;
    const Grid *own = &channel->vol.grid;
    bool is_reference = source->reference == own;
    Tile mask = {0};
    View view = view_of_slice(source->reference, r->i0, r->j0, r->nx, r->ny, k);
    double finest = fmin(own->dx, fmin(own->dy, own->dz));
    *out = (Panel){.view = is_reference ? view : view_refined(&view, finest), .window = source->window};
    int code =
        tile_sample(&out->signal, &out->view, &channel->vol, is_reference ? NULL : &channel->ref_to_channel, error);
    if (code == TENO_OK && source->result->envelope.data) {
        code = tile_sample(&mask, &view, &source->result->envelope, NULL, error);
        if (code == TENO_OK) code = find_outline(out, &mask, error);
    }
    if (code == TENO_OK && source->result->tear.data)
        code = tile_sample(&out->tear, &view, &source->result->tear, NULL, error);
    if (code == TENO_OK && source->result->tendinosis.data)
        code = tile_sample(&out->tendinosis, &view, &source->result->tendinosis, NULL, error);
    tile_free(&mask);
    if (code) panel_free(out);
    return code;
}

void slice_label(char *text, size_t size, const SliceSource *source, int k)
{
    double low, high;
    snprintf(text, size, STRINGS.slice_label, k + 1, source->reference->nz);
    if (!slice_s_range(source->result, source->reference, k, &low, &high)) return;
    text_append(text, size, " · ");
    if (high - low < 6)
        text_append(text, size, STRINGS.s_at, (low + high) / 2); /* a slice across the tendon */
    else
        text_append(text, size, STRINGS.s_from, low, high); /* a slice along it */
}

static int fullest_slice(const Vol *mask)
{
    int best = -1;
    double most = 0;
    for (int k = 0; mask->data && k < mask->grid.nz; k++) {
        double sum = 0;
        size_t n = (size_t)mask->grid.nx * (size_t)mask->grid.ny;
        const float *slice = mask->data + (size_t)k * n;
        for (size_t i = 0; i < n; i++) sum += (double)slice[i];
        if (sum <= most) continue;
        most = sum;
        best = k;
    }
    return best;
}

int best_slice(const SliceSource *source)
{
    const Vol *envelope = &source->result->envelope;
    int k = fullest_slice(&source->result->tear);
    if (k < 0) k = fullest_slice(envelope);
    Vec3 offset = grid_to_vox(source->reference, envelope->grid.origin_lps);
    k += (int)lround(offset.z);
    int last = source->region.k0 + source->region.nk - 1;
    return k < source->region.k0 ? source->region.k0 : k > last ? last : k;
}
