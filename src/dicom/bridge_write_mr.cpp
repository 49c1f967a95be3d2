/* MR Image Storage and Enhanced MR out of plain structs (PS3.3 A.4, A.36). Explicit little endian, optionally
 * compressed. */
#include "dicom/bridge_mr.h"

#include <string>

#include "dicom/bridge_encode.h"

#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom_write.h"
#include "teno/uid.h"

using namespace bridge_mr;

namespace
{
void put_timing(Put &p, const MrSeriesWrite &s)
{
    p.text(DCM_ScanningSequence, s.scanning_sequence);
    p.text(DCM_SequenceVariant, s.sequence_variant);
    p.text(DCM_ScanOptions, s.scan_options);
    p.text(DCM_MRAcquisitionType, s.three_d ? "3D" : "2D");
    p.real(DCM_RepetitionTime, s.tr_ms);
    p.real(DCM_EchoTime, s.te_ms);
    if (s.ti_ms > 0) p.real(DCM_InversionTime, s.ti_ms);
    p.real(DCM_NumberOfAverages, 1);
    p.real(DCM_ImagingFrequency, 42.577 * s.field_t);
    p.text(DCM_ImagedNucleus, "1H");
    p.text(DCM_EchoNumbers, "1");
    p.real(DCM_MagneticFieldStrength, s.field_t);
    p.text(DCM_EchoTrainLength, std::to_string(s.echo_train_length));
    p.real(DCM_FlipAngle, s.flip_deg);
    p.text(DCM_ReceiveCoilName, "Foot_Ankle_16");
}

void put_plane(Put &p, const MrSeriesWrite &s, int k)
{
    p.real(DCM_SliceThickness, s.slice_thickness_mm);
    p.real(DCM_SpacingBetweenSlices, s.grid.dz);
    p.text(DCM_ImagePositionPatient, vector_text(slice_position(s.grid, k)));
    p.text(DCM_ImageOrientationPatient, orientation_text(s.grid));
    p.text(DCM_PixelSpacing, spacing_text(s.grid));
    p.real(DCM_SliceLocation, vec3_dot(slice_position(s.grid, k), s.grid.axis_z));
}

} // namespace

namespace bridge_mr
{
void put_common(Put &p, const MrSeriesWrite &s)
{
    p.text(DCM_SpecificCharacterSet, "ISO_IR 192");
    p.text(DCM_StudyDate, s.study_date);
    p.text(DCM_SeriesDate, s.study_date);
    p.text(DCM_ContentDate, s.study_date);
    p.text(DCM_AcquisitionDate, s.study_date);
    p.text(DCM_StudyTime, s.study_time);
    p.text(DCM_SeriesTime, s.study_time);
    p.text(DCM_ContentTime, s.study_time);
    p.text(DCM_AcquisitionTime, s.study_time);
    p.text(DCM_AccessionNumber, "");
    p.text(DCM_Modality, "MR");
    p.text(DCM_Manufacturer, s.manufacturer);
    p.optional(DCM_InstitutionName, s.institution);
    p.text(DCM_ReferringPhysicianName, "");
    p.optional(DCM_StudyDescription, s.study_description);
    p.optional(DCM_SeriesDescription, s.series_description);
    p.optional(DCM_ManufacturerModelName, s.model);
    p.text(DCM_PatientName, s.patient_name);
    p.text(DCM_PatientID, s.patient_id);
    p.text(DCM_PatientBirthDate, "");
    p.text(DCM_PatientSex, "O");
    p.optional(DCM_BodyPartExamined, s.body_part);
    p.optional(DCM_ProtocolName, s.protocol_name);
    p.text(DCM_PatientPosition, s.patient_position);
    p.text(DCM_StudyInstanceUID, s.study_uid);
    p.text(DCM_SeriesInstanceUID, s.series_uid);
    p.text(DCM_StudyID, s.study_id);
    p.text(DCM_SeriesNumber, std::to_string(s.series_number));
    if (!s.enhanced) p.optional(DCM_Laterality, s.laterality); /* enhanced: Frame Laterality */
    p.text(DCM_FrameOfReferenceUID, s.frame_of_reference_uid);
    p.text(DCM_PositionReferenceIndicator, "");
    p.text(DCM_DeviceSerialNumber, "000000");
    p.text(DCM_SoftwareVersions, "teno phantom");
}

void put_pixel_format(Put &p, const MrSeriesWrite &s)
{
    p.us(DCM_SamplesPerPixel, 1);
    p.text(DCM_PhotometricInterpretation, "MONOCHROME2");
    p.us(DCM_Rows, s.grid.ny);
    p.us(DCM_Columns, s.grid.nx);
    p.us(DCM_BitsAllocated, 16);
    p.us(DCM_BitsStored, s.bits_stored);
    p.us(DCM_HighBit, s.bits_stored - 1);
    p.us(DCM_PixelRepresentation, 0);
}

OFCondition save(DcmFileFormat &file, Compression compression, const std::string &path)
{
    OFCondition status = dataset_encode(*file.getDataset(), compression);
    if (status.bad()) return status;
    return file.saveFile(path.c_str(), encoded_syntax(compression), EET_ExplicitLength, EGL_recalcGL,
                         EPD_withoutPadding);
}

std::string instance_uid(const MrSeriesWrite &s, int k)
{
    char uid[UID_SIZE];
    uid_derive(uid, "%s instance %d", s.series_uid, k);
    return uid;
}
} // namespace bridge_mr

namespace
{
OFCondition write_slice(const MrSeriesWrite &s, int k, const std::string &folder)
{
    DcmFileFormat file;
    Put p{file.getDataset()};
    int instance = (s.reversed ? s.grid.nz - 1 - k : k) + 1;
    p.text(DCM_SOPClassUID, UID_MRImageStorage);
    p.text(DCM_SOPInstanceUID, instance_uid(s, k));
    put_common(p, s);
    p.text(DCM_ImageType, s.image_type);
    put_timing(p, s);
    put_plane(p, s, k);
    p.text(DCM_InstanceNumber, std::to_string(instance));
    p.text(DCM_AcquisitionNumber, "1");
    put_pixel_format(p, s);
    if (s.rescale_slope != 0) {
        p.real(DCM_RescaleIntercept, s.rescale_intercept);
        p.real(DCM_RescaleSlope, s.rescale_slope);
        p.text(DCM_RescaleType, "normalized");
    }
    size_t n = static_cast<size_t>(s.grid.nx) * static_cast<size_t>(s.grid.ny);
    if (p.status.good())
        p.status = p.item->putAndInsertUint16Array(DCM_PixelData, s.pixels + static_cast<size_t>(k) * n, n);
    char name[16];
    std::snprintf(name, sizeof name, "/IM%04d", instance);
    return p.status.good() ? save(file, s.compression, folder + name) : p.status;
}

} // namespace

extern "C" int dicom_write_mr(const MrSeriesWrite *series, const char *folder, Error *error)
{
    try {
        OFCondition status = EC_Normal;
        if (series->enhanced) {
            status = write_enhanced(*series, folder);
        } else {
            for (int k = 0; k < series->grid.nz && status.good(); k++) status = write_slice(*series, k, folder);
        }
        if (status.bad())
            return error_set(error, TENO_FAILED, "%s: the series could not be written: %s", folder, status.text());
        return TENO_OK;
    } catch (const std::exception &e) {
        return error_set(error, TENO_FAILED, "%s: the series could not be written: %s", folder, e.what());
    }
}
