// From a DCMTK data set to the plain structs of teno/dicom.h. Reads; judges nothing.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "dicom/bridge_tags.h"

#include "teno/dicom.h"
#include "teno/memory.h"

static double number_or_nan(const Tags &tags, const DcmTagKey &tag)
{
    double value = NAN;
    tags.number(&value, tag);
    return value;
}

static void date_read(char out[9], const Tags &tags, const DcmTagKey &tag)
{
    char text[32];
    tags.text(text, sizeof text, tag);
    size_t n = 0;
    for (const char *c = text; *c && n < 8; c++)
        if (*c >= '0' && *c <= '9') out[n++] = *c; // also the old form YYYY.MM.DD
    out[n] = '\0';
    if (n != 8 || strncmp(out, "1800", 4) < 0) out[0] = '\0'; // 00010101 and the like stand for a removed date
}

static void file_read(DicomFile *out, const Tags &tags)
{
    tags.text(out->sop_class_uid, sizeof out->sop_class_uid, DCM_SOPClassUID);
    tags.text(out->sop_instance_uid, sizeof out->sop_instance_uid, DCM_SOPInstanceUID);
    tags.text(out->study_uid, sizeof out->study_uid, DCM_StudyInstanceUID);
    tags.text(out->series_uid, sizeof out->series_uid, DCM_SeriesInstanceUID);
    tags.text(out->frame_of_reference_uid, sizeof out->frame_of_reference_uid, DCM_FrameOfReferenceUID);
    tags.text_utf8(out->patient_id, sizeof out->patient_id, DCM_PatientID);
    tags.text_utf8(out->patient_name, sizeof out->patient_name, DCM_PatientName);
    tags.text_utf8(out->accession, sizeof out->accession, DCM_AccessionNumber);
    date_read(out->study_date, tags, DCM_StudyDate);
    tags.text(out->study_time, sizeof out->study_time, DCM_StudyTime);
    tags.text(out->series_time, sizeof out->series_time, DCM_SeriesTime);
    tags.text(out->acquisition_time, sizeof out->acquisition_time, DCM_AcquisitionTime);
    tags.text_utf8(out->study_description, sizeof out->study_description, DCM_StudyDescription);
    tags.text(out->modality, sizeof out->modality, DCM_Modality);
    tags.text_utf8(out->manufacturer, sizeof out->manufacturer, DCM_Manufacturer);
    tags.text_utf8(out->model, sizeof out->model, DCM_ManufacturerModelName);
    tags.text_utf8(out->series_description, sizeof out->series_description, DCM_SeriesDescription);
    tags.text_utf8(out->protocol, sizeof out->protocol, DCM_ProtocolName);
    tags.text(out->body_part, sizeof out->body_part, DCM_BodyPartExamined);
    tags.text(out->position, sizeof out->position, DCM_PatientPosition);
    tags.text(out->scanning_sequence, sizeof out->scanning_sequence, DCM_ScanningSequence);
    if (!out->scanning_sequence[0])
        tags.text(out->scanning_sequence, sizeof out->scanning_sequence, DCM_EchoPulseSequence);
    tags.text(out->sequence_variant, sizeof out->sequence_variant, DCM_SequenceVariant);
    tags.text(out->scan_options, sizeof out->scan_options, DCM_ScanOptions);
    tags.text_utf8(out->sequence_name, sizeof out->sequence_name, DCM_SequenceName);
    if (!out->sequence_name[0]) tags.text_utf8(out->sequence_name, sizeof out->sequence_name, DCM_PulseSequenceName);
    tags.text(out->acquisition_type, sizeof out->acquisition_type, DCM_MRAcquisitionType);
    tags.text(out->lossy_compression, sizeof out->lossy_compression, DCM_LossyImageCompression);
    tags.text(out->photometric, sizeof out->photometric, DCM_PhotometricInterpretation);
    tags.integer(&out->series_number, DCM_SeriesNumber);
    tags.integer(&out->instance_number, DCM_InstanceNumber);
    out->field_t = number_or_nan(tags, DCM_MagneticFieldStrength);
}

// Slope and intercept: Philips' private scale slope makes frames and series comparable (SS; stored × RS + RI over
// RS × SS, Chenevert et al. 2014, doi:10.1593/tlo.13811), then the rescale, then a linear real-world mapping.
static void rescale_read(DicomPixels *out, const Tags &tags, const DicomFile *file)
{
    double slope = NAN, intercept = 0, scale_slope = NAN;
    out->slope = 1;
    out->intercept = 0;
    tags.number(&slope, DCM_RescaleSlope);
    tags.number(&intercept, DCM_RescaleIntercept);
    if (std::isfinite(slope) && slope != 0) {
        out->slope = slope;
        out->intercept = intercept;
        if (strncmp(file->manufacturer, "Philips", 7) == 0 && tags.number(&scale_slope, DcmTagKey(0x2005, 0x100E)) &&
            scale_slope > 0) {
            out->slope = 1 / scale_slope;
            out->intercept = intercept / (slope * scale_slope);
        }
        return;
    }
    DcmItem *mapping =
        tags.item(DCM_RealWorldValueMappingSequence); // null in Enhanced MR, where it is a functional group
    const Tags real_world = mapping ? Tags(mapping) : tags;
    if (real_world.number(&slope, DCM_RealWorldValueSlope) && slope != 0) {
        out->slope = slope;
        real_world.number(&out->intercept, DCM_RealWorldValueIntercept);
    }
}

static void pixels_read(DicomPixels *out, const Tags &tags, const DicomFile *file)
{
    int representation = 0;
    out->samples = 1;
    out->n_frames = 1;
    tags.integer(&out->rows, DCM_Rows);
    tags.integer(&out->columns, DCM_Columns);
    tags.integer(&out->samples, DCM_SamplesPerPixel);
    tags.integer(&out->n_frames, DCM_NumberOfFrames);
    tags.integer(&out->bits_allocated, DCM_BitsAllocated);
    out->bits_stored = out->bits_allocated;
    tags.integer(&out->bits_stored, DCM_BitsStored);
    out->high_bit = out->bits_stored - 1;
    tags.integer(&out->high_bit, DCM_HighBit);
    tags.integer(&representation, DCM_PixelRepresentation);
    out->is_signed = representation == 1;
    out->inverted = strcmp(file->photometric, "MONOCHROME1") == 0;
    out->has_padding = tags.number(&out->padding_low, DCM_PixelPaddingValue);
    if (!out->has_padding) return;
    // Written as unsigned although the pixels are signed, or the other way round: common (PS3.5 §6.2, US or SS).
    if (out->is_signed && out->padding_low > 32767) out->padding_low -= 65536;
    if (!out->is_signed && out->padding_low < 0) out->padding_low += 65536;
    out->padding_high = out->padding_low;
    double limit = 0;
    if (!tags.number(&limit, DCM_PixelPaddingRangeLimit)) return;
    if (limit < out->padding_low)
        out->padding_low = limit;
    else
        out->padding_high = limit;
}

static void geometry_read(DicomFrame *out, const Tags &tags)
{
    double values[6];
    out->has_position = tags.numbers(values, 3, DCM_ImagePositionPatient);
    if (out->has_position) out->position_lps = vec3(values[0], values[1], values[2]);
    out->has_orientation = tags.numbers(values, 6, DCM_ImageOrientationPatient);
    if (out->has_orientation) {
        out->row_lps = vec3(values[0], values[1], values[2]);
        out->column_lps = vec3(values[3], values[4], values[5]);
    }
    out->has_spacing = tags.numbers(values, 2, DCM_PixelSpacing);
    if (out->has_spacing) {
        out->spacing_j_mm = values[0];
        out->spacing_i_mm = values[1];
    }
    out->thickness_mm = number_or_nan(tags, DCM_SliceThickness);
    out->spacing_between_mm = number_or_nan(tags, DCM_SpacingBetweenSlices);
}

static void acquisition_read(DicomFrame *out, const Tags &tags, const DicomFile *file)
{
    char text[32];
    out->tr_ms = number_or_nan(tags, DCM_RepetitionTime);
    out->te_ms = number_or_nan(tags, file->multi_frame ? DCM_EffectiveEchoTime : DCM_EchoTime);
    if (!std::isfinite(out->te_ms)) out->te_ms = number_or_nan(tags, DCM_EchoTime);
    out->ti_ms = number_or_nan(tags, DCM_InversionTime);
    if (!std::isfinite(out->ti_ms)) out->ti_ms = number_or_nan(tags, DCM_InversionTimes);
    out->flip_deg = number_or_nan(tags, DCM_FlipAngle);
    out->b_value = number_or_nan(tags, DCM_DiffusionBValue);
    out->trigger_ms = number_or_nan(tags, DCM_TriggerTime);
    tags.integer(&out->echo_number, DCM_EchoNumbers);
    if (!tags.integer(&out->temporal_index, DCM_TemporalPositionIndex))
        tags.integer(&out->temporal_index, DCM_TemporalPositionIdentifier);
    if (!tags.integer(&out->acquisition_number, DCM_FrameAcquisitionNumber))
        tags.integer(&out->acquisition_number, DCM_AcquisitionNumber);
    tags.text(out->image_type, sizeof out->image_type, DCM_FrameType);
    if (!out->image_type[0]) tags.text(out->image_type, sizeof out->image_type, DCM_ImageType);
    tags.text(out->component, sizeof out->component, DCM_ComplexImageComponent);
    tags.text(out->suppression, sizeof out->suppression, DCM_SpectrallySelectedSuppression);
    tags.text(text, sizeof text, DCM_InversionRecovery);
    out->inversion_recovery = strcmp(text, "YES") == 0;
    tags.text(out->stack_id, sizeof out->stack_id, DCM_StackID);
    tags.text(out->laterality, sizeof out->laterality, DCM_FrameLaterality);
    if (!out->laterality[0]) tags.text(out->laterality, sizeof out->laterality, DCM_ImageLaterality);
    if (!out->laterality[0]) tags.text(out->laterality, sizeof out->laterality, DCM_Laterality);
}

// Makes the attributes of all functional groups in `groups` visible in `tags` (PS3.3 C.7.6.16). Philips nests a second
// header in a private one (2005,140F), whose Image Position differs from the frame's by half a pixel: it counts only
// where nothing else says.
static void groups_prepend(Tags *tags, DcmItem *groups)
{
    if (!groups) return;
    for (unsigned long i = 0; i < groups->card(); i++) {
        DcmElement *element = groups->getElement(i);
        if (!element || element->ident() != EVR_SQ) continue;
        DcmSequenceOfItems *sequence = OFstatic_cast(DcmSequenceOfItems *, element);
        if (sequence->card() == 0) continue;
        if (element->getGTag() & 1)
            tags->append(sequence->getItem(0));
        else
            tags->prepend(sequence->getItem(0));
    }
}

static void frame_read(DicomFrame *out, const Tags &tags, const DicomFile *file)
{
    pixels_read(&out->pixels, tags, file);
    rescale_read(&out->pixels, tags, file);
    geometry_read(out, tags);
    acquisition_read(out, tags, file);
}

static int frames_read(DicomFile *out, DcmItem *dataset, Error *error)
{
    enum { MAX_FRAMES = 20000 };
    const Tags root(dataset);
    DcmItem *shared = item_of(dataset, DCM_SharedFunctionalGroupsSequence, 0);
    DcmElement *element = nullptr;
    DcmSequenceOfItems *per_frame = nullptr;
    if (dataset->findAndGetElement(DCM_PerFrameFunctionalGroupsSequence, element).good() && element->ident() == EVR_SQ)
        per_frame = OFstatic_cast(DcmSequenceOfItems *, element);
    int n_frames = 1;
    root.integer(&n_frames, DCM_NumberOfFrames);
    out->multi_frame = shared || per_frame;
    if (n_frames < 1 || n_frames > MAX_FRAMES)
        return error_set(error, TENO_FAILED, "number of frames is %d, wanted 1 to %d", n_frames, (int)MAX_FRAMES);
    if (per_frame && per_frame->card() != static_cast<unsigned long>(n_frames))
        return error_set(error, TENO_FAILED, "%d frames, but functional groups for %lu", n_frames, per_frame->card());
    out->frames = static_cast<DicomFrame *>(array_alloc(static_cast<size_t>(n_frames), sizeof *out->frames, error));
    if (!out->frames) return TENO_FAILED;
    out->n_frames = n_frames;
    for (int i = 0; i < n_frames; i++) {
        Tags tags(dataset);
        if (!out->multi_frame) tags.append(item_of(dataset, DcmTagKey(0x2005, 0x140F), 0));
        groups_prepend(&tags, shared);
        if (per_frame) groups_prepend(&tags, per_frame->getItem(static_cast<unsigned long>(i)));
        frame_read(&out->frames[i], tags, out);
    }
    return TENO_OK;
}

extern "C" int dicom_parse(DicomFile *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax,
                           Error *error)
try {
    DcmDataset dataset;
    if (int code = dataset_parse(&dataset, bytes, size, syntax, error)) return code;
    file_read(out, Tags(&dataset));
    return frames_read(out, &dataset, error);
} catch (const std::bad_alloc &) {
    return error_set(error, TENO_FAILED, "not enough memory for the header");
} catch (...) {
    return error_set(error, TENO_FAILED, "DCMTK fails on the header");
}
