/* dicom/seg_pre.dcm, sr_pre.dcm, seg_post.dcm and sr_post.dcm: both dates over the common range, each in its own study;
 * dicom/sr_change.dcm: what changed, in the later one. */
#include <stdio.h>
#include <stdlib.h>

#include "output/archive_change.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "teno/memory.h"

static const char *const date_names[ARCHIVE_DATES] = {"pre", "post"};

/* All but the SOP Instance UID. Several comparisons of one study with others are series of their own. */
static void object_begin(ArchiveObject *out, const Comparison *comparison, const ArchiveDates *dates, int date,
                         int series_number, const char *description)
{
    char series_uid[UID_SIZE];
    archive_object_begin(out, &dates->analysis[date], &dates->sources[date], series_number, description);
    string_set(series_uid, sizeof series_uid, out->series_uid);
    uid_derive(out->series_uid, "%s\n%s\n%s", series_uid, comparison->pre->study->study_uid,
               comparison->post->study->study_uid);
}

static void seg_object(ArchiveObject *out, const Comparison *comparison, const ArchiveDates *dates, int date)
{
    Sha256 hash;
    object_begin(out, comparison, dates, date, SERIES_COMMON_SEG,
                 date ? "Teno segmentation, compared with an earlier date"
                      : "Teno segmentation, compared with a later date");
    archive_hash_begin(&hash, &dates->analysis[date], &dates->sources[date], "common seg");
    archive_hash_segments(&hash, &dates->parts[date]);
    uid_from_hash(out->sop_instance_uid, &hash);
}

/* The dates as a report speaks of them. `text` keeps the time points. */
static void report_dates(ArchiveDate out[ARCHIVE_DATES], char text[ARCHIVE_DATES][DATE_SIZE], const ArchiveDates *dates,
                         const ArchiveObject *segs)
{
    for (int date = 0; date < ARCHIVE_DATES; date++) {
        date_iso(text[date], dates->analysis[date].study->study_date);
        out[date] = (ArchiveDate){.seg = dates->drawn ? &segs[date] : NULL,
                                  .sources = dates->sources[date].series,
                                  .n_sources = dates->sources[date].n_series,
                                  .time_point = text[date]};
    }
}

static int sr_write(const char *folder, const char *name, ArchiveObject *object, const Analysis *analysis,
                    const ArchiveSources *sources, const ArchiveReport *report, const ArchiveParts *parts, Error *error)
{
    Sha256 hash;
    archive_hash_begin(&hash, analysis, sources, name);
    for (int i = 0; i < report->n_dates; i++)
        if (report->dates[i].seg) sha256_add_text(&hash, report->dates[i].seg->sop_instance_uid);
    archive_hash_groups(&hash, parts);
    uid_from_hash(object->sop_instance_uid, &hash);
    char *path = path_join(folder, name, error);
    int code = path ? archive_write_sr(path, object, report, error) : TENO_FAILED;
    free(path);
    return code;
}

static int segs_write(const Comparison *comparison, const ArchiveDates *dates, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int date = 0; date < ARCHIVE_DATES && !code; date++) {
        ArchiveObject object;
        char name[32];
        seg_object(&object, comparison, dates, date);
        snprintf(name, sizeof name, "dicom/seg_%s.dcm", date_names[date]);
        char *path = path_join(folder, name, error);
        code = path ? archive_write_seg(path, &object, dates->sources[date].series[0], dates->parts[date].segments,
                                        dates->parts[date].n_segments, false, error)
                    : TENO_FAILED;
        free(path);
    }
    return code;
}

static int srs_write(const Comparison *comparison, const ArchiveDates *dates, const char *folder, Error *error)
{
    ArchiveObject segs[ARCHIVE_DATES], object;
    ArchiveDate reported[ARCHIVE_DATES];
    char text[ARCHIVE_DATES][DATE_SIZE];
    ArchiveParts changes = {0};
    int code = TENO_OK;
    for (int date = 0; date < ARCHIVE_DATES && dates->drawn; date++) seg_object(&segs[date], comparison, dates, date);
    report_dates(reported, text, dates, segs);
    for (int date = 0; date < ARCHIVE_DATES && dates->drawn && !code; date++) {
        const ArchiveParts *parts = &dates->parts[date];
        ArchiveReport report = {
            .dates = &reported[date], .n_dates = 1, .groups = parts->groups, .n_groups = parts->n_groups};
        char name[32];
        snprintf(name, sizeof name, "dicom/sr_%s.dcm", date_names[date]);
        object_begin(&object, comparison, dates, date, SERIES_COMMON_SR,
                     date ? "Teno measurements, compared with an earlier date"
                          : "Teno measurements, compared with a later date");
        code = sr_write(folder, name, &object, &dates->analysis[date], &dates->sources[date], &report, parts, error);
    }
    if (!code) code = archive_changes_make(&changes, comparison, dates, error);
    if (!code) {
        ArchiveReport report = {.dates = reported,
                                .n_dates = ARCHIVE_DATES,
                                .groups = changes.groups,
                                .n_groups = changes.n_groups,
                                .evaluations = changes.evaluations,
                                .n_evaluations = changes.n_evaluations};
        object_begin(&object, comparison, dates, 1, SERIES_CHANGE_SR, "Teno change between two dates");
        code = sr_write(folder, "dicom/sr_change.dcm", &object, &dates->analysis[1], &dates->sources[1], &report,
                        &changes, error);
    }
    archive_parts_free(&changes);
    return code;
}

typedef int (*ObjectsWrite)(const Comparison *comparison, const ArchiveDates *dates, const char *folder, Error *error);

static int objects_write(const Comparison *comparison, const char *folder, ObjectsWrite write, bool need_masks,
                         Error *error)
{
    ArchiveDates dates;
    int code = archive_dates_make(&dates, comparison, error);
    bool possible = dates.sources[1].n_series > 0 && (dates.drawn || !need_masks);
    if (!code && possible) code = folder_make(folder, "dicom", error);
    if (!code && possible) code = write(comparison, &dates, folder, error);
    archive_dates_free(&dates);
    return code;
}

int write_seg_of_comparison(const Comparison *comparison, const char *folder, Error *error)
{
    return objects_write(comparison, folder, segs_write, true, error);
}

int write_sr_of_comparison(const Comparison *comparison, const char *folder, Error *error)
{
    return objects_write(comparison, folder, srs_write, false, error);
}
