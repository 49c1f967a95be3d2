/*
 * A segmented tendon in, its numbers out:
 *
 *     shape_measure     areas, thickness, volume                     src/measure
 *     tear_map_build    views, classes, regions, fractions           map.c and what it calls
 *     tears_measure     volume, length, involvement, gap, grade      tear_measures.c
 *     intervals_estimate  95 % intervals by repetition               uncertainty.c
 */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "tear_measures.h"
#include "teno/memory.h"
#include "uncertainty.h"

void straightened_free(Straightened *straightened)
{
    free(straightened->envelope);
    free(straightened->anatomy);
    free(straightened->fluid);
    free(straightened->tear);
    free(straightened->tendinosis);
    free(straightened->label);
    *straightened = (Straightened){0};
}

static float *take(float **from)
{
    float *block = *from;
    *from = NULL;
    return block;
}

/* Hands the map's layers over to the caller. */
static void straightened_take(Straightened *out, TearMap *map)
{
    const Lattice *l = &map->lattice;
    *out = (Straightened){
        .nu = l->nu, .nv = l->nv, .ns = l->ns, .pixel_mm = l->pixel_mm, .step_mm = l->step_mm, .s0_mm = l->s0_mm};
    out->envelope = take(&map->envelope);
    out->anatomy = take(&map->anatomy);
    if (map->n_views == 0) return;
    int lead = 0;
    for (int c = 1; c < map->n_views; c++)
        if (map->view[c].weight > map->view[lead].weight) lead = c;
    out->fluid = take(&map->view[lead].signal);
    out->tear = take(&map->tear);
    out->tendinosis = take(&map->tendinosis);
    for (size_t at = 0; at < lattice_count(l); at++) /* volumes are summed before noise is clamped */
        out->tear[at] = fminf(fmaxf(out->tear[at], 0), out->envelope[at]);
    out->label = map->region_of;
    map->region_of = NULL;
}

int tendon_measure(TendonMeasures *measures, Straightened *straightened, const Prepared *prepared,
                   const Segmentation *segmentation, const TendonSpec *spec, const TearOptions *options, Error *error)
{
    TearMap map = {0};
    *straightened = (Straightened){0};
    int code = shape_measure(measures, &segmentation->shape, segmentation->origin, error);
    if (code) return code;
    int first = 0;
    while (segmentation->shape.sections[first].s_mm < measures->s_min_mm) first++;
    code = tear_map_build(&map, prepared, segmentation, first, measures->n_profile, options->seed, error);
    TearOwner owner = {.spec = spec,
                       .study_uid = prepared->channel[0].series->study_uid,
                       .side = segmentation->side,
                       .origin = segmentation->origin};
    if (!code && map.n_views > 0) code = tears_measure(measures, &map, &owner, error);
    if (!code)
        code =
            intervals_estimate(measures, map.n_views > 0 ? &map : NULL, segmentation, prepared, first, options, error);
    if (!code) {
        notes_append(&measures->warnings, &map.notes);
        straightened_take(straightened, &map);
    }
    tear_map_free(&map);
    if (code) {
        straightened_free(straightened);
        measures_free(measures);
    }
    return code;
}
