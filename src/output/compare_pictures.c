/*
 * overlays/ of a comparison: sections of both dates at the same s beside each other, the straightened tendon of both
 * dates and the difference of their torn parts, the profiles over each other, and the tendon unrolled.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/canvas.h"
#include "output/compare_pictures.h"
#include "output/figure.h"
#include "output/figures.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/pictures.h"
#include "output/section_view.h"
#include "output/strings.h"

enum { SIDE_PX = 400, BAR_PX = 30, GAP_PX = 6, MOST_PICTURES = 60, MONTAGE_COLUMNS = 8, MONTAGE_PX = 150 };
static const Colour dark = {0.09, 0.09, 0.11};

static void draw_legend(cairo_t *cr, double y)
{
    double x = 10;
    x += draw_legend_entry(cr, x, y, 12, COLOUR_TENDON, false, STRINGS.tendon);
    x += draw_legend_entry(cr, x, y, 12, COLOUR_TEAR, true, STRINGS.tear);
    draw_colour(cr, COLOUR_FAINT, 1);
    draw_text(cr, x, y, 11, ALIGN_LEFT, STRINGS.research_use);
}

/* "before, 2026-01-14 · T2 fat-suppressed, axial" */
static void date_caption(char *text, size_t size, const Comparison *comparison, const SectionSource *source, int date)
{
    char day[DATE_SIZE], series[64];
    date_iso(day, (date ? comparison->post : comparison->pre)->study->study_date);
    channel_caption(series, sizeof series, source->channel);
    snprintf(text, size, "%s%s%s · %s", date ? STRINGS.after : STRINGS.before, day[0] ? ", " : "", day, series);
}

/* A fluid series may end before the reference does: said, because a black square looks like a fault. */
static bool section_imaged(const Panel *panel)
{
    for (int i = 0; i < panel->view.nx * panel->view.ny; i++)
        if (panel->signal.data[i] != 0) return true;
    return false;
}

static int draw_section(cairo_t *cr, const SectionSource *source, int frame, int x, int y, int size, unsigned parts,
                        const char *caption, Error *error)
{
    Panel panel;
    int code = section_panel_make(&panel, source, frame, error);
    if (code) return code;
    code = panel_draw(cr, &panel, x, y, size, size, parts, caption, error);
    if (code == TENO_OK && !section_imaged(&panel)) {
        draw_colour(cr, COLOUR_PAPER, 1);
        draw_text(cr, x + size / 2.0, y + size - 24, size < SIDE_PX ? 11 : 14, ALIGN_CENTRE, STRINGS.not_imaged);
    }
    panel_free(&panel);
    return code;
}

typedef cairo_t *(*CanvasMaker)(int width, int height, Colour background, Error *error);

/* On a canvas (fast) or a figure. */
static cairo_t *pair_picture(CanvasMaker make, const Comparison *comparison, const SectionSource sources[2], int frame,
                             Error *error)
{
    const TendonChange *change = sources[0].change;
    char title[200], s[48], caption[160];
    cairo_t *cr = make(2 * SIDE_PX + GAP_PX, SIDE_PX + 2 * BAR_PX, dark, error);
    if (!cr) return NULL;
    snprintf(s, sizeof s, STRINGS.s_at, section_s(&sources[0], frame));
    snprintf(title, sizeof title, STRINGS.slice_title, change->spec->display_name, STRINGS.side[change->side], s);
    draw_colour(cr, COLOUR_PAPER, 1);
    draw_text(cr, 10, BAR_PX / 2.0, 14, ALIGN_LEFT, title);
    int code = TENO_OK;
    for (int date = 0; date < 2 && code == TENO_OK; date++) {
        date_caption(caption, sizeof caption, comparison, &sources[date], date);
        code = draw_section(cr, &sources[date], frame, date * (SIDE_PX + GAP_PX), BAR_PX, SIDE_PX, PANEL_ALL, caption,
                            error);
    }
    draw_legend(cr, SIDE_PX + 1.5 * BAR_PX);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}

static int pair_write(const Comparison *comparison, const SectionSource sources[2], int number, int frame,
                      const char *folder, const char *name, Error *error)
{
    char file[NAME_SIZE + 32];
    cairo_t *cr = pair_picture(canvas_make, comparison, sources, frame, error);
    if (!cr) return TENO_FAILED;
    snprintf(file, sizeof file, "overlays/%s_%03d.png", name, number);
    int code = canvas_write_png(cr, folder, file, error);
    canvas_free(cr);
    return code;
}

static int sources_make(SectionSource sources[2], const Comparison *comparison, int tendon, Error *error)
{
    int code = TENO_OK;
    for (int date = 0; date < 2 && code == TENO_OK; date++)
        code = section_source_make(&sources[date], comparison, tendon, date, error);
    return code;
}

cairo_t *best_pair_picture(const Comparison *comparison, int tendon, Error *error)
{
    SectionSource sources[2];
    if (sources_make(sources, comparison, tendon, error)) return NULL;
    return pair_picture(figure_make, comparison, sources, best_section(&sources[0]), error);
}

/* Both dates in two rows at places spread over the common range. */
cairo_t *change_montage_picture(const Comparison *comparison, int tendon, Error *error)
{
    SectionSource sources[2];
    if (sources_make(sources, comparison, tendon, error)) return NULL;
    int columns = sources[0].n < MONTAGE_COLUMNS ? sources[0].n : MONTAGE_COLUMNS, code = TENO_OK;
    int width = columns * (MONTAGE_PX + 4), height = 2 * (MONTAGE_PX + BAR_PX) + BAR_PX;
    cairo_t *cr = figure_make(width < 520 ? 520 : width, height, dark, error);
    if (!cr) return NULL;
    for (int date = 0; date < 2 && code == TENO_OK; date++) {
        char caption[160], label[32];
        int y = date * (MONTAGE_PX + BAR_PX);
        date_caption(caption, sizeof caption, comparison, &sources[date], date);
        draw_colour(cr, COLOUR_PAPER, 1);
        draw_text(cr, 10, y + BAR_PX / 2.0, 13, ALIGN_LEFT, caption);
        for (int c = 0; c < columns && code == TENO_OK; c++) {
            int frame = columns > 1 ? (int)((double)c * (sources[0].n - 1) / (columns - 1) + 0.5) : 0;
            snprintf(label, sizeof label, "s %d", (int)lround(section_s(&sources[0], frame)));
            code = draw_section(cr, &sources[date], frame, c * (MONTAGE_PX + 4) + 2, y + BAR_PX, MONTAGE_PX,
                                PANEL_OUTLINE | PANEL_TEAR, label, error);
        }
    }
    draw_legend(cr, height - BAR_PX / 2.0);
    if (code == TENO_OK) return cr;
    canvas_free(cr);
    return NULL;
}

static int pairs_write(const Comparison *comparison, const SectionSource sources[2], const char *folder,
                       const char *name, Error *error)
{
    int step = (sources[0].n + MOST_PICTURES - 1) / MOST_PICTURES, n = (sources[0].n + step - 1) / step, code = TENO_OK;
    Error *errors = calloc((size_t)n, sizeof *errors);
    if (!errors) return error_set(error, TENO_FAILED, "overlays: out of memory");
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++)
        errors[i].code = pair_write(comparison, sources, i + 1, i * step, folder, name, &errors[i]);
    for (int i = 0; i < n && code == TENO_OK; i++)
        if (errors[i].code) code = error_set(error, errors[i].code, "%s", errors[i].message);
    free(errors);
    return code;
}

int write_change_pictures(const Comparison *comparison, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < comparison->n_tendons && code == TENO_OK; i++) {
        SectionSource sources[2];
        char name[NAME_SIZE];
        if (!comparison->comparable || !comparison->tendons[i].comparable) continue;
        change_name(name, comparison, i);
        code = folder_make(folder, "overlays", error);
        if (code == TENO_OK) code = sources_make(sources, comparison, i, error);
        if (code == TENO_OK) code = pairs_write(comparison, sources, folder, name, error);
        if (code == TENO_OK) code = figures_write_overlays(NULL, comparison, i, folder, name, error);
    }
    return code;
}
