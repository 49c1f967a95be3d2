/*
 * The archive objects of a comparison repeat what both dates show over their common range, so that they hold the very
 * numbers of compare.json: reports of the single dates are over other ranges. A tear that is found on both dates has
 * one tracking UID and one name.
 */
#include "output/archive_change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

static const TendonResult *result_of(const Analysis *analysis, const TendonSpec *spec)
{
    for (int i = 0; i < analysis->n_tendons; i++)
        if (analysis->tendons[i].spec == spec) return &analysis->tendons[i];
    return NULL;
}

/* One tendon of one date over the common range; only the masks are owned. */
static int result_make(TendonResult *out, const Analysis *analysis, const TendonChange *change, int date, Error *error)
{
    const TendonResult *whole = result_of(analysis, change->spec);
    if (!whole) return error_set(error, TENO_FAILED, "%s: compared, but not analysed", change->spec->name);
    *out = (TendonResult){.spec = change->spec,
                          .status = STATUS_MEASURED,
                          .segmentation = whole->segmentation,
                          .measures = date ? change->post : change->pre,
                          .straightened = date ? change->post_straightened : change->pre_straightened};
    out->segmentation.shape = date ? change->post_shape : change->pre_shape;
    out->segmentation.side = change->side;
    return tendon_rasterise(out, &analysis->prepared.channel[0].series->grid, error);
}

static int tendons_make(Analysis *out, const Comparison *comparison, int date, Error *error)
{
    const Analysis *whole = date ? comparison->post : comparison->pre;
    out->tendons = array_alloc((size_t)comparison->n_tendons + 1, sizeof *out->tendons, error);
    if (!out->tendons) return TENO_FAILED;
    for (int i = 0; i < comparison->n_tendons; i++) {
        const TendonChange *change = &comparison->tendons[i];
        if (change->comparable && result_make(&out->tendons[out->n_tendons++], whole, change, date, error))
            return TENO_FAILED;
    }
    return TENO_OK;
}

static void tear_name(char *name, size_t size, const TendonChange *change, int number)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "Tear %d of ", number);
    archive_name(name, size, change->spec, change->side, prefix);
}

/* Names a tear by its row in compare.json; the pieces of a split one, which have no row, come after these. */
static void tears_name(ArchiveParts *parts, const TendonChange *change, const TendonMeasures *measures)
{
    for (int t = 0, piece = change->n_tears; t < measures->n_tears; t++) {
        const char *uid = measures->tears[t].tracking_uid;
        int row = 0;
        while (row < change->n_tears && strcmp(change->tears[row].tracking_uid, uid) != 0) row++;
        int number = row < change->n_tears ? row + 1 : ++piece;
        for (int s = 0; s < parts->n_segments; s++) {
            ArchiveSegment *segment = &parts->segments[s];
            if (strcmp(segment->tracking_uid, uid) != 0) continue;
            tear_name(segment->label, sizeof segment->label, change, number);
            string_set(segment->tracking_id, sizeof segment->tracking_id, segment->label);
        }
        for (int g = 0; g < parts->n_groups; g++)
            if (strcmp(parts->groups[g].tracking_uid, uid) == 0)
                tear_name(parts->groups[g].tracking_id, sizeof parts->groups[g].tracking_id, change, number);
    }
}

int archive_dates_make(ArchiveDates *out, const Comparison *comparison, Error *error)
{
    *out = (ArchiveDates){0};
    out->drawn = comparison->comparable;
    for (int date = 0; date < ARCHIVE_DATES; date++) {
        const Analysis *analysis = date ? comparison->post : comparison->pre;
        if (archive_sources_find(&out->sources[date], analysis, error)) return TENO_FAILED;
        out->drawn = out->drawn && out->sources[date].measured;
        out->analysis[date] = *analysis;
        out->analysis[date].tendons = NULL;
        out->analysis[date].n_tendons = 0;
    }
    for (int date = 0; date < ARCHIVE_DATES && out->drawn; date++) {
        if (tendons_make(&out->analysis[date], comparison, date, error) ||
            archive_parts_make(&out->parts[date], &out->analysis[date], comparison->pre->study, error))
            return TENO_FAILED;
        for (int i = 0; i < comparison->n_tendons; i++) {
            const TendonChange *change = &comparison->tendons[i];
            if (change->comparable) tears_name(&out->parts[date], change, date ? &change->post : &change->pre);
        }
    }
    return TENO_OK;
}

void archive_dates_free(ArchiveDates *dates)
{
    for (int date = 0; date < ARCHIVE_DATES; date++) {
        Analysis *analysis = &dates->analysis[date];
        for (int i = 0; i < analysis->n_tendons; i++) {
            vol_free(&analysis->tendons[i].envelope);
            vol_free(&analysis->tendons[i].tear);
            vol_free(&analysis->tendons[i].tendinosis);
        }
        free(analysis->tendons);
        archive_parts_free(&dates->parts[date]);
        free(dates->sources[date].series);
    }
    *dates = (ArchiveDates){0};
}

static ArchiveCode verdict_code(Verdict verdict)
{
    switch (verdict) {
    case VERDICT_DECREASED:
        return (ArchiveCode){"DECREASED", "99TENO", "Less than before, by more than the limit"};
    case VERDICT_INCREASED:
        return (ArchiveCode){"INCREASED", "99TENO", "More than before, by more than the limit"};
    default:
        return (ArchiveCode){"NO_CHANGE", "99TENO", "No detectable change: within the limit"};
    }
}

static ArchiveCode state_code(TearState state)
{
    static const ArchiveCode codes[] = {[TEAR_RESOLVED] = {"RESOLVED", "99TENO", "Not found any more"},
                                        [TEAR_SMALLER] = {"SMALLER", "99TENO", "Smaller than before"},
                                        [TEAR_UNCHANGED] = {"UNCHANGED", "99TENO", "No detectable change"},
                                        [TEAR_LARGER] = {"LARGER", "99TENO", "Larger than before"},
                                        [TEAR_NEW] = {"NEW", "99TENO", "Not found before"},
                                        [TEAR_SPLIT] = {"SPLIT", "99TENO", "One tear before, several pieces now"},
                                        [TEAR_MERGED] = {"MERGED", "99TENO", "Several pieces before, one tear now"}};
    return codes[state];
}

/* Number of the segment with this tracking UID, 0 if none. */
static int segment_with(const ArchiveParts *parts, const char *tracking_uid)
{
    for (int s = 0; s < parts->n_segments; s++)
        if (strcmp(parts->segments[s].tracking_uid, tracking_uid) == 0) return s + 1;
    return 0;
}

static void difference_add(ArchiveGroup *group, const Change *change, ArchiveCode concept, ArchiveCode derivation)
{
    if (change->verdict == VERDICT_UNKNOWN) return;
    ArchiveChange *behind = &group->changes[group->n_measures];
    *behind = (ArchiveChange){change->pre.value, change->post.value, change->percent, change->limit,
                              verdict_code(change->verdict)};
    group->measures[group->n_measures++] =
        (ArchiveMeasure){.concept = concept,
                         .derivation = derivation,
                         .unit = change->pre.unit ? change->pre.unit : "1",
                         .value = change->difference,
                         .has_interval = isfinite(change->low) && isfinite(change->high),
                         .low = change->low,
                         .high = change->high,
                         .change = behind};
}

/* A group about what has this tracking UID on the dates; room for `most` differences and a state. */
static ArchiveGroup *group_add(ArchiveParts *out, const ArchiveDates *dates, const TendonChange *change,
                               const char *tracking_uid, ArchiveCode finding, int most, Error *error)
{
    ArchiveGroup *group = &out->groups[out->n_groups++];
    *group = (ArchiveGroup){.finding = finding,
                            .site = archive_site(change->spec),
                            .side = change->side,
                            .of_change = true,
                            .tendon_meaning = change->spec->display_name};
    archive_tendon_code(group->tendon_code, change->spec);
    string_set(group->tracking_uid, sizeof group->tracking_uid, tracking_uid);
    for (int date = 0; date < ARCHIVE_DATES; date++) {
        group->segment[date] = segment_with(&dates->parts[date], tracking_uid);
        if (!group->segment[date]) continue;
        string_set(group->tracking_id, sizeof group->tracking_id,
                   dates->parts[date].segments[group->segment[date] - 1].tracking_id);
    }
    group->measures = array_alloc((size_t)most, sizeof *group->measures, error);
    group->changes = array_alloc((size_t)most, sizeof *group->changes, error);
    group->evaluations = array_alloc(1, sizeof *group->evaluations, error);
    return group->measures && group->changes && group->evaluations ? group : NULL;
}

/* Tracking UID of the tendon's segment or, with `lesion`, of its tendinosis: the first and the last of its segments. */
static const char *structure_uid(const ArchiveParts *parts, const TendonChange *change, bool lesion)
{
    char label[64];
    archive_name(label, sizeof label, change->spec, change->side, lesion ? "Tendinosis of " : "");
    for (int s = 0; s < parts->n_segments; s++)
        if (strcmp(parts->segments[s].label, label) == 0) return parts->segments[s].tracking_uid;
    return NULL;
}

static int tears_add(ArchiveParts *out, const ArchiveDates *dates, const TendonChange *change, Error *error)
{
    for (int t = 0; t < change->n_tears; t++) {
        const TearChange *tear = &change->tears[t];
        ArchiveGroup *group = group_add(out, dates, change, tear->tracking_uid, archive_lesion(), 1, error);
        if (!group) return TENO_FAILED;
        ArchiveCode volume, derivation;
        if (archive_quantity_code("tendon_volume_mm3", &volume, &derivation))
            difference_add(group, &tear->volume, volume, derivation);
        group->evaluations[group->n_evaluations++] =
            (ArchiveEvaluation){{"TEAR_STATE", "99TENO", "What became of the tear"}, state_code(tear->state), ""};
    }
    return TENO_OK;
}

static int tendon_add(ArchiveParts *out, const ArchiveDates *dates, const TendonChange *change, Error *error)
{
    const ArchiveParts *parts = &dates->parts[0];
    ArchiveCode concept, derivation;
    ArchiveGroup *group = group_add(out, dates, change, structure_uid(parts, change, false), archive_site(change->spec),
                                    change->n_changes + 1, error);
    if (!group) return TENO_FAILED;
    for (int i = 0; i < change->n_changes; i++)
        if (archive_quantity_code(change->changes[i].name, &concept, &derivation))
            difference_add(group, &change->changes[i], concept, derivation);
    if (tears_add(out, dates, change, error)) return TENO_FAILED;
    const char *tendinosis = structure_uid(parts, change, true);
    for (int i = 0; i < change->n_changes && tendinosis; i++) {
        if (strcmp(change->changes[i].name, "tendinosis_volume_mm3") != 0) continue;
        if (!(group = group_add(out, dates, change, tendinosis, archive_lesion(), 1, error))) return TENO_FAILED;
        if (archive_quantity_code("tendon_volume_mm3", &concept, &derivation))
            difference_add(group, &change->changes[i], concept, derivation);
    }
    return TENO_OK;
}

static void evaluation_add(ArchiveParts *out, const TendonChange *change)
{
    ArchiveEvaluation *evaluation = &out->evaluations[out->n_evaluations++];
    char name[96], text[400];
    archive_name(name, sizeof name, change->spec, change->side, "");
    snprintf(text, sizeof text, "%s: not comparable: %s", name, change->reason);
    evaluation->concept = (ArchiveCode){"121071", "DCM", "Finding"};
    archive_text(evaluation->text, sizeof evaluation->text, text);
}

int archive_changes_make(ArchiveParts *out, const Comparison *comparison, const ArchiveDates *dates, Error *error)
{
    *out = (ArchiveParts){0};
    size_t n_groups = 0;
    for (int i = 0; i < comparison->n_tendons; i++) n_groups += 2 + (size_t)comparison->tendons[i].n_tears;
    out->groups = array_alloc(n_groups + 1, sizeof *out->groups, error);
    out->evaluations = array_alloc((size_t)comparison->n_tendons + 1, sizeof *out->evaluations, error);
    int code = out->groups && out->evaluations ? TENO_OK : TENO_FAILED;
    for (int i = 0; i < comparison->n_tendons && !code; i++) {
        const TendonChange *change = &comparison->tendons[i];
        if (change->comparable && dates->drawn)
            code = tendon_add(out, dates, change, error);
        else if (!change->comparable)
            evaluation_add(out, change);
    }
    if (!code && comparison->n_tendons == 0) {
        ArchiveEvaluation *evaluation = &out->evaluations[out->n_evaluations++];
        evaluation->concept = (ArchiveCode){"121071", "DCM", "Finding"};
        archive_text(evaluation->text, sizeof evaluation->text, comparison->reason);
    }
    if (code) archive_parts_free(out);
    return code;
}
