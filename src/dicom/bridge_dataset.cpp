#include "dicom/bridge_dataset.h"

#include <cmath>
#include <cstdio>

void bridge_check(const OFCondition &condition, const DcmTagKey &tag)
{
    if (condition.good()) return;
    DcmTag named(tag);
    throw BridgeFailure(std::string("cannot write ") + named.getTagName() + ": " + condition.text());
}

void put(DcmItem &item, const DcmTagKey &tag, const std::string &text)
{
    bridge_check(item.putAndInsertString(tag, text.c_str()), tag);
}

void put_bytes(DcmItem &item, const DcmTagKey &tag, DcmEVR vr, const unsigned char *bytes, size_t size)
{
    if (size > 0xFFFFFFFEu) throw BridgeFailure("object too large: " + std::to_string(size) + " bytes, limit is 4 GiB");
    DcmTag typed(tag);
    typed.setVR(DcmVR(vr));
    bridge_check(item.putAndInsertUint8Array(typed, bytes, static_cast<unsigned long>(size)), tag);
}

std::string decimal_string(double value)
{
    if (!std::isfinite(value)) throw BridgeFailure("a number to be written is not finite");
    char text[40];
    for (int digits = 15; digits > 0; digits--) {
        snprintf(text, sizeof text, "%.*g", digits, value == 0 ? 0.0 : value);
        if (std::string(text).size() <= 16) break;
    }
    return text;
}

std::string decimal_strings(std::initializer_list<double> values)
{
    std::string all;
    for (double value : values) all += (all.empty() ? "" : "\\") + decimal_string(value);
    return all;
}

DcmItem &add_item(DcmItem &item, const DcmTagKey &sequence)
{
    DcmItem *added = nullptr;
    bridge_check(item.findOrCreateSequenceItem(sequence, added, -2 /* append */), sequence);
    return *added;
}

void put_empty_sequence(DcmItem &item, const DcmTagKey &sequence)
{
    bridge_check(item.insertEmptyElement(sequence), sequence);
}

DcmItem &add_code(DcmItem &item, const DcmTagKey &sequence, const ArchiveCode &code)
{
    DcmItem &added = add_item(item, sequence);
    put(added, DCM_CodeValue, code.value);
    put(added, DCM_CodingSchemeDesignator, code.scheme);
    put(added, DCM_CodeMeaning, code.meaning);
    return added;
}

void put_sop_reference(DcmItem &item, const std::string &sop_class, const std::string &sop_instance)
{
    put(item, DCM_ReferencedSOPClassUID, sop_class);
    put(item, DCM_ReferencedSOPInstanceUID, sop_instance);
}

void put_coding_scheme(DcmItem &out)
{
    DcmItem &scheme = add_item(out, DCM_CodingSchemeIdentificationSequence);
    put(scheme, DCM_CodingSchemeDesignator, "99TENO");
    put(scheme, DCM_CodingSchemeName, "Teno tendon measurements, docs/archive.md");
    put(scheme, DCM_CodingSchemeResponsibleOrganization, "Teno");
}

ArchiveCode side_code(Side side)
{
    return side == SIDE_LEFT ? ArchiveCode{"7771000", "SCT", "Left"} : ArchiveCode{"24028007", "SCT", "Right"};
}

/* Patient, clinical trial, study and patient study modules (PS3.3 C.7.1, C.7.2). */
static const DcmTagKey copied_tags[] = {
    DCM_SpecificCharacterSet,
    DCM_TimezoneOffsetFromUTC,
    DCM_PatientName,
    DCM_PatientID,
    DCM_IssuerOfPatientID,
    DCM_IssuerOfPatientIDQualifiersSequence,
    DCM_TypeOfPatientID,
    DCM_PatientBirthDate,
    DCM_PatientBirthTime,
    DCM_PatientSex,
    DCM_OtherPatientNames,
    DCM_OtherPatientIDsSequence,
    DCM_EthnicGroup,
    DCM_PatientComments,
    DCM_PatientSpeciesDescription,
    DCM_PatientSpeciesCodeSequence,
    DCM_PatientBreedDescription,
    DCM_PatientBreedCodeSequence,
    DCM_BreedRegistrationSequence,
    DCM_ResponsiblePerson,
    DCM_ResponsibleOrganization,
    DCM_PatientIdentityRemoved,
    DCM_DeidentificationMethod,
    DCM_DeidentificationMethodCodeSequence,
    DCM_ClinicalTrialSponsorName,
    DCM_ClinicalTrialProtocolID,
    DCM_ClinicalTrialProtocolName,
    DCM_ClinicalTrialSiteID,
    DCM_ClinicalTrialSiteName,
    DCM_ClinicalTrialSubjectID,
    DCM_ClinicalTrialSubjectReadingID,
    DCM_ClinicalTrialTimePointID,
    DCM_ClinicalTrialTimePointDescription,
    DCM_StudyInstanceUID,
    DCM_StudyDate,
    DCM_StudyTime,
    DCM_ReferringPhysicianName,
    DCM_StudyID,
    DCM_AccessionNumber,
    DCM_IssuerOfAccessionNumberSequence,
    DCM_StudyDescription,
    DCM_PhysiciansOfRecord,
    DCM_NameOfPhysiciansReadingStudy,
    DCM_ProcedureCodeSequence,
    DCM_ReferencedStudySequence,
    DCM_PatientAge,
    DCM_PatientSize,
    DCM_PatientWeight,
    DCM_AdmissionID,
};

/* Attributes that have to be there, though they may be empty (type 2). */
static const DcmTagKey needed_tags[] = {DCM_PatientName,    DCM_PatientID, DCM_PatientBirthDate,       DCM_PatientSex,
                                        DCM_StudyDate,      DCM_StudyTime, DCM_ReferringPhysicianName, DCM_StudyID,
                                        DCM_AccessionNumber};

static void copy_patient_and_study(DcmItem &out, DcmItem &source)
{
    for (const DcmTagKey &tag : copied_tags)
        if (source.tagExists(tag)) bridge_check(source.findAndInsertCopyOfElement(tag, &out), tag);
    for (const DcmTagKey &tag : needed_tags)
        if (!out.tagExists(tag)) bridge_check(out.insertEmptyElement(tag), tag);
}

/* First of the tags that has a value; a fixed date where the study tells none, because the attribute must not be empty.
 */
static std::string first_value(DcmItem &source, std::initializer_list<DcmTagKey> tags, const char *otherwise)
{
    OFString value;
    for (const DcmTagKey &tag : tags)
        if (source.findAndGetOFString(tag, value).good() && !value.empty()) return value.c_str();
    return otherwise;
}

void begin_object(DcmItem &out, const ArchiveObject &object, const char *sop_class, const char *modality)
{
    DcmFileFormat source_file;
    OFCondition read = source_file.loadFileUntilTag(object.source_path, EXS_Unknown, EGL_noChange, DCM_MaxReadLength,
                                                    ERM_fileOnly, DCM_PixelData);
    if (read.bad())
        throw BridgeFailure(std::string("cannot read the study's image ") + object.source_path + ": " + read.text());
    DcmItem &source = *source_file.getDataset();
    copy_patient_and_study(out, source);

    put(out, DCM_SOPClassUID, sop_class);
    put(out, DCM_SOPInstanceUID, object.sop_instance_uid);
    put(out, DCM_InstanceNumber, "1");
    put(out, DCM_ContentDate, first_value(source, {DCM_StudyDate, DCM_SeriesDate, DCM_AcquisitionDate}, "19000101"));
    put(out, DCM_ContentTime, first_value(source, {DCM_StudyTime, DCM_SeriesTime, DCM_AcquisitionTime}, "000000"));

    put(out, DCM_Modality, modality);
    put(out, DCM_SeriesInstanceUID, object.series_uid);
    put(out, DCM_SeriesNumber, std::to_string(object.series_number));
    put(out, DCM_SeriesDescription, object.series_description);

    put(out, DCM_Manufacturer, "Teno");
    put(out, DCM_ManufacturerModelName, "teno");
    put(out, DCM_DeviceSerialNumber, TENO_VERSION);
    put(out, DCM_SoftwareVersions, TENO_VERSION);
}

void save_object(DcmFileFormat &file, const std::string &path, Compression compression)
{
    OFCondition encoded = dataset_encode(*file.getDataset(), compression);
    if (encoded.bad()) throw BridgeFailure(std::string("cannot compress the pixels: ") + encoded.text());
    OFCondition saved =
        file.saveFile(path.c_str(), encoded_syntax(compression), EET_ExplicitLength, EGL_recalcGL, EPD_withoutPadding);
    if (saved.bad()) throw BridgeFailure(std::string("cannot save: ") + saved.text());
}
