/*
 * The table of figures. overlays/ gets them as PNG for the screen; with the kind `figures` they come for papers, too:
 * figures/NAME_*.svg and .png, 180 mm wide, the PNG at 300 dpi, which is what most journals ask of photographs.
 */
#include "output/figures.h"

#include <stdio.h>

#include "output/compare_pictures.h"
#include "output/figure.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/pictures.h"

typedef struct FigureKind {
    const char *what;
    cairo_t *(*analysis)(const Analysis *analysis, const TendonResult *result, Error *error);
    cairo_t *(*comparison)(const Comparison *comparison, int tendon, Error *error);
} FigureKind;

/* A new figure is one function and one row. */
static const FigureKind figures[] = {
    {"slice", best_picture, NULL},
    {"before_after", NULL, best_pair_picture},
    {"montage", montage_picture, change_montage_picture},
    {"profile", profile_picture, change_profile_picture},
    {"straightened", straightened_picture, change_straightened_picture},
    {"map", map_picture, change_map_picture},
};
enum { FIGURE_COUNT = sizeof figures / sizeof *figures };

/* NULL without an error: there is no such figure of this result. */
static cairo_t *draw(const FigureKind *kind, const Analysis *analysis, const Comparison *comparison, int tendon,
                     Error *error)
{
    if (analysis) return kind->analysis ? kind->analysis(analysis, &analysis->tendons[tendon], error) : NULL;
    return kind->comparison ? kind->comparison(comparison, tendon, error) : NULL;
}

int figures_write_overlays(const Analysis *analysis, const Comparison *comparison, int tendon, const char *folder,
                           const char *name, Error *error)
{
    int code = TENO_OK;
    for (int f = 0; f < FIGURE_COUNT && code == TENO_OK; f++) {
        char file[NAME_SIZE + 40];
        cairo_t *figure = draw(&figures[f], analysis, comparison, tendon, error);
        if (!figure && error && error->code) return error->code;
        if (!figure) continue;
        snprintf(file, sizeof file, "overlays/%s_%s.png", name, figures[f].what);
        code = figure_write_png(figure, folder, file, error);
        canvas_free(figure);
    }
    return code;
}

static int write_for_paper(cairo_t *figure, const char *folder, const char *name, const char *what, Error *error)
{
    char file[NAME_SIZE + 40];
    Text svg = {0};
    snprintf(file, sizeof file, "figures/%s_%s.png", name, what);
    int code = figure_write_paper(figure, folder, file, PAPER_DPI, error);
    snprintf(file, sizeof file, "figures/%s_%s.svg", name, what);
    if (code == TENO_OK) code = figure_add_svg(&svg, figure, error);
    if (code == TENO_OK) code = text_write(&svg, folder, file, error);
    text_free(&svg);
    return code;
}

static int write_tendon(const Analysis *analysis, const Comparison *comparison, int tendon, const char *folder,
                        const char *name, Error *error)
{
    int code = folder_make(folder, "figures", error);
    for (int f = 0; f < FIGURE_COUNT && code == TENO_OK; f++) {
        cairo_t *figure = draw(&figures[f], analysis, comparison, tendon, error);
        if (!figure && error && error->code) return error->code;
        if (!figure) continue;
        code = write_for_paper(figure, folder, name, figures[f].what, error);
        canvas_free(figure);
    }
    return code;
}

int write_figures(const Analysis *analysis, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++) {
        char name[NAME_SIZE];
        if (analysis->tendons[i].status != STATUS_MEASURED || analysis->prepared.n_channels < 1) continue;
        result_name(name, analysis, i);
        code = write_tendon(analysis, NULL, i, folder, name, error);
    }
    return code;
}

int write_change_figures(const Comparison *comparison, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < comparison->n_tendons && code == TENO_OK; i++) {
        char name[NAME_SIZE];
        if (!comparison->comparable || !comparison->tendons[i].comparable) continue;
        change_name(name, comparison, i);
        code = write_tendon(NULL, comparison, i, folder, name, error);
    }
    return code;
}
