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

/* Where a figure goes: overlays/ or figures/, below `folder`, as NAME_what. */
typedef struct Target {
    const char *folder, *name;
    bool for_papers;
} Target;

static int write_one(cairo_t *figure, const Target *target, const char *what, Error *error)
{
    char file[NAME_SIZE + 40];
    snprintf(file, sizeof file, "%s/%s_%s.png", target->for_papers ? "figures" : "overlays", target->name, what);
    if (!target->for_papers) return figure_write_png(figure, target->folder, file, error);
    int code = figure_write_paper(figure, target->folder, file, PAPER_DPI, error);
    Text svg = {0};
    snprintf(file, sizeof file, "figures/%s_%s.svg", target->name, what);
    if (code == TENO_OK) code = figure_add_svg(&svg, figure, error);
    if (code == TENO_OK) code = text_write(&svg, target->folder, file, error);
    text_free(&svg);
    return code;
}

/* All figures of a tendon, side by side: each makes its own files. */
static int write_all(const Analysis *analysis, const Comparison *comparison, int tendon, const Target *target,
                     Error *error)
{
    Error errors[FIGURE_COUNT] = {0};
#pragma omp parallel for schedule(dynamic)
    for (int f = 0; f < FIGURE_COUNT; f++) {
        cairo_t *figure = draw(&figures[f], analysis, comparison, tendon, &errors[f]);
        if (figure) errors[f].code = write_one(figure, target, figures[f].what, &errors[f]);
        canvas_free(figure);
    }
    for (int f = 0; f < FIGURE_COUNT; f++)
        if (errors[f].code) return error_set(error, errors[f].code, "%s", errors[f].message);
    return TENO_OK;
}

int figures_write_overlays(const Analysis *analysis, const Comparison *comparison, int tendon, const char *folder,
                           const char *name, Error *error)
{
    const Target target = {folder, name, false};
    return write_all(analysis, comparison, tendon, &target, error);
}

static int write_for_papers(const Analysis *analysis, const Comparison *comparison, int tendon, const char *folder,
                            const char *name, Error *error)
{
    const Target target = {folder, name, true};
    int code = folder_make(folder, "figures", error);
    return code ? code : write_all(analysis, comparison, tendon, &target, error);
}

int write_figures(const Analysis *analysis, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++) {
        char name[NAME_SIZE];
        if (analysis->tendons[i].status != STATUS_MEASURED || analysis->prepared.n_channels < 1) continue;
        result_name(name, analysis, i);
        code = write_for_papers(analysis, NULL, i, folder, name, error);
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
        code = write_for_papers(NULL, comparison, i, folder, name, error);
    }
    return code;
}
