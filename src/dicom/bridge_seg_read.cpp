// The segments of a DICOM segmentation into plain structs. Reads; judges nothing.
#include "dicom/bridge_tags.h"
#include "dicom/seg_header.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "teno/memory.h"

// Value of a coded concept: short codes in CodeValue, long ones and URNs elsewhere, which no tendon has.
static void code_read(char *value, size_t value_size, char *meaning, size_t meaning_size, DcmItem *item)
{
    if (!item) return;
    Tags code(item);
    code.text(value, value_size, DCM_CodeValue);
    if (meaning) code.text_utf8(meaning, meaning_size, DCM_CodeMeaning);
}

// The property type may be modified by the tendon, in our own scheme, and by the side; the side may modify the region.
static void modifiers_read(SegSegment *out, DcmItem *type, const Tags &tags)
{
    for (unsigned long i = 0; i < 4; i++) {
        DcmItem *modifier = item_of(type, DCM_SegmentedPropertyTypeModifierCodeSequence, i);
        char scheme[17] = "";
        if (!modifier) break;
        Tags(modifier).text(scheme, sizeof scheme, DCM_CodingSchemeDesignator);
        if (strcmp(scheme, "99TENO") == 0)
            code_read(out->tendon_code, sizeof out->tendon_code, nullptr, 0, modifier);
        else if (!out->side_value[0])
            code_read(out->side_value, sizeof out->side_value, nullptr, 0, modifier);
    }
    if (!out->side_value[0])
        code_read(out->side_value, sizeof out->side_value, nullptr, 0,
                  item_of(tags.item(DCM_AnatomicRegionSequence), DCM_AnatomicRegionModifierSequence, 0));
}

static void segment_read(SegSegment *out, DcmItem *item)
{
    Tags tags(item);
    tags.integer(&out->number, DCM_SegmentNumber);
    tags.text_utf8(out->label, sizeof out->label, DCM_SegmentLabel);
    tags.text_utf8(out->description, sizeof out->description, DCM_SegmentDescription);
    tags.text(out->algorithm_type, sizeof out->algorithm_type, DCM_SegmentAlgorithmType);
    tags.text_utf8(out->algorithm_name, sizeof out->algorithm_name, DCM_SegmentAlgorithmName);
    DcmItem *type = tags.item(DCM_SegmentedPropertyTypeCodeSequence);
    code_read(out->type_value, sizeof out->type_value, out->type_meaning, sizeof out->type_meaning, type);
    modifiers_read(out, type, tags);
}

static DcmSequenceOfItems *sequence_of(DcmItem *dataset, const DcmTagKey &tag)
{
    DcmElement *element = nullptr;
    if (dataset->findAndGetElement(tag, element).bad() || element->ident() != EVR_SQ) return nullptr;
    return OFstatic_cast(DcmSequenceOfItems *, element);
}

static int segments_read(SegHeader *out, DcmItem *dataset, Error *error)
{
    DcmSequenceOfItems *sequence = sequence_of(dataset, DCM_SegmentSequence);
    if (!sequence || sequence->card() == 0) return error_set(error, TENO_FAILED, "the segmentation has no segments");
    if (sequence->card() > SEG_MAX_SEGMENTS)
        return error_set(error, TENO_FAILED, "%lu segments, limit is %d", sequence->card(), SEG_MAX_SEGMENTS);
    out->segments = static_cast<SegSegment *>(array_alloc(sequence->card(), sizeof *out->segments, error));
    if (!out->segments) return TENO_FAILED;
    for (; out->n_segments < static_cast<int>(sequence->card()); out->n_segments++)
        segment_read(&out->segments[out->n_segments], sequence->getItem(static_cast<unsigned long>(out->n_segments)));
    return TENO_OK;
}

static int segment_of_groups(DcmItem *groups)
{
    int number = 0;
    if (DcmItem *item = item_of(groups, DCM_SegmentIdentificationSequence, 0))
        Tags(item).integer(&number, DCM_ReferencedSegmentNumber);
    return number;
}

static int frames_read(SegHeader *out, DcmItem *dataset, Error *error)
{
    DcmSequenceOfItems *sequence = sequence_of(dataset, DCM_PerFrameFunctionalGroupsSequence);
    const unsigned long n_frames = sequence ? sequence->card() : 0;
    if (n_frames == 0 || n_frames > SEG_MAX_FRAMES)
        return error_set(error, TENO_FAILED, "%lu frames are described, wanted 1 to %d", n_frames, SEG_MAX_FRAMES);
    out->frame_segment = static_cast<int *>(array_alloc(n_frames, sizeof *out->frame_segment, error));
    if (!out->frame_segment) return TENO_FAILED;
    const int shared = segment_of_groups(item_of(dataset, DCM_SharedFunctionalGroupsSequence, 0));
    for (; out->n_frames < static_cast<int>(n_frames); out->n_frames++) {
        const int own = segment_of_groups(sequence->getItem(static_cast<unsigned long>(out->n_frames)));
        out->frame_segment[out->n_frames] = own ? own : shared;
    }
    return TENO_OK;
}

extern "C" int seg_header_parse(SegHeader *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax,
                                Error *error)
try {
    *out = SegHeader();
    DcmDataset dataset;
    if (int code = dataset_parse(&dataset, bytes, size, syntax, error)) return code;
    const Tags tags(&dataset);
    tags.text(out->type, sizeof out->type, DCM_SegmentationType);
    tags.integer(&out->maximum_fraction, DCM_MaximumFractionalValue);
    tags.text_utf8(out->creator, sizeof out->creator, DCM_ContentCreatorName);
    tags.text_utf8(out->model, sizeof out->model, DCM_ManufacturerModelName);
    if (DcmItem *series = tags.item(DCM_ReferencedSeriesSequence))
        Tags(series).text(out->referenced_series_uid, sizeof out->referenced_series_uid, DCM_SeriesInstanceUID);
    int code = segments_read(out, &dataset, error);
    return code ? code : frames_read(out, &dataset, error);
} catch (const std::bad_alloc &) {
    return error_set(error, TENO_FAILED, "not enough memory for the segmentation's header");
} catch (...) {
    return error_set(error, TENO_FAILED, "DCMTK fails on the segmentation's header");
}

extern "C" void seg_header_free(SegHeader *header)
{
    free(header->segments);
    free(header->frame_segment);
    *header = SegHeader();
}
