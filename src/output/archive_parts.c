#include "output/archive_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

ArchiveCode archive_site(const TendonSpec *spec)
{
    return (ArchiveCode){spec->snomed_code, "SCT", spec->snomed_meaning};
}

ArchiveCode archive_lesion(void)
{
    return (ArchiveCode){"52988006", "SCT", "Lesion"}; /* PS3.16 CID 7159; it lists neither tear nor tendinosis */
}

/* Joint at which the tendon lies (PS3.16 CID 4031). */
static ArchiveCode region_of(const TendonSpec *spec)
{
    if (strcmp(spec->name, "patellar") == 0 || strcmp(spec->name, "quadriceps") == 0)
        return (ArchiveCode){"72696002", "SCT", "Knee"};
    return (ArchiveCode){"70258002", "SCT", "Ankle joint"};
}

void archive_text(char *out, size_t size, const char *text)
{
    static const struct {
        const char *utf8, *ascii;
    } spelled[] = {{"\u2265", ">="},   {"\u2264", "<="},  {"\u2013", "-"}, {"\u2014", "-"}, {"\u00d7", "x"},
                   {"\u00b0", " deg"}, {"\u00b1", "+/-"}, {"\u00b2", "2"}, {"\u00b3", "3"}, {"\u00a0", " "}};
    size_t used = 0;
    while (*text && used + 1 < size) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80) {
            out[used++] = c < ' ' || c == '\\' ? ' ' : (char)c; /* a backslash would part values */
            text++;
            continue;
        }
        const char *ascii = "?";
        for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
            if (strncmp(text, spelled[i].utf8, strlen(spelled[i].utf8)) == 0) ascii = spelled[i].ascii;
        while (*ascii && used + 1 < size) out[used++] = *ascii++;
        do text++;
        while (((unsigned char)*text & 0xC0) == 0x80);
    }
    out[used] = '\0';
}

void archive_tendon_code(char code[17], const TendonSpec *spec)
{
    size_t n = 0;
    bool generic = strcmp(spec->snomed_meaning, "Tendon") == 0;
    for (; generic && spec->name[n] && n < 16; n++) code[n] = (char)toupper((unsigned char)spec->name[n]);
    code[n] = '\0';
}

void archive_name(char *name, size_t size, const TendonSpec *spec, Side side, const char *prefix)
{
    snprintf(name, size, "%s%s%s%s", prefix, spec->display_name, side == SIDE_UNKNOWN ? "" : ", ",
             side == SIDE_UNKNOWN ? "" : side_name(side));
}

static void result_label(char *name, size_t size, const TendonResult *result, const char *prefix)
{
    archive_name(name, size, result->spec, result->segmentation.side, prefix);
}

/* Of a structure that is the same on every date of a patient, e.g. "tendon" or "tendinosis". */
static void tracking_derive(char uid[UID_SIZE], const Study *person, const TendonResult *result, const char *what)
{
    const char *id = person->patient_id[0] ? person->patient_id : person->study_uid;
    uid_derive(uid, "teno tracking\n%s\n%s\n%s\n%s", id, result->spec->name, side_name(result->segmentation.side),
               what);
}

/* The colours of the pictures (COLOUR_TENDON … of canvas.c), from Okabe and Ito's palette for all kinds of colour
 * vision. */
static const unsigned char tendon_rgb[3] = {86, 180, 233}, tear_rgb[3] = {230, 159, 0},
                           tendinosis_rgb[3] = {204, 121, 167};

static ArchiveSegment *add_segment(ArchiveParts *parts, const TendonResult *result, const unsigned char rgb[3])
{
    ArchiveSegment *segment = &parts->segments[parts->n_segments++];
    *segment = (ArchiveSegment){.category = {"49755003", "SCT", "Morphologically Abnormal Structure"},
                                .type = archive_lesion(),
                                .region = region_of(result->spec),
                                .tendon_meaning = result->spec->display_name,
                                .side = result->segmentation.side,
                                .seeded = result->segmentation.method == SEGMENT_SEEDED};
    archive_tendon_code(segment->tendon_code, result->spec);
    memcpy(segment->rgb, rgb, sizeof segment->rgb);
    return segment;
}

static void add_tendon_segment(ArchiveParts *parts, const Study *person, const TendonResult *result)
{
    ArchiveSegment *segment = add_segment(parts, result, tendon_rgb);
    segment->category = (ArchiveCode){"91723000", "SCT", "Anatomical Structure"};
    segment->type = archive_site(result->spec);
    segment->made_by_person = result->segmentation.method == SEGMENT_MASK;
    result_label(segment->label, sizeof segment->label, result, "");
    string_set(segment->tracking_id, sizeof segment->tracking_id, segment->label);
    tracking_derive(segment->tracking_uid, person, result, "tendon");
    if (result->status == STATUS_MEASURED) {
        string_set(segment->description, sizeof segment->description, "Envelope of the tendon, torn parts included");
        segment->fraction = &result->envelope;
    } else {
        archive_text(segment->description, sizeof segment->description, result->reason);
    }
}

/* One segment a tear; an empty one when tears were looked for and none was found. */
static int add_tear_segments(ArchiveParts *parts, const Study *person, const TendonResult *result, Error *error)
{
    const TendonMeasures *measures = &result->measures;
    Vol *shares = parts->split + parts->n_split;
    bool drawn = measures->n_tears > 0 && result->tear.data;
    if (drawn) {
        parts->n_split += measures->n_tears; /* freed with the rest, also after a failure */
        if (archive_split_tears(shares, result, error)) return TENO_FAILED;
    }
    for (int t = 0; t < measures->n_tears || t == 0; t++) {
        ArchiveSegment *segment = add_segment(parts, result, tear_rgb);
        char prefix[32];
        snprintf(prefix, sizeof prefix, measures->n_tears ? "Tear %d of " : "Tear of ", t + 1);
        result_label(segment->label, sizeof segment->label, result, prefix);
        string_set(segment->tracking_id, sizeof segment->tracking_id, segment->label);
        if (measures->n_tears && uid_valid(measures->tears[t].tracking_uid))
            string_set(segment->tracking_uid, sizeof segment->tracking_uid, measures->tears[t].tracking_uid);
        else
            tracking_derive(segment->tracking_uid, person, result, prefix);
        segment->fraction = drawn ? &shares[t] : NULL;
        string_set(segment->description, sizeof segment->description,
                   measures->n_tears ? "Fluid-like signal inside the tendon's envelope"
                                     : "Fluid-like signal inside the tendon's envelope: looked for, none found");
    }
    return TENO_OK;
}

static void add_tendinosis_segment(ArchiveParts *parts, const Study *person, const TendonResult *result)
{
    ArchiveSegment *segment = add_segment(parts, result, tendinosis_rgb);
    result_label(segment->label, sizeof segment->label, result, "Tendinosis of ");
    string_set(segment->tracking_id, sizeof segment->tracking_id, segment->label);
    tracking_derive(segment->tracking_uid, person, result, "tendinosis");
    string_set(segment->description, sizeof segment->description, "Raised, not fluid-like signal inside the envelope");
    segment->fraction = &result->tendinosis;
}

static void add_not_assessed(ArchiveParts *parts, const TendonResult *result)
{
    ArchiveEvaluation *evaluation = &parts->evaluations[parts->n_evaluations++];
    char name[96], text[400];
    result_label(name, sizeof name, result, "");
    snprintf(text, sizeof text, "%s: %s: %s", name, result->status == STATUS_FAILED ? "failed" : "not assessable",
             result->reason);
    evaluation->concept = (ArchiveCode){"121071", "DCM", "Finding"};
    archive_text(evaluation->text, sizeof evaluation->text, text);
}

static void add_lossy(ArchiveParts *parts, const Analysis *analysis)
{
    bool lossy = false;
    for (int i = 0; i < analysis->prepared.n_channels; i++) lossy |= analysis->prepared.channel[i].series->lossy;
    if (!lossy) return;
    ArchiveEvaluation *evaluation = &parts->evaluations[parts->n_evaluations++];
    evaluation->concept = (ArchiveCode){"121106", "DCM", "Comment"};
    string_set(evaluation->text, sizeof evaluation->text, "Measured on images that went through lossy compression");
}

static int add_tendon(ArchiveParts *parts, const Study *person, const TendonResult *result, Error *error)
{
    int first = parts->n_segments + 1;
    add_tendon_segment(parts, person, result);
    if (result->status != STATUS_MEASURED) {
        add_not_assessed(parts, result);
        return TENO_OK;
    }
    if (result->measures.has_tear_measures) {
        if (add_tear_segments(parts, person, result, error)) return TENO_FAILED;
        add_tendinosis_segment(parts, person, result);
    }
    return archive_add_groups(parts, result, first, error);
}

int archive_parts_make(ArchiveParts *out, const Analysis *analysis, const Study *person, Error *error)
{
    *out = (ArchiveParts){0};
    size_t n_tears = 0, n_tendons = (size_t)analysis->n_tendons;
    for (int i = 0; i < analysis->n_tendons; i++) n_tears += (size_t)analysis->tendons[i].measures.n_tears;
    size_t most = 3 * n_tendons + n_tears; /* tendon, tears or an empty one, tendinosis */
    out->segments = array_alloc(most, sizeof *out->segments, error);
    out->groups = array_alloc(most, sizeof *out->groups, error);
    out->split = array_alloc(n_tears, sizeof *out->split, error);
    out->evaluations = array_alloc(n_tendons + 1, sizeof *out->evaluations, error);
    bool complete = out->segments && out->groups && out->split && out->evaluations;
    for (int i = 0; complete && i < analysis->n_tendons; i++)
        complete = add_tendon(out, person, &analysis->tendons[i], error) == TENO_OK;
    if (complete) add_lossy(out, analysis);
    if (complete) return TENO_OK;
    archive_parts_free(out);
    return TENO_FAILED;
}

void archive_parts_free(ArchiveParts *parts)
{
    for (int i = 0; i < parts->n_split; i++) vol_free(&parts->split[i]);
    for (int i = 0; i < parts->n_groups; i++) {
        free(parts->groups[i].measures);
        free(parts->groups[i].changes);
        free(parts->groups[i].evaluations);
    }
    free(parts->split);
    free(parts->segments);
    free(parts->groups);
    free(parts->evaluations);
    *parts = (ArchiveParts){0};
}
