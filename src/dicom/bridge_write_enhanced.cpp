/*
 * Enhanced MR (PS3.3 A.36.2): a series in one object, what all frames share in the shared functional groups, what
 * differs in the per-frame ones. An original image must carry every attribute of its pulse sequence; what a plain spin
 * echo does not have is said to be absent by the table below.
 */
#include "dicom/bridge_mr.h"

#include "teno/uid.h"

namespace bridge_mr
{
namespace
{
/* Attributes of a plain spin echo. Group: 0/0 the image itself, else the functional group's sequence. */
struct Fixed {
    DcmTagKey group, tag;
    const char *value;
};

const DcmTagKey image_level(0, 0);

const Fixed fixed[] = {
    {image_level, DCM_ResonantNucleus, "1H"},
    {image_level, DCM_KSpaceFiltering, "NONE"},
    {image_level, DCM_ApplicableSafetyStandardAgency, "IEC"},
    {image_level, DCM_PixelPresentation, "MONOCHROME"},
    {image_level, DCM_VolumetricProperties, "VOLUME"},
    {image_level, DCM_VolumeBasedCalculationTechnique, "NONE"},
    {image_level, DCM_BurnedInAnnotation, "NO"},
    {image_level, DCM_LossyImageCompression, "00"},
    {image_level, DCM_PresentationLUTShape, "IDENTITY"},
    {image_level, DCM_MultipleSpinEcho, "NO"},
    {image_level, DCM_MultiPlanarExcitation, "NO"},
    {image_level, DCM_PhaseContrast, "NO"},
    {image_level, DCM_TimeOfFlightContrast, "NO"},
    {image_level, DCM_SteadyStatePulseSequence, "NONE"},
    {image_level, DCM_EchoPlanarPulseSequence, "NO"},
    {image_level, DCM_SaturationRecovery, "NO"},
    {image_level, DCM_OversamplingPhase, "NONE"},
    {image_level, DCM_GeometryOfKSpaceTraversal, "RECTILINEAR"},
    {image_level, DCM_SegmentedKSpaceTraversal, "SINGLE"},
    {image_level, DCM_RectilinearPhaseEncodeReordering, "LINEAR"},
    {image_level, DCM_ComplexImageComponent, "MAGNITUDE"},
    {image_level, DCM_AcquisitionContrast, "UNKNOWN"},
    {image_level, DCM_ContentQualification, "RESEARCH"},
    {DCM_MRImageFrameTypeSequence, DCM_FrameType, "ORIGINAL\\PRIMARY\\M\\NONE"},
    {DCM_MRImageFrameTypeSequence, DCM_PixelPresentation, "MONOCHROME"},
    {DCM_MRImageFrameTypeSequence, DCM_VolumetricProperties, "VOLUME"},
    {DCM_MRImageFrameTypeSequence, DCM_VolumeBasedCalculationTechnique, "NONE"},
    {DCM_MRImageFrameTypeSequence, DCM_ComplexImageComponent, "MAGNITUDE"},
    {DCM_MRImageFrameTypeSequence, DCM_AcquisitionContrast, "UNKNOWN"},
    {DCM_MRModifierSequence, DCM_FlowCompensation, "NONE"},
    {DCM_MRModifierSequence, DCM_Spoiling, "NONE"},
    {DCM_MRModifierSequence, DCM_T2Preparation, "NO"},
    {DCM_MRModifierSequence, DCM_SpectrallySelectedExcitation, "NONE"},
    {DCM_MRModifierSequence, DCM_SpatialPresaturation, "NONE"},
    {DCM_MRModifierSequence, DCM_PartialFourier, "NO"},
    {DCM_MRModifierSequence, DCM_ParallelAcquisition, "NO"},
    {DCM_MRImagingModifierSequence, DCM_MagnetizationTransfer, "NONE"},
    {DCM_MRImagingModifierSequence, DCM_BloodSignalNulling, "NO"},
    {DCM_MRImagingModifierSequence, DCM_Tagging, "NONE"},
    {DCM_MRReceiveCoilSequence, DCM_ReceiveCoilName, "Foot_Ankle_16"},
    {DCM_MRReceiveCoilSequence, DCM_ReceiveCoilManufacturerName, ""},
    {DCM_MRReceiveCoilSequence, DCM_ReceiveCoilType, "EXTREMITY"},
    {DCM_MRReceiveCoilSequence, DCM_QuadratureReceiveCoil, "NO"},
    {DCM_MRTransmitCoilSequence, DCM_TransmitCoilName, "BODY"},
    {DCM_MRTransmitCoilSequence, DCM_TransmitCoilManufacturerName, ""},
    {DCM_MRTransmitCoilSequence, DCM_TransmitCoilType, "BODY"},
};

/* One item of a one-item sequence, created as needed. */
DcmItem *group(DcmItem *parent, const DcmTagKey &tag)
{
    DcmItem *item = nullptr;
    return parent->findOrCreateSequenceItem(tag, item, 0).good() ? item : nullptr;
}

void put_code(DcmItem *parent, const DcmTagKey &tag, const char *value, const char *scheme, const char *meaning,
              Put &owner)
{
    DcmItem *item = group(parent, tag);
    if (!item) {
        owner.status = EC_MemoryExhausted;
        return;
    }
    Put p{item};
    p.text(DCM_CodeValue, value);
    p.text(DCM_CodingSchemeDesignator, scheme);
    p.text(DCM_CodeMeaning, meaning);
    if (p.status.bad()) owner.status = p.status;
}

/* Shared functional groups (PS3.3 C.7.6.16 and C.8.13.5): what all frames have in common. */
OFCondition put_shared(DcmItem *shared, const MrSeriesWrite &s)
{
    Put measures{group(shared, DCM_PixelMeasuresSequence)};
    measures.text(DCM_PixelSpacing, spacing_text(s.grid));
    measures.real(DCM_SliceThickness, s.slice_thickness_mm);
    measures.real(DCM_SpacingBetweenSlices, s.grid.dz);
    Put orientation{group(shared, DCM_PlaneOrientationSequence)};
    orientation.text(DCM_ImageOrientationPatient, orientation_text(s.grid));
    Put timing{group(shared, DCM_MRTimingAndRelatedParametersSequence)};
    timing.real(DCM_RepetitionTime, s.tr_ms);
    timing.real(DCM_FlipAngle, s.flip_deg);
    timing.text(DCM_EchoTrainLength, std::to_string(s.echo_train_length));
    timing.us(DCM_RFEchoTrainLength, s.echo_train_length);
    timing.us(DCM_GradientEchoTrainLength, 0);
    Put echo{group(shared, DCM_MREchoSequence)};
    echo.fd(DCM_EffectiveEchoTime, s.te_ms);
    Put fov{group(shared, DCM_MRFOVGeometrySequence)};
    fov.text(DCM_InPlanePhaseEncodingDirection, "COLUMN");
    fov.us(DCM_MRAcquisitionFrequencyEncodingSteps, s.grid.nx);
    fov.us(DCM_MRAcquisitionPhaseEncodingStepsInPlane, s.grid.ny);
    if (s.three_d) fov.us(DCM_MRAcquisitionPhaseEncodingStepsOutOfPlane, s.grid.nz);
    fov.real(DCM_PercentSampling, 100);
    fov.real(DCM_PercentPhaseFieldOfView, 100);
    Put averages{group(shared, DCM_MRAveragesSequence)};
    averages.real(DCM_NumberOfAverages, 1);
    Put imaging{group(shared, DCM_MRImagingModifierSequence)};
    imaging.fd(DCM_TransmitterFrequency, 42.577 * s.field_t);
    imaging.fd(DCM_PixelBandwidth, 200);
    Put rate{group(timing.item, DCM_SpecificAbsorptionRateSequence)},
        mode{group(timing.item, DCM_OperatingModeSequence)};
    rate.text(DCM_SpecificAbsorptionRateDefinition, "IEC_WHOLE_BODY");
    rate.fd(DCM_SpecificAbsorptionRateValue, 0.1);
    mode.text(DCM_OperatingModeType, "STATIC FIELD");
    mode.text(DCM_OperatingMode, "IEC_NORMAL");
    Put modifier{group(shared, DCM_MRModifierSequence)};
    modifier.text(DCM_InversionRecovery, s.ti_ms > 0 ? "YES" : "NO");
    if (s.ti_ms > 0) modifier.fd(DCM_InversionTimes, s.ti_ms);
    Put anatomy{group(shared, DCM_FrameAnatomySequence)};
    anatomy.text(DCM_FrameLaterality, s.laterality && *s.laterality ? s.laterality : "U");
    put_code(anatomy.item, DCM_AnatomicRegionSequence, "70258002", "SCT", "Ankle joint", anatomy);
    Put transform{group(shared, DCM_PixelValueTransformationSequence)};
    transform.real(DCM_RescaleIntercept, s.rescale_intercept);
    transform.real(DCM_RescaleSlope, s.rescale_slope != 0 ? s.rescale_slope : 1);
    transform.text(DCM_RescaleType, "US");
    for (const Put *p : {&measures, &orientation, &timing, &echo, &fov, &averages, &imaging, &rate, &mode, &modifier,
                         &anatomy, &transform})
        if (p->status.bad()) return p->status;
    return EC_Normal;
}

OFCondition put_fixed(DcmItem *dataset, DcmItem *shared)
{
    for (const Fixed &f : fixed) {
        Put p{f.group == image_level ? dataset : group(shared, f.group)};
        if (!p.item) return EC_MemoryExhausted;
        p.text(f.tag, f.value);
        if (p.status.bad()) return p.status;
    }
    return EC_Normal;
}

/* One dimension: the position in the stack (PS3.3 C.7.6.17). */
OFCondition put_dimensions(DcmItem *dataset, const MrSeriesWrite &s)
{
    char uid[UID_SIZE];
    uid_derive(uid, "%s dimensions", s.series_uid);
    Put organization{group(dataset, DCM_DimensionOrganizationSequence)},
        index{group(dataset, DCM_DimensionIndexSequence)};
    organization.text(DCM_DimensionOrganizationUID, uid);
    index.text(DCM_DimensionOrganizationUID, uid);
    if (index.status.good())
        index.status = index.item->putAndInsertTagKey(DCM_DimensionIndexPointer, DCM_InStackPositionNumber);
    if (index.status.good())
        index.status = index.item->putAndInsertTagKey(DCM_FunctionalGroupPointer, DCM_FrameContentSequence);
    if (organization.status.good()) organization.status = dataset->insertEmptyElement(DCM_AcquisitionContextSequence);
    return organization.status.bad() ? organization.status : index.status;
}

OFCondition put_frame(DcmItem *dataset, const MrSeriesWrite &s, int k)
{
    DcmItem *frame = nullptr;
    OFCondition status = dataset->findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, -2);
    if (status.bad()) return status;
    Put content{group(frame, DCM_FrameContentSequence)}, position{group(frame, DCM_PlanePositionSequence)};
    std::string when = std::string(s.study_date) + s.study_time;
    content.text(DCM_FrameReferenceDateTime, when);
    content.text(DCM_FrameAcquisitionDateTime, when);
    content.fd(DCM_FrameAcquisitionDuration, 180000);
    content.text(DCM_StackID, "1");
    content.ul(DCM_InStackPositionNumber, static_cast<unsigned>(k + 1));
    content.ul(DCM_DimensionIndexValues, static_cast<unsigned>(k + 1));
    position.text(DCM_ImagePositionPatient, vector_text(slice_position(s.grid, k)));
    return content.status.bad() ? content.status : position.status;
}

} // namespace

OFCondition write_enhanced(const MrSeriesWrite &s, const std::string &folder)
{
    DcmFileFormat file;
    Put p{file.getDataset()};
    p.text(DCM_SOPClassUID, UID_EnhancedMRImageStorage);
    p.text(DCM_SOPInstanceUID, instance_uid(s, 0));
    put_common(p, s);
    p.text(DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NONE");
    p.text(DCM_InstanceNumber, "1");
    p.text(DCM_AcquisitionDateTime, std::string(s.study_date) + s.study_time);
    p.real(DCM_MagneticFieldStrength, s.field_t);
    p.text(DCM_MRAcquisitionType, s.three_d ? "3D" : "2D");
    p.text(DCM_PulseSequenceName, s.protocol_name);
    p.text(DCM_EchoPulseSequence,
           s.ti_ms > 0 || std::string(s.scanning_sequence).find("GR") == std::string::npos ? "SPIN" : "GRADIENT");
    p.text(DCM_SpectrallySelectedSuppression,
           std::string(s.scan_options).find("FS") != std::string::npos ? "FAT" : "NONE");
    p.text(DCM_NumberOfFrames, std::to_string(s.grid.nz));
    put_pixel_format(p, s);
    p.fd(DCM_AcquisitionDuration, 180);
    p.us(DCM_NumberOfKSpaceTrajectories, 1);
    if (s.three_d) p.text(DCM_CoverageOfKSpace, "FULL");
    DcmItem *shared = group(p.item, DCM_SharedFunctionalGroupsSequence);
    if (p.status.good()) p.status = shared ? put_shared(shared, s) : EC_MemoryExhausted;
    if (p.status.good()) p.status = put_fixed(p.item, shared);
    if (p.status.good()) p.status = put_dimensions(p.item, s);
    for (int k = 0; k < s.grid.nz && p.status.good(); k++) p.status = put_frame(p.item, s, k);
    if (p.status.good()) p.status = p.item->putAndInsertUint16Array(DCM_PixelData, s.pixels, grid_count(&s.grid));
    return p.status.good() ? save(file, s.compression, folder + "/IM0001") : p.status;
}
} // namespace bridge_mr
