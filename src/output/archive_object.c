/*
 * What all archive objects of an analysis have in common. UIDs name content: an object's UID is a hash of what is in
 * it, so that the same study and options replace what an archive already holds, and anything different never hides
 * behind an old UID.
 */
#include "output/archive_parts.h"

#include <math.h>

#include "output/names.h"
#include "teno/memory.h"

int archive_sources_find(ArchiveSources *out, const Analysis *analysis, Error *error)
{
    const Prepared *prepared = &analysis->prepared;
    *out = (ArchiveSources){0};
    out->series = array_alloc((size_t)prepared->n_channels + 1, sizeof *out->series, error);
    if (!out->series) return TENO_FAILED;
    for (int i = 0; i < prepared->n_channels; i++)
        if (prepared->channel[i].series->slices) out->series[out->n_series++] = prepared->channel[i].series;
    out->measured = out->n_series == prepared->n_channels && out->n_series > 0;
    for (int i = 0; i < analysis->study->n_series && out->n_series == 0; i++) {
        const Series *series = &analysis->study->series[i];
        if (series->slices && series->grid.nz > 0) out->series[out->n_series++] = series;
    }
    return TENO_OK;
}

/* The side, when all tendons share it. */
static Side common_side(const Analysis *analysis)
{
    Side side = analysis->n_tendons ? result_side(analysis, &analysis->tendons[0]) : SIDE_UNKNOWN;
    for (int i = 1; i < analysis->n_tendons; i++)
        if (result_side(analysis, &analysis->tendons[i]) != side) return SIDE_UNKNOWN;
    return side;
}

void archive_object_begin(ArchiveObject *out, const Analysis *analysis, const ArchiveSources *sources,
                          int series_number, const char *description)
{
    *out = (ArchiveObject){.source_path = sources->series[0]->slices[0].path,
                           .series_number = series_number,
                           .series_description = description,
                           .side = common_side(analysis)};
    uid_derive(out->series_uid, "teno %s series\n%s\n%d\n%s", TENO_VERSION, analysis->study->study_uid, series_number,
               side_name(out->side));
}

/* What every object of this analysis depends on: version, study, images. */
void archive_hash_begin(Sha256 *hash, const Analysis *analysis, const ArchiveSources *sources, const char *kind)
{
    sha256_init(hash);
    sha256_add_text(hash, "teno " TENO_VERSION);
    sha256_add_text(hash, kind);
    sha256_add_text(hash, analysis->study->study_uid);
    for (int i = 0; i < sources->n_series; i++) {
        sha256_add_text(hash, sources->series[i]->key);
        for (int k = 0; k < sources->series[i]->grid.nz; k++)
            sha256_add_text(hash, sources->series[i]->slices[k].sop_instance_uid);
    }
}

void archive_hash_segments(Sha256 *hash, const ArchiveParts *parts)
{
    for (int i = 0; i < parts->n_segments; i++) {
        const ArchiveSegment *segment = &parts->segments[i];
        sha256_add_text(hash, segment->label);
        sha256_add_text(hash, segment->description);
        sha256_add_text(hash, segment->tracking_uid);
        sha256_add_text(hash, segment->made_by_person ? "person" : segment->seeded ? "seeded" : "automatic");
        const Vol *vol = segment->fraction;
        if (!vol || !vol->data) continue;
        sha256_add(hash, &vol->grid.origin_lps, sizeof vol->grid.origin_lps);
        sha256_add(hash, vol->data, grid_count(&vol->grid) * sizeof *vol->data);
    }
}

void archive_hash_groups(Sha256 *hash, const ArchiveParts *parts)
{
    for (int g = 0; g < parts->n_groups; g++) {
        const ArchiveGroup *group = &parts->groups[g];
        sha256_add_text(hash, group->tracking_uid);
        for (int i = 0; i < group->n_measures; i++) {
            const ArchiveMeasure *m = &group->measures[i];
            const double values[3] = {m->value, m->has_interval ? m->low : 0, m->has_interval ? m->high : 0};
            sha256_add_text(hash, m->concept.value);
            sha256_add(hash, values, sizeof values);
            if (!m->change) continue;
            const ArchiveChange *c = m->change;
            const double behind[4] = {c->before, c->after, isnan(c->percent) ? 0 : c->percent, c->limit};
            sha256_add(hash, behind, sizeof behind);
        }
        for (int i = 0; i < group->n_evaluations; i++) {
            sha256_add_text(hash, group->evaluations[i].code.value);
            sha256_add_text(hash, group->evaluations[i].text);
        }
    }
    for (int i = 0; i < parts->n_evaluations; i++) sha256_add_text(hash, parts->evaluations[i].text);
}
