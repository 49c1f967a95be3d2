/* The verbs that our DICOM objects are written with. Private to the bridge; everything here throws BridgeFailure, and
 * bridge_guard turns that into an Error. Objects are built attribute by attribute instead of through DCMTK's document
 * classes: those stamp UIDs and dates of their own, and DcmSegmentation packs bits wrongly. */
#ifndef TENO_BRIDGE_DATASET_H
#define TENO_BRIDGE_DATASET_H

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

#include <stdexcept>
#include <string>

#include "dicom/bridge_encode.h"
#include "teno/archive.h"

struct BridgeFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* Throws with the attribute's name when a DCMTK call did not succeed. */
void bridge_check(const OFCondition &condition, const DcmTagKey &tag);

/* Sets an attribute from text, whatever its VR; numbers are parsed. */
void put(DcmItem &item, const DcmTagKey &tag, const std::string &text);
void put_bytes(DcmItem &item, const DcmTagKey &tag, DcmEVR vr, const unsigned char *bytes, size_t size);
/* Decimal string of at most 16 characters, as precise as that allows (PS3.5 section 6.2). */
std::string decimal_string(double value);
/* Several decimal strings, joined by backslashes. */
std::string decimal_strings(std::initializer_list<double> values);
/* Appends an item to a sequence, which is made when it is not there. */
DcmItem &add_item(DcmItem &item, const DcmTagKey &sequence);
void put_empty_sequence(DcmItem &item, const DcmTagKey &sequence);
DcmItem &add_code(DcmItem &item, const DcmTagKey &sequence, const ArchiveCode &code);
void put_sop_reference(DcmItem &item, const std::string &sop_class, const std::string &sop_instance);

/* Says where the codes of our scheme 99TENO are explained. */
void put_coding_scheme(DcmItem &out);

/* Code of a side, for modifiers and SR content (CID 244). Not for SIDE_UNKNOWN. */
ArchiveCode side_code(Side side);

/* Starts an object: patient, study and character set as in the source image; series, equipment, SOP common and content
 * date, which is the study's, because the same input must give the same bytes. */
void begin_object(DcmItem &out, const ArchiveObject &object, const char *sop_class, const char *modality);
/* Explicit VR little endian, to `path`; pixels compressed where asked for. */
void save_object(DcmFileFormat &file, const std::string &path, Compression compression = COMPRESS_NONE);

/* Runs `body` and stops every exception there: no C++ leaves the bridge. */
template <typename Body> int bridge_guard(const char *path, Error *error, Body body)
{
    try {
        body();
        return TENO_OK;
    } catch (const std::exception &failure) {
        return error_set(error, TENO_FAILED, "%s: %s", path, failure.what());
    } catch (...) {
        return error_set(error, TENO_FAILED, "%s: unknown failure in the DICOM library", path);
    }
}

#endif
