/*
 * Comprehensive 3D SR by TID 1500 (PS3.16): who measured (TID 1002 device observer), an image library (TID 1600), and
 * one measurement group (TID 1411) for each tendon, tear and region of tendinosis, tied to its segment by tracking UID.
 * A change between two dates has no segment of its own: its group is one of TID 1501, which names the segments of both
 * dates as the source of measurement.
 * The tree is written item by item (PS3.3 C.17.3): DCMTK's template classes put device and person observers in each
 * other.
 */
#include "dicom/bridge_dataset.h"

#include <cmath>
#include <cstring>
#include <map>
#include <set>

namespace
{

const char *const comprehensive_3d_sr = "1.2.840.10008.5.1.4.1.1.88.34";

ArchiveCode dcm(const char *value, const char *meaning)
{
    return {value, "DCM", meaning};
}

/* UCUM units with the meaning that PS3.16 CID 83 and others give them. */
ArchiveCode unit_code(const char *unit)
{
    static const struct {
        const char *unit, *meaning;
    } names[] = {{"mm3", "cubic millimeter"},
                 {"mm2", "square millimeter"},
                 {"mm", "millimeter"},
                 {"%", "percent"},
                 {"1", "no units"}};
    for (const auto &name : names)
        if (std::strcmp(name.unit, unit) == 0) return {unit, "UCUM", name.meaning};
    return {unit, "UCUM", unit};
}

DcmItem &add_content(DcmItem &parent, const char *relationship, const char *type, const ArchiveCode &concept_name)
{
    DcmItem &item = add_item(parent, DCM_ContentSequence);
    put(item, DCM_RelationshipType, relationship);
    put(item, DCM_ValueType, type);
    add_code(item, DCM_ConceptNameCodeSequence, concept_name);
    return item;
}

void put_template(DcmItem &container, const char *identifier)
{
    DcmItem &item = add_item(container, DCM_ContentTemplateSequence);
    put(item, DCM_MappingResource, "DCMR");
    put(item, DCM_TemplateIdentifier, identifier);
}

DcmItem &add_container(DcmItem &parent, const ArchiveCode &concept_name, const char *template_identifier)
{
    DcmItem &item = add_content(parent, "CONTAINS", "CONTAINER", concept_name);
    put(item, DCM_ContinuityOfContent, "SEPARATE");
    if (template_identifier) put_template(item, template_identifier);
    return item;
}

DcmItem &add_code_content(DcmItem &parent, const char *relationship, const ArchiveCode &name, const ArchiveCode &value)
{
    DcmItem &item = add_content(parent, relationship, "CODE", name);
    add_code(item, DCM_ConceptCodeSequence, value);
    return item;
}

void add_text_content(DcmItem &parent, const char *relationship, const ArchiveCode &name, const std::string &text)
{
    put(add_content(parent, relationship, "TEXT", name), DCM_TextValue, text);
}

void add_uid_content(DcmItem &parent, const char *relationship, const ArchiveCode &name, const char *uid)
{
    put(add_content(parent, relationship, "UIDREF", name), DCM_UID, uid);
}

DcmItem &add_image(DcmItem &parent, const ArchiveCode *name, const char *sop_class, const char *sop_instance)
{
    DcmItem &item = add_item(parent, DCM_ContentSequence);
    put(item, DCM_RelationshipType, "CONTAINS");
    put(item, DCM_ValueType, "IMAGE");
    if (name) add_code(item, DCM_ConceptNameCodeSequence, *name);
    DcmItem &reference = add_item(item, DCM_ReferencedSOPSequence);
    put_sop_reference(reference, sop_class, sop_instance);
    return reference;
}

/* Six significant digits, as report.json has them: the two must be the same number. */
std::string report_number(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.6g", value == 0 ? 0.0 : value);
    return text;
}

DcmItem &add_number(DcmItem &parent, const char *relationship, const ArchiveCode &name, const char *unit, double value)
{
    DcmItem &item = add_content(parent, relationship, "NUM", name);
    DcmItem &measured = add_item(item, DCM_MeasuredValueSequence);
    put(measured, DCM_NumericValue, report_number(value));
    add_code(measured, DCM_MeasurementUnitsCodeSequence, unit_code(unit));
    return item;
}

ArchiveCode teno(const char *value, const char *meaning)
{
    return {value, "99TENO", meaning};
}

void add_property(DcmItem &number, const ArchiveCode &name, const char *unit, double value)
{
    if (!std::isnan(value)) add_number(number, "HAS PROPERTIES", name, unit, value);
}

/* The values that a difference is made of, and what is to be thought of it. PS3.16 has no codes for these. */
void add_change(DcmItem &number, const ArchiveChange &change, const char *unit)
{
    add_property(number, teno("BEFORE", "Value on the earlier date"), unit, change.before);
    add_property(number, teno("AFTER", "Value on the later date"), unit, change.after);
    add_property(number, teno("PERCENT", "Difference in percent of the earlier value"), "%", change.percent);
    add_property(number, teno("LIMIT", "Repeatability limit of the difference"), unit, change.limit);
    add_code_content(number, "HAS PROPERTIES", teno("VERDICT", "Is it more than the measurement's own error"),
                     change.verdict);
}

void add_measure(DcmItem &group, const ArchiveMeasure &measure)
{
    DcmItem &item = add_number(group, "CONTAINS", measure.concept, measure.unit, measure.value);
    if (measure.derivation.value)
        add_code_content(item, "HAS CONCEPT MOD", dcm("121401", "Derivation"), measure.derivation);
    if (measure.change)
        add_code_content(item, "HAS CONCEPT MOD", teno("CHANGE", "Change between dates"),
                         teno("DIFFERENCE", "Later minus earlier value"));
    if (measure.has_interval) {
        /* No standard code says "95 % interval of this measurement" without a distribution: a private one. */
        add_property(item, teno("CI95LOW", "95 % interval, lower bound"), measure.unit, measure.low);
        add_property(item, teno("CI95HIGH", "95 % interval, upper bound"), measure.unit, measure.high);
    }
    if (measure.change) add_change(item, *measure.change, measure.unit);
}

void add_evaluation(DcmItem &parent, const ArchiveEvaluation &evaluation)
{
    if (!evaluation.code.value) {
        add_text_content(parent, "CONTAINS", evaluation.concept, evaluation.text);
        return;
    }
    DcmItem &item = add_code_content(parent, "CONTAINS", evaluation.concept, evaluation.code);
    if (evaluation.text[0]) /* the criteria that were met */
        add_text_content(item, "HAS PROPERTIES", dcm("121106", "Comment"), evaluation.text);
}

void add_time_point(DcmItem &group, const char *time_point)
{
    if (!time_point[0]) return;
    add_text_content(group, "HAS OBS CONTEXT", {"C2348792", "UMLS", "Time Point"}, time_point);
    add_text_content(group, "HAS OBS CONTEXT", dcm("126070", "Subject Time Point Identifier"), time_point);
}

void add_algorithm(DcmItem &group)
{
    add_text_content(group, "HAS CONCEPT MOD", dcm("111001", "Algorithm Name"), "Teno");
    add_text_content(group, "HAS CONCEPT MOD", dcm("111003", "Algorithm Version"), TENO_VERSION);
}

void add_segment(DcmItem &group, const ArchiveCode &name, const ArchiveDate &date, int number)
{
    if (!date.seg) return;
    DcmItem &reference = add_image(group, &name, UID_SegmentationStorage, date.seg->sop_instance_uid);
    put(reference, DCM_ReferencedSegmentNumber, std::to_string(number));
}

/* The date of a group that is not of a change: the one that it has a segment on. */
int date_of(const ArchiveGroup &content, const ArchiveReport &report)
{
    int date = report.n_dates - 1;
    while (date > 0 && !content.segment[date]) date--;
    return date;
}

void add_segment_references(DcmItem &group, const ArchiveGroup &content, const ArchiveReport &report)
{
    if (content.of_change) {
        for (int i = 0; i < report.n_dates; i++)
            if (content.segment[i])
                add_segment(group, dcm("121112", "Source of Measurement"), report.dates[i], content.segment[i]);
        return;
    }
    const ArchiveDate &date = report.dates[date_of(content, report)];
    add_segment(group, dcm("121191", "Referenced Segment"), date, content.segment[date_of(content, report)]);
    if (date.n_sources)
        add_uid_content(group, "CONTAINS", dcm("121232", "Source series for segmentation"),
                        date.sources[0]->series_uid);
}

void add_site(DcmItem &group, const ArchiveGroup &content)
{
    DcmItem &site = add_code_content(group, "HAS CONCEPT MOD", {"363698007", "SCT", "Finding Site"}, content.site);
    if (content.side != SIDE_UNKNOWN)
        add_code_content(site, "HAS CONCEPT MOD", {"272741003", "SCT", "Laterality"}, side_code(content.side));
    if (content.tendon_code[0])
        add_code_content(site, "HAS CONCEPT MOD", {"106233006", "SCT", "Topographical modifier"},
                         teno(content.tendon_code, content.tendon_meaning));
}

void add_group(DcmItem &measurements, const ArchiveGroup &content, const ArchiveReport &report)
{
    const ArchiveDate &date = report.dates[content.of_change ? report.n_dates - 1 : date_of(content, report)];
    DcmItem &group =
        add_container(measurements, dcm("125007", "Measurement Group"), content.of_change ? "1501" : "1411");
    add_text_content(group, "HAS OBS CONTEXT", dcm("112039", "Tracking Identifier"), content.tracking_id);
    add_uid_content(group, "HAS OBS CONTEXT", dcm("112040", "Tracking Unique Identifier"), content.tracking_uid);
    add_code_content(group, "CONTAINS", dcm("121071", "Finding"), content.finding);
    add_time_point(group, date.time_point);
    add_segment_references(group, content, report);
    add_site(group, content);
    add_algorithm(group);
    for (int i = 0; i < content.n_measures; i++) add_measure(group, content.measures[i]);
    for (int i = 0; i < content.n_evaluations; i++) add_evaluation(group, content.evaluations[i]);
}

/* Language, device observer, procedure: TID 1204, 1002, and row 4 of TID 1500. */
void add_context(DcmItem &root)
{
    char device_uid[UID_SIZE];
    uid_from_text(device_uid, "Teno " TENO_VERSION);
    add_code_content(root, "HAS CONCEPT MOD", dcm("121049", "Language of Content Item and Descendants"),
                     {"en", "RFC5646", "English"});
    add_code_content(root, "HAS OBS CONTEXT", dcm("121005", "Observer Type"), dcm("121007", "Device"));
    add_uid_content(root, "HAS OBS CONTEXT", dcm("121012", "Device Observer UID"), device_uid);
    add_text_content(root, "HAS OBS CONTEXT", dcm("121013", "Device Observer Name"), "Teno");
    add_text_content(root, "HAS OBS CONTEXT", dcm("121014", "Device Observer Manufacturer"), "Teno");
    add_text_content(root, "HAS OBS CONTEXT", dcm("121015", "Device Observer Model Name"), "teno");
    add_text_content(root, "HAS OBS CONTEXT", dcm("121016", "Device Observer Serial Number"), TENO_VERSION);
    add_code_content(root, "HAS CONCEPT MOD", dcm("121058", "Procedure reported"),
                     {"113091000", "SCT", "Magnetic resonance imaging"});
}

/* Calls visit(slice) once a file, in order of position. */
template <typename Visit> void each_file(const Series &series, Visit visit)
{
    std::set<std::string> seen;
    for (int k = 0; k < series.grid.nz; k++)
        if (seen.insert(series.slices[k].sop_instance_uid).second) visit(series.slices[k]);
}

void add_library(DcmItem &root, const ArchiveReport &report)
{
    DcmItem &library = add_container(root, dcm("111028", "Image Library"), "1600");
    for (int d = 0; d < report.n_dates; d++)
        for (int i = 0; i < report.dates[d].n_sources; i++) {
            DcmItem &group = add_container(library, dcm("126200", "Image Library Group"), nullptr);
            add_code_content(group, "HAS ACQ CONTEXT", dcm("121139", "Modality"), dcm("MR", "Magnetic Resonance"));
            each_file(*report.dates[d].sources[i], [&](const Slice &slice) {
                add_image(group, nullptr, slice.sop_class_uid, slice.sop_instance_uid);
            });
        }
}

/* Everything that is referenced, by study and series (PS3.3 C.17.2.3). Objects of the document's own study are evidence
 * of the current procedure, others are pertinent: an earlier date, or a visit that has several Study Instance UIDs. */
class Evidence
{
  public:
    explicit Evidence(DcmItem &document) : document_(document)
    {
        OFString uid;
        bridge_check(document.findAndGetOFString(DCM_StudyInstanceUID, uid), DCM_StudyInstanceUID);
        own_ = uid.c_str();
    }
    void add(const std::string &study, const std::string &series, const char *sop_class, const char *sop_instance)
    {
        if (!seen_.insert(sop_instance).second) return;
        put_sop_reference(add_item(series_item(study, series), DCM_ReferencedSOPSequence), sop_class, sop_instance);
    }

  private:
    DcmItem &series_item(const std::string &study, const std::string &series)
    {
        DcmItem *&study_item = studies_[study];
        if (!study_item) {
            study_item = &add_item(document_, study == own_ ? DCM_CurrentRequestedProcedureEvidenceSequence
                                                            : DCM_PertinentOtherEvidenceSequence);
            put(*study_item, DCM_StudyInstanceUID, study);
        }
        DcmItem *&item = series_[series];
        if (!item) {
            item = &add_item(*study_item, DCM_ReferencedSeriesSequence);
            put(*item, DCM_SeriesInstanceUID, series);
        }
        return *item;
    }
    DcmItem &document_;
    std::string own_;
    std::map<std::string, DcmItem *> studies_, series_;
    std::set<std::string> seen_;
};

void put_evidence(DcmItem &out, const ArchiveReport &report)
{
    Evidence evidence(out);
    for (int d = 0; d < report.n_dates; d++) {
        const ArchiveDate &date = report.dates[d];
        for (int i = 0; i < date.n_sources; i++)
            each_file(*date.sources[i], [&](const Slice &slice) {
                evidence.add(date.sources[i]->study_uid, date.sources[i]->series_uid, slice.sop_class_uid,
                             slice.sop_instance_uid);
            });
        if (date.seg && date.n_sources) /* it lies in the study of the series that it was drawn on */
            evidence.add(date.sources[0]->study_uid, date.seg->series_uid, UID_SegmentationStorage,
                         date.seg->sop_instance_uid);
    }
}

void put_document(DcmItem &out)
{
    put(out, DCM_CompletionFlag, "COMPLETE");
    put(out, DCM_VerificationFlag, "UNVERIFIED");
    put(out, DCM_PreliminaryFlag, "PRELIMINARY");
    put_empty_sequence(out, DCM_PerformedProcedureCodeSequence);
    put_empty_sequence(out, DCM_ReferencedPerformedProcedureStepSequence);
    put_coding_scheme(out);
}

void put_tree(DcmItem &root, const ArchiveReport &report)
{
    put(root, DCM_ValueType, "CONTAINER");
    add_code(root, DCM_ConceptNameCodeSequence, dcm("126000", "Imaging Measurement Report"));
    put(root, DCM_ContinuityOfContent, "SEPARATE");
    put_template(root, "1500");
    add_context(root);
    add_library(root, report);
    if (report.n_groups) {
        DcmItem &measurements = add_container(root, dcm("126010", "Imaging Measurements"), nullptr);
        for (int i = 0; i < report.n_groups; i++) add_group(measurements, report.groups[i], report);
    }
    if (report.n_evaluations) {
        DcmItem &qualitative = add_container(root, {"C0034375", "UMLS", "Qualitative Evaluations"}, nullptr);
        for (int i = 0; i < report.n_evaluations; i++) add_evaluation(qualitative, report.evaluations[i]);
    }
}

} // namespace

int archive_write_sr(const char *path, const ArchiveObject *object, const ArchiveReport *report, Error *error)
{
    return bridge_guard(path, error, [&] {
        DcmFileFormat file;
        DcmDataset &out = *file.getDataset();
        begin_object(out, *object, comprehensive_3d_sr, "SR");
        put_document(out);
        put_evidence(out, *report);
        put_tree(out, *report);
        save_object(file, path);
    });
}
