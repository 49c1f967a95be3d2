/* What the page's slice viewer and plots show: images as embedded grey PNG, outlines and tears as polygons. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/html.h"
#include "output/json_parts.h"
#include "output/panel.h"
#include "output/pictures.h"
#include "output/png.h"
#include "output/section_view.h"
#include "output/strings.h"

static const double viewer_margin_mm = 26;

/* Eight bits leave room around the window for the reader to change it: black at its low end, white 25 % above it. */
static int grey_png(Text *out, const Tile *tile, Window window, Error *error)
{
    size_t n = (size_t)tile->nx * (size_t)tile->ny;
    unsigned char *grey = malloc(n);
    Text png = {0};
    if (!grey) return error_set(error, TENO_FAILED, "viewer: out of memory");
    double scale = 255 / (1.25 * (window.high - window.low));
    for (size_t i = 0; i < n; i++) {
        double value = ((double)tile->data[i] - window.low) * scale;
        grey[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
    }
    int code = png_encode(&png, grey, tile->nx, tile->ny, tile->nx, PNG_GREY8, 0, error);
    text_add(out, "data:image/png;base64,");
    if (code == TENO_OK) text_add_base64(out, (const unsigned char *)png.data, png.length);
    if (out->failed) code = error_set(error, TENO_FAILED, "viewer: out of memory");
    text_free(&png);
    free(grey);
    return code;
}

/* Polygons in ten-thousandths of the rectangle, [[x, y, x, y, …], …]. */
static json_t *polygons(const Contour *contour, int nx, int ny)
{
    json_t *list = json_array();
    for (int p = 0; p < contour->n_paths; p++) {
        json_t *polygon = json_array();
        for (int i = contour->start[p]; i < contour->start[p + 1]; i++) {
            json_array_append_new(polygon, json_integer(lround(((double)contour->x[i] + 0.5) / nx * 1e4)));
            json_array_append_new(polygon, json_integer(lround(((double)contour->y[i] + 0.5) / ny * 1e4)));
        }
        json_array_append_new(list, polygon);
    }
    return list;
}

/* One frame of a pane, made in parallel and put together in order afterwards. */
typedef struct Frame {
    Text image;
    Contour outline, tear;
    int outline_nx, outline_ny, tear_nx, tear_ny;
    bool has_tear;
    double aspect;
    SideLetters letters;
    Error error;
} Frame;

static void frame_free(Frame *frame)
{
    text_free(&frame->image);
    contour_free(&frame->outline);
    contour_free(&frame->tear);
}

/* Takes what it needs of the panel, which it frees. */
static void frame_of_panel(Frame *frame, Panel *panel)
{
    frame->error.code = grey_png(&frame->image, &panel->signal, panel->window, &frame->error);
    frame->outline = panel->outline;
    panel->outline = (Contour){0};
    frame->outline_nx = panel->outline_nx, frame->outline_ny = panel->outline_ny;
    frame->aspect = panel->view.ny * panel->view.pixel_y_mm / (panel->view.nx * panel->view.pixel_x_mm);
    frame->letters = view_letters(&panel->view);
    frame->has_tear = panel->tear.data != NULL;
    if (frame->error.code == TENO_OK && frame->has_tear) {
        Tile fine = {0};
        frame->tear_nx = panel->tear.nx * 2, frame->tear_ny = panel->tear.ny * 2;
        frame->error.code = tile_resize(&fine, &panel->tear, frame->tear_nx, frame->tear_ny, &frame->error);
        if (frame->error.code == TENO_OK)
            frame->error.code = contour_find(&frame->tear, fine.data, fine.nx, fine.ny, 0.5f, &frame->error);
        tile_free(&fine);
    }
    panel_free(panel);
}

static json_t *pane_json(const Frame *frames, int n, const char *caption)
{
    json_t *pane = json_object(), *images = json_array(), *outline = json_array(), *tear = json_array();
    json_t *letters = json_object();
    for (int i = 0; i < n; i++) {
        json_array_append_new(images, json_stringn(frames[i].image.data, frames[i].image.length));
        json_array_append_new(outline, polygons(&frames[i].outline, frames[i].outline_nx, frames[i].outline_ny));
        if (frames[i].has_tear)
            json_array_append_new(tear, polygons(&frames[i].tear, frames[i].tear_nx, frames[i].tear_ny));
    }
    json_put(pane, "caption", json_text(caption));
    json_put(pane, "aspect", json_number(frames[0].aspect));
    json_put(letters, "left", json_text(frames[0].letters.left));
    json_put(letters, "right", json_text(frames[0].letters.right));
    json_put(letters, "up", json_text(frames[0].letters.up));
    json_put(letters, "down", json_text(frames[0].letters.down));
    json_put(pane, "letters", letters);
    json_put(pane, "images", images);
    json_put(pane, "outline", outline);
    if (json_array_size(tear) == (size_t)n)
        json_put(pane, "tear", tear);
    else
        json_decref(tear);
    return pane;
}

/* Makes one panel for a frame number. */
typedef int (*PanelMaker)(Panel *out, const void *source, int frame, Error *error);

static json_t *make_pane(PanelMaker make, const void *source, int n, const char *caption, Error *error)
{
    Frame *frames = calloc((size_t)n, sizeof *frames);
    json_t *pane = NULL;
    if (!frames) {
        error_set(error, TENO_FAILED, "viewer: out of memory");
        return NULL;
    }
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++) {
        Panel panel;
        frames[i].error.code = make(&panel, source, i, &frames[i].error);
        if (frames[i].error.code == TENO_OK) frame_of_panel(&frames[i], &panel);
    }
    int failed = 0;
    while (failed < n && frames[failed].error.code == TENO_OK) failed++;
    if (failed < n)
        error_set(error, frames[failed].error.code, "%s", frames[failed].error.message);
    else
        pane = pane_json(frames, n, caption);
    for (int i = 0; i < n; i++) frame_free(&frames[i]);
    free(frames);
    return pane;
}

static int slice_maker(Panel *out, const void *source, int frame, Error *error)
{
    const SliceSource *slices = source;
    return slice_panel_make(out, slices, slices->region.k0 + frame, error);
}

static json_t *slice_frames(const SliceSource *source)
{
    json_t *frames = json_array();
    for (int i = 0; i < source->region.nk; i++) {
        int k = source->region.k0 + i;
        char label[128];
        json_t *frame = json_object();
        slice_label(label, sizeof label, source, k);
        json_put(frame, "label", json_text(label));
        json_array_append_new(frames, frame);
    }
    return frames;
}

json_t *viewer_of_slices(const Analysis *analysis, const TendonResult *result, Error *error)
{
    int channels[2] = {0, fluid_channel(analysis)};
    json_t *viewer = json_object(), *panes = json_array();
    for (int p = 0; p < (channels[1] ? 2 : 1); p++) {
        SliceSource source;
        char caption[96];
        json_t *pane = NULL;
        if (slice_source_make(&source, analysis, result, channels[p], viewer_margin_mm, error) == TENO_OK) {
            channel_caption(caption, sizeof caption, source.channel);
            pane = make_pane(slice_maker, &source, source.region.nk, caption, error);
        }
        if (!pane) {
            json_decref(panes);
            json_decref(viewer);
            return NULL;
        }
        json_array_append_new(panes, pane);
        if (p > 0) continue;
        json_put(viewer, "frames", slice_frames(&source));
        json_put(viewer, "start", json_integer(best_slice(&source) - source.region.k0));
        json_put(viewer, "slider", json_text(STRINGS.slices_slider));
    }
    json_put(viewer, "panes", panes);
    return viewer;
}

static int section_maker(Panel *out, const void *source, int frame, Error *error)
{
    return section_panel_make(out, source, frame, error);
}

json_t *viewer_of_sections(const Comparison *comparison, int tendon, Error *error)
{
    json_t *viewer = json_object(), *panes = json_array(), *frames = json_array();
    const char *captions[2] = {STRINGS.before, STRINGS.after};
    for (int date = 0; date < 2; date++) {
        SectionSource source;
        json_t *pane = NULL;
        if (section_source_make(&source, comparison, tendon, date, error) == TENO_OK)
            pane = make_pane(section_maker, &source, source.n, captions[date], error);
        if (!pane) {
            json_decref(panes);
            json_decref(frames);
            json_decref(viewer);
            return NULL;
        }
        json_array_append_new(panes, pane);
        for (int i = 0; i < source.n && date == 0; i++) {
            char label[64];
            json_t *frame = json_object();
            snprintf(label, sizeof label, STRINGS.section_label, section_s(&source, i));
            json_put(frame, "label", json_text(label));
            json_array_append_new(frames, frame);
        }
        if (date == 0) json_put(viewer, "start", json_integer(best_section(&source)));
    }
    json_put(viewer, "frames", frames);
    json_put(viewer, "slider", json_text(STRINGS.sections_slider));
    json_put(viewer, "panes", panes);
    return viewer;
}
