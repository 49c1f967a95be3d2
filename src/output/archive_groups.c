/*
 * The numbers of a tendon as coded measurements. A standard code where PS3.16 has one for exactly the quantity, else
 * one of our scheme 99TENO, which docs/archive.md lists. A quantity that is not known is left out: its reason is in the
 * report.
 */
#include "output/archive_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "teno/memory.h"

#define SCT(value, meaning)                                                                                            \
    {                                                                                                                  \
        value, "SCT", meaning                                                                                          \
    }
#define TENO(value, meaning)                                                                                           \
    {                                                                                                                  \
        value, "99TENO", meaning                                                                                       \
    }
#define MAXIMUM SCT("56851009", "Maximum")
#define MEAN SCT("373098007", "Mean")
#define NONE                                                                                                           \
    {                                                                                                                  \
        NULL, NULL, NULL                                                                                               \
    }
#define VOLUME SCT("118565006", "Volume")
#define LENGTH SCT("410668003", "Length")
#define AREA SCT("42798000", "Area")
#define INVOLVEMENT TENO("INVOLVEMENT", "Torn share of the cross-section")
#define GAP TENO("GAP", "Gap between the tendon stumps")
#define TEAR_FRACTION TENO("TEAR_FRACTION", "Torn share of the tendon volume")

typedef struct CodedField {
    const char *name; /* in report.json, for the fields of TendonMeasures */
    size_t offset;    /* of a Quantity */
    ArchiveCode concept, derivation;
} CodedField;

#define OF_TENDON(field) #field, offsetof(TendonMeasures, field)
#define OF_TEAR(field) #field, offsetof(Tear, field)

static const CodedField tendon_fields[] = {
    {OF_TENDON(tendon_volume_mm3), VOLUME, NONE},
    {OF_TENDON(tendon_volume_0_60_mm3), TENO("TENDON_VOL_0_60", "Tendon volume 0-60 mm above the insertion"), NONE},
    {OF_TENDON(mean_area_mm2), AREA, MEAN},
    {OF_TENDON(max_area_mm2), AREA, MAXIMUM},
    {OF_TENDON(max_thickness_mm), SCT("103340004", "Short Axis"), MAXIMUM},
    {OF_TENDON(length_mm), LENGTH, NONE},
    {OF_TENDON(mean_signal), TENO("SIGNAL", "Signal, 0 normal tendon, 1 muscle"), MEAN},
    {OF_TENDON(tear_volume_mm3), TENO("TEAR_VOLUME", "Volume of all tears"), NONE},
    {OF_TENDON(tear_fraction_percent), TEAR_FRACTION, NONE},
    {OF_TENDON(tear_length_mm), TENO("TEAR_LENGTH", "Length of all tears along the tendon"), NONE},
    {OF_TENDON(tear_max_involvement_percent), INVOLVEMENT, MAXIMUM},
    {OF_TENDON(tear_gap_mm), GAP, NONE},
    {OF_TENDON(smallest_tear_mm3), TENO("SMALLEST_TEAR", "Smallest tear that noise could not have made"), NONE},
};

static const CodedField tear_fields[] = {
    {OF_TEAR(volume_mm3), VOLUME, NONE},
    {OF_TEAR(fraction_percent), TEAR_FRACTION, NONE},
    {OF_TEAR(length_mm), LENGTH, NONE},
    {OF_TEAR(max_involvement_percent), INVOLVEMENT, MAXIMUM},
    {OF_TEAR(mean_involvement_percent), INVOLVEMENT, MEAN},
    {OF_TEAR(gap_mm), GAP, NONE},
    {OF_TEAR(distal_s_mm), TENO("DISTAL_S", "Distal end, along the tendon from its origin"), NONE},
    {OF_TEAR(proximal_s_mm), TENO("PROXIMAL_S", "Proximal end, along the tendon from its origin"), NONE},
};

static const CodedField tendinosis_fields[] = {{OF_TENDON(tendinosis_volume_mm3), VOLUME, NONE}};

bool archive_quantity_code(const char *name, ArchiveCode *concept, ArchiveCode *derivation)
{
    for (size_t i = 0; i < sizeof tendon_fields / sizeof *tendon_fields; i++) {
        if (strcmp(tendon_fields[i].name, name) != 0) continue;
        *concept = tendon_fields[i].concept;
        *derivation = tendon_fields[i].derivation;
        return true;
    }
    return false;
}

enum { MOST_EVALUATIONS = 8, PLAIN_MEASURES = 4 };

static void add_measure(ArchiveGroup *group, const CodedField *field, const Quantity *q)
{
    if (!q->known || !isfinite(q->value)) return;
    bool has_interval = q->has_interval && isfinite(q->low) && isfinite(q->high);
    group->measures[group->n_measures++] = (ArchiveMeasure){
        field->concept, field->derivation, q->unit ? q->unit : "1", q->value, has_interval, q->low, q->high, NULL};
}

static void add_plain(ArchiveGroup *group, const char *code, const char *meaning, const char *unit, double value)
{
    CodedField field = {code, 0, TENO(code, meaning), NONE};
    Quantity q = quantity(value, unit);
    add_measure(group, &field, &q);
}

static void add_text(ArchiveGroup *group, const char *code, const char *meaning, const char *text)
{
    ArchiveEvaluation *evaluation = &group->evaluations[group->n_evaluations++];
    evaluation->concept = (ArchiveCode)TENO(code, meaning);
    archive_text(evaluation->text, sizeof evaluation->text, text);
}

/* A group tied to a segment, with the fields of `from`. */
static ArchiveGroup *add_group(ArchiveParts *parts, const TendonResult *result, int segment, ArchiveCode finding,
                               const CodedField *fields, size_t n_fields, const void *from, Error *error)
{
    ArchiveGroup *group = &parts->groups[parts->n_groups++];
    const ArchiveSegment *tracked = &parts->segments[segment - 1];
    *group = (ArchiveGroup){.finding = finding,
                            .site = archive_site(result->spec),
                            .side = result->segmentation.side,
                            .segment = {segment},
                            .tendon_meaning = result->spec->display_name};
    archive_tendon_code(group->tendon_code, result->spec);
    string_set(group->tracking_id, sizeof group->tracking_id, tracked->tracking_id);
    string_set(group->tracking_uid, sizeof group->tracking_uid, tracked->tracking_uid);
    group->measures = array_alloc(n_fields + PLAIN_MEASURES, sizeof *group->measures, error);
    group->evaluations = array_alloc(MOST_EVALUATIONS, sizeof *group->evaluations, error);
    if (!group->measures || !group->evaluations) return NULL;
    for (size_t i = 0; i < n_fields; i++)
        add_measure(group, &fields[i], (const Quantity *)((const char *)from + fields[i].offset));
    return group;
}

static void add_grade(ArchiveGroup *group, const TendonMeasures *measures)
{
    static const struct {
        Grade grade;
        ArchiveCode code;
    } codes[] = {{GRADE_NORMAL, TENO("NORMAL", "No tear, no tendinosis")},
                 {GRADE_TENDINOSIS, TENO("TENDINOSIS", "Tendinosis without a tear")},
                 {GRADE_PARTIAL_LOW, TENO("PARTIAL_LOW", "Partial tear, less than 50 % of a section")},
                 {GRADE_PARTIAL_HIGH, TENO("PARTIAL_HIGH", "Partial tear, 50 to 95 % of a section")},
                 {GRADE_COMPLETE, TENO("COMPLETE", "Complete tear, 95 % of a section or more")}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].grade != measures->grade) continue;
        ArchiveEvaluation *evaluation = &group->evaluations[group->n_evaluations++];
        evaluation->concept = (ArchiveCode)TENO("GRADE", "Degree of tendon damage");
        evaluation->code = codes[i].code;
        archive_text(evaluation->text, sizeof evaluation->text, measures->grade_criteria);
    }
    if (!measures->kuwada[0]) return;
    char text[300];
    snprintf(text, sizeof text, "%s (%s)", measures->kuwada, measures->kuwada_criteria);
    add_text(group, "KUWADA", "Kuwada type", text);
}

static int add_tendon_group(ArchiveParts *parts, const TendonResult *result, int segment, Error *error)
{
    const TendonMeasures *measures = &result->measures;
    ArchiveGroup *group = add_group(parts, result, segment, archive_site(result->spec), tendon_fields,
                                    sizeof tendon_fields / sizeof *tendon_fields, measures, error);
    if (!group) return TENO_FAILED;
    add_plain(group, "S_MIN", "Assessed range, distal end", "mm", measures->s_min_mm);
    add_plain(group, "S_MAX", "Assessed range, proximal end", "mm", measures->s_max_mm);
    add_plain(group, "CONFIDENCE", "Confidence of the segmentation, 0 to 1", "1", result->segmentation.confidence);
    add_text(group, "ORIGIN", "What s = 0 means", origin_name(result->segmentation.origin));
    if (measures->has_tear_measures)
        add_grade(group, measures);
    else
        add_text(group, "TEARS_UNKNOWN", "Why tears were not assessed", measures->tear_volume_mm3.reason);
    return TENO_OK;
}

static int add_tear_group(ArchiveParts *parts, const TendonResult *result, const Tear *tear, int segment, Error *error)
{
    ArchiveGroup *group = add_group(parts, result, segment, archive_lesion(), tear_fields,
                                    sizeof tear_fields / sizeof *tear_fields, tear, error);
    if (!group) return TENO_FAILED;
    char text[100];
    snprintf(text, sizeof text, "%s%s%s%s%s", tear->surfaces ? "reaches" : "intrasubstance",
             tear->surfaces & SURFACE_ANTERIOR ? " anterior" : "",
             tear->surfaces & SURFACE_POSTERIOR ? " posterior" : "", tear->surfaces & SURFACE_MEDIAL ? " medial" : "",
             tear->surfaces & SURFACE_LATERAL ? " lateral" : "");
    add_text(group, "SURFACE", "Surface that the tear reaches", text);
    if (tear->zone) add_text(group, "ZONE", "Zone of the tendon", tear->zone);
    if (tear->possible_magic_angle)
        add_text(group, "MAGIC_ANGLE", "Possible artefact", "signal may be raised by the magic angle effect");
    return TENO_OK;
}

int archive_add_groups(ArchiveParts *parts, const TendonResult *result, int segment, Error *error)
{
    const TendonMeasures *measures = &result->measures;
    int code = add_tendon_group(parts, result, segment, error);
    for (int t = 0; t < measures->n_tears && code == TENO_OK; t++)
        code = add_tear_group(parts, result, &measures->tears[t], segment + 1 + t, error);
    if (code || !measures->has_tear_measures || !measures->tendinosis_volume_mm3.known) return code;
    int tendinosis = segment + (measures->n_tears ? measures->n_tears : 1) + 1;
    bool done = add_group(parts, result, tendinosis, archive_lesion(), tendinosis_fields, 1, measures, error) != NULL;
    return done ? TENO_OK : TENO_FAILED;
}
