/*
 * dicom/seg.dcm and dicom/sr.dcm. UIDs name content: an object's UID is a hash of what is in it, so that the
 * same study and options replace what an archive already holds, and anything different never hides behind an old UID.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/archive_parts.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "teno/memory.h"

/* Series numbers well above what a scanner gives. */
enum { SERIES_SEG = 9001, SERIES_SR, SERIES_SC, SERIES_PDF, SERIES_SEG_BINARY };

/* The series that the objects refer to: those measured, the reference first; else any that has images. */
typedef struct Sources {
    const Series **series;
    int n_series;
    bool measured;
} Sources;

static int sources_find(Sources *out, const Analysis *analysis, Error *error)
{
    const Prepared *prepared = &analysis->prepared;
    *out = (Sources){.measured = prepared->n_channels > 0};
    out->series = array_alloc((size_t)prepared->n_channels + 1, sizeof *out->series, error);
    if (!out->series) return TENO_FAILED;
    for (int i = 0; i < prepared->n_channels; i++) out->series[out->n_series++] = prepared->channel[i].series;
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

static void object_begin(ArchiveObject *out, const Analysis *analysis, const Sources *sources, int series_number,
                         const char *description)
{
    *out = (ArchiveObject){.source_path = sources->series[0]->slices[0].path,
                           .series_number = series_number,
                           .series_description = description,
                           .side = common_side(analysis)};
    uid_derive(out->series_uid, "teno %s series\n%s\n%d\n%s", TENO_VERSION, analysis->study->study_uid, series_number,
               side_name(out->side));
}

/* What every object of this analysis depends on: version, study, images. */
static void hash_begin(Sha256 *hash, const Analysis *analysis, const Sources *sources, const char *kind)
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

static void hash_segments(Sha256 *hash, const ArchiveParts *parts)
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

static void hash_groups(Sha256 *hash, const ArchiveParts *parts)
{
    for (int g = 0; g < parts->n_groups; g++) {
        const ArchiveGroup *group = &parts->groups[g];
        sha256_add_text(hash, group->tracking_uid);
        for (int i = 0; i < group->n_measures; i++) {
            const ArchiveMeasure *m = &group->measures[i];
            const double values[3] = {m->value, m->has_interval ? m->low : 0, m->has_interval ? m->high : 0};
            sha256_add_text(hash, m->concept.value);
            sha256_add(hash, values, sizeof values);
        }
        for (int i = 0; i < group->n_evaluations; i++) {
            sha256_add_text(hash, group->evaluations[i].code.value);
            sha256_add_text(hash, group->evaluations[i].text);
        }
    }
    for (int i = 0; i < parts->n_evaluations; i++) sha256_add_text(hash, parts->evaluations[i].text);
}

static void seg_object(ArchiveObject *out, const Analysis *analysis, const Sources *sources, const ArchiveParts *parts,
                       bool binary)
{
    Sha256 hash;
    object_begin(out, analysis, sources, binary ? SERIES_SEG_BINARY : SERIES_SEG,
                 binary ? "Teno segmentation (binary)" : "Teno segmentation");
    hash_begin(&hash, analysis, sources, binary ? "seg-binary" : "seg");
    hash_segments(&hash, parts);
    uid_from_hash(out->sop_instance_uid, &hash);
}

static int write_sr_file(const char *path, const Analysis *analysis, const Sources *sources, const ArchiveParts *parts,
                         Error *error)
{
    ArchiveObject seg, object;
    char date[DATE_SIZE];
    Sha256 hash;
    seg_object(&seg, analysis, sources, parts, false);
    object_begin(&object, analysis, sources, SERIES_SR, "Teno measurements");
    hash_begin(&hash, analysis, sources, "sr");
    sha256_add_text(&hash, seg.sop_instance_uid);
    hash_groups(&hash, parts);
    uid_from_hash(object.sop_instance_uid, &hash);
    date_iso(date, analysis->study->study_date);
    ArchiveReport report = {.seg = sources->measured ? &seg : NULL,
                            .sources = sources->series,
                            .n_sources = sources->n_series,
                            .time_point = date,
                            .groups = parts->groups,
                            .n_groups = parts->n_groups,
                            .evaluations = parts->evaluations,
                            .n_evaluations = parts->n_evaluations};
    return archive_write_sr(path, &object, &report, error);
}

typedef enum ObjectKind { OBJECT_SEG, OBJECT_SEG_BINARY, OBJECT_SR } ObjectKind;

static int write_object(const Analysis *analysis, const char *folder, ObjectKind kind, Error *error)
{
    static const char *const names[] = {"dicom/seg.dcm", "dicom/seg_binary.dcm", "dicom/sr.dcm"};
    ArchiveParts parts = {0};
    ArchiveObject seg;
    Sources sources = {0};
    char *path = NULL;
    int code = sources_find(&sources, analysis, error);
    bool possible = kind == OBJECT_SR ? sources.n_series > 0 : sources.measured; /* a SEG needs a grid to lie on */
    if (code || !possible) goto out;
    code = TENO_FAILED;
    if (folder_make(folder, "dicom", error) || !(path = path_join(folder, names[kind], error))) goto out;
    if ((code = archive_parts_make(&parts, analysis, error))) goto out;
    if (kind == OBJECT_SR) {
        code = write_sr_file(path, analysis, &sources, &parts, error);
    } else {
        seg_object(&seg, analysis, &sources, &parts, kind == OBJECT_SEG_BINARY);
        code = archive_write_seg(path, &seg, sources.series[0], parts.segments, parts.n_segments,
                                 kind == OBJECT_SEG_BINARY, error);
    }
out:
    free(path);
    free(sources.series);
    archive_parts_free(&parts);
    return code;
}

int write_seg(const Analysis *analysis, const char *folder, Error *error)
{
    return write_object(analysis, folder, OBJECT_SEG, error);
}

int write_seg_binary(const Analysis *analysis, const char *folder, Error *error)
{
    return write_object(analysis, folder, OBJECT_SEG_BINARY, error);
}

int write_sr(const Analysis *analysis, const char *folder, Error *error)
{
    return write_object(analysis, folder, OBJECT_SR, error);
}
