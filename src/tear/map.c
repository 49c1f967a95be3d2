/* Builds the tear map: lattice, views of the fluid-sensitive series, classes, regions, fractions. */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "teno/memory.h"

/* Room around the tendon in which the outside's signal is looked for, mm. */
static const double MARGIN_MM = 3;
/* The lattice follows the finest fluid series within these bounds, mm. */
static const double PIXEL_MM[2] = {0.25, 0.4};
/* A series must see this share of the tendon to have a vote. */
static const double LEAST_SEEN = 0.3;

void tear_map_free(TearMap *map)
{
    for (int c = 0; c < map->n_views; c++) {
        view_free(&map->view[c]);
        free(map->background[c]);
    }
    free(map->envelope);
    free(map->anatomy);
    free(map->class);
    free(map->barred);
    free(map->region_of);
    free(map->tear);
    free(map->core);
    free(map->tendinosis);
    free(map->region);
    notes_free(&map->anatomy_model.notes);
    notes_free(&map->notes);
    *map = (TearMap){0};
}

/* RAISING: shows fluid no brighter than tendinosis, and both brighter than tendon. */
typedef enum Sensitivity { NOT_SENSITIVE, RAISING, WEAKLY_SENSITIVE, SENSITIVE } Sensitivity;

static Sensitivity sensitivity_of(const Channel *channel)
{
    SignalModel model;
    signal_model(&model, &channel->series->acquisition, channel->series->contrast, &channel->references);
    notes_free(&model.notes);
    if (!isfinite(model.muscle_scale)) return NOT_SENSITIVE;
    if (model.fluid_sensitive) return SENSITIVE;
    bool by_role = channel->series->role == ROLE_FLUID && channel->series->contrast != CONTRAST_T1;
    /* Fat as bright as fluid (T2 without suppression) lies outside the tendon and is unmixed there. */
    if (by_role && model.fluid > 1.5 * model.tendinosis) return SENSITIVE;
    if (!by_role || model.fluid <= fmax(model.fat, model.raised_threshold)) return NOT_SENSITIVE;
    return model.fluid > model.tendinosis ? WEAKLY_SENSITIVE : RAISING;
}

/* The best sensitivity that any series has: weakly sensitive ones vote only when there is nothing better. */
static Sensitivity best_sensitivity(const Prepared *prepared)
{
    Sensitivity best = NOT_SENSITIVE;
    for (int c = 0; c < prepared->n_channels; c++) {
        Sensitivity own = sensitivity_of(&prepared->channel[c]);
        if (own > best) best = own;
    }
    return best;
}

static double pixel_for(const Prepared *prepared, Sensitivity wanted)
{
    double finest = PIXEL_MM[1];
    for (int c = 0; c < prepared->n_channels; c++)
        if (sensitivity_of(&prepared->channel[c]) == wanted)
            finest = fmin(finest, fmin(prepared->channel[c].vol.grid.dx, prepared->channel[c].vol.grid.dy));
    return fmax(finest, PIXEL_MM[0]);
}

static double share_seen(const View *view, const float *envelope, const Lattice *l)
{
    double seen = 0, all = 0;
    for (size_t at = 0; at < lattice_count(l); at++) {
        all += (double)envelope[at];
        if (isfinite(view->signal[at])) seen += (double)envelope[at];
    }
    return all > 0 ? seen / all : 0;
}

static int views_build(TearMap *map, const Prepared *prepared, Sensitivity wanted, Error *error)
{
    for (int c = 0; c < prepared->n_channels && map->n_views < MAX_VIEWS; c++) {
        const Channel *channel = &prepared->channel[c];
        if (wanted == NOT_SENSITIVE || sensitivity_of(channel) != wanted) continue;
        View *view = &map->view[map->n_views];
        int code = view_build(view, channel, c == 0, &map->lattice, map->shape, map->envelope, error);
        if (code) {
            view_free(view);
            return code;
        }
        for (int i = 0; i < view->model.notes.count; i++)
            notes_add(&map->notes, "series %d: %s", channel->series->series_number, view->model.notes.text[i]);
        if (share_seen(view, map->envelope, &map->lattice) < LEAST_SEEN) {
            notes_add(&map->notes, "series %d shows less than %.0f %% of the tendon and does not vote on tears",
                      channel->series->series_number, 100 * LEAST_SEEN);
            view_free(view);
        } else {
            if (view->clipped_share > 0)
                notes_add(&map->notes,
                          "series %d: %.2g %% of the tendon's pixels are cut off at the largest value that the series "
                          "stores; their level is not used",
                          channel->series->series_number, 100 * view->clipped_share);
            map->n_views++;
        }
    }
    if (wanted == WEAKLY_SENSITIVE && map->n_views > 0)
        notes_add(&map->notes,
                  "fluid and tendinosis are expected to look nearly alike in the only fluid-sensitive series");
    return TENO_OK;
}

static void views_drop(TearMap *map)
{
    for (int c = 0; c < map->n_views; c++) view_free(&map->view[c]);
    map->n_views = 0;
}

/* T1 tells fat from fluid. */
static int anatomy_build(TearMap *map, const Prepared *prepared, Error *error)
{
    for (int c = 0; c < prepared->n_channels && !map->anatomy; c++) {
        const Channel *channel = &prepared->channel[c];
        if (channel->series->contrast != CONTRAST_T1 || channel->series->acquisition.fat_suppressed) continue;
        signal_model(&map->anatomy_model, &channel->series->acquisition, CONTRAST_T1, &channel->references);
        double muscle = map->anatomy_model.muscle_scale;
        if (!(muscle > 0)) continue;
        map->anatomy = array_alloc(lattice_count(&map->lattice), sizeof *map->anatomy, error);
        if (!map->anatomy) return TENO_FAILED;
        int code = channel_straighten(map->anatomy, channel, &map->lattice, map->shape, error);
        if (code) return code;
        for (size_t at = 0; at < lattice_count(&map->lattice); at++) map->anatomy[at] /= (float)muscle;
    }
    return TENO_OK;
}

int tear_map_build(TearMap *out, const Prepared *prepared, const Segmentation *segmentation, int first, int ns,
                   uint64_t seed, Error *error)
{
    *out = (TearMap){.shape = &segmentation->shape, .at_heel = segmentation->origin == ORIGIN_INSERTION};
    Sensitivity wanted = best_sensitivity(prepared);
    out->lattice = lattice_around(&segmentation->shape, first, ns, pixel_for(prepared, wanted), MARGIN_MM);
    size_t n = lattice_count(&out->lattice);
    out->envelope = array_alloc(n, sizeof *out->envelope, error);
    out->class = array_alloc(n, 1, error);
    out->barred = array_alloc(n, 1, error);
    out->region_of = array_alloc(n, sizeof *out->region_of, error);
    out->tear = array_alloc(n, sizeof *out->tear, error);
    out->core = array_alloc(n, sizeof *out->core, error);
    out->tendinosis = array_alloc(n, sizeof *out->tendinosis, error);
    int code = out->envelope && out->class && out->barred && out->region_of && out->tear && out->core && out->tendinosis
                   ? TENO_OK
                   : TENO_FAILED;
    if (!code) code = coverage_fill_all(out->envelope, &out->lattice, out->shape, error);
    if (!code) code = views_build(out, prepared, wanted, error);
    if (code || out->n_views == 0) return code;
    if (valleys_seek(out) == 0 && wanted == RAISING) { /* nobody can tell whether what is raised is torn */
        views_drop(out);
        return TENO_OK;
    }
    code = anatomy_build(out, prepared, error);
    if (!code) code = smallest_tear(out, seed, error);
    if (!code) code = classes_estimate(out, error);
    if (!code) code = regions_find(out, error);
    if (!code) code = fractions_estimate(out, error);
    if (!code) code = tendinosis_estimate(out, error);
    return code;
}
