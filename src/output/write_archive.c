/* dicom/seg.dcm and dicom/sr.dcm. */
#include <stdlib.h>

#include "output/archive_parts.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "teno/memory.h"

static void seg_object(ArchiveObject *out, const Analysis *analysis, const ArchiveSources *sources,
                       const ArchiveParts *parts, bool binary)
{
    Sha256 hash;
    archive_object_begin(out, analysis, sources, binary ? SERIES_SEG_BINARY : SERIES_SEG,
                         binary ? "Teno segmentation (binary)" : "Teno segmentation");
    archive_hash_begin(&hash, analysis, sources, binary ? "seg-binary" : "seg");
    archive_hash_segments(&hash, parts);
    uid_from_hash(out->sop_instance_uid, &hash);
}

static int write_sr_file(const char *path, const Analysis *analysis, const ArchiveSources *sources,
                         const ArchiveParts *parts, Error *error)
{
    ArchiveObject seg, object;
    char date[DATE_SIZE];
    Sha256 hash;
    seg_object(&seg, analysis, sources, parts, false);
    archive_object_begin(&object, analysis, sources, SERIES_SR, "Teno measurements");
    archive_hash_begin(&hash, analysis, sources, "sr");
    sha256_add_text(&hash, seg.sop_instance_uid);
    archive_hash_groups(&hash, parts);
    uid_from_hash(object.sop_instance_uid, &hash);
    date_iso(date, analysis->study->study_date);
    ArchiveDate measured = {.seg = sources->measured ? &seg : NULL,
                            .sources = sources->series,
                            .n_sources = sources->n_series,
                            .time_point = date};
    ArchiveReport report = {.dates = &measured,
                            .n_dates = 1,
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
    ArchiveSources sources = {0};
    char *path = NULL;
    int code = archive_sources_find(&sources, analysis, error);
    bool possible = kind == OBJECT_SR ? sources.n_series > 0 : sources.measured; /* a SEG needs a grid to lie on */
    if (code || !possible) goto out;
    code = TENO_FAILED;
    if (folder_make(folder, "dicom", error) || !(path = path_join(folder, names[kind], error))) goto out;
    if ((code = archive_parts_make(&parts, analysis, analysis->study, error))) goto out;
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
