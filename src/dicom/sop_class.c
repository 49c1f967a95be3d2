/* DICOM objects by SOP class (PS3.4 B.5): MR images pass, the usual companions are named when left aside. */
#include "dicom/sop_class.h"

#include <string.h>

static const struct {
    const char *uid, *name;
    bool measurable;
} classes[] = {
    {"1.2.840.10008.5.1.4.1.1.4", "MR image", true},
    {"1.2.840.10008.5.1.4.1.1.4.1", "Enhanced MR image", true},
    {"1.2.840.10008.5.1.4.1.1.4.4", "legacy converted Enhanced MR image", true},
    {"1.2.840.10008.5.1.4.1.1.4.2", "MR spectroscopy", false},
    {"1.2.840.10008.5.1.4.1.1.4.3", "Enhanced MR colour image", false},
    {"1.2.840.10008.5.1.4.1.1.7", "secondary capture", false},
    {"1.2.840.10008.5.1.4.1.1.7.1", "secondary capture", false},
    {"1.2.840.10008.5.1.4.1.1.7.2", "secondary capture", false},
    {"1.2.840.10008.5.1.4.1.1.7.3", "secondary capture", false},
    {"1.2.840.10008.5.1.4.1.1.7.4", "secondary capture", false},
    {"1.2.840.10008.5.1.4.1.1.2", "CT image", false},
    {"1.2.840.10008.5.1.4.1.1.2.1", "Enhanced CT image", false},
    {"1.2.840.10008.5.1.4.1.1.1", "radiograph", false},
    {"1.2.840.10008.5.1.4.1.1.1.1", "radiograph", false},
    {"1.2.840.10008.5.1.4.1.1.6.1", "ultrasound image", false},
    {"1.2.840.10008.5.1.4.1.1.3.1", "ultrasound image", false},
    {"1.2.840.10008.5.1.4.1.1.20", "nuclear medicine image", false},
    {"1.2.840.10008.5.1.4.1.1.128", "PET image", false},
    {"1.2.840.10008.5.1.4.1.1.66", "raw data", false},
    {"1.2.840.10008.5.1.4.1.1.66.4", "segmentation", false},
    {"1.2.840.10008.5.1.4.1.1.30", "parametric map", false},
    {"1.2.840.10008.5.1.4.1.1.11.1", "presentation state", false},
    {"1.2.840.10008.5.1.4.1.1.88.11", "structured report", false},
    {"1.2.840.10008.5.1.4.1.1.88.22", "structured report", false},
    {"1.2.840.10008.5.1.4.1.1.88.33", "structured report", false},
    {"1.2.840.10008.5.1.4.1.1.88.34", "structured report", false},
    {"1.2.840.10008.5.1.4.1.1.88.59", "key object selection", false},
    {"1.2.840.10008.5.1.4.1.1.104.1", "encapsulated PDF", false},
    {"1.2.840.10008.1.3.10", "DICOMDIR", false},
    {"1.3.12.2.1107.5.9.1", "Siemens private object", false},
};

int sop_class_check(const DicomFile *file, Error *error)
{
    if (!file->sop_class_uid[0])
        return error_set(error, TENO_NO_DICOM, "%s: not a DICOM file (no SOP class)", file->path);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strcmp(classes[i].uid, file->sop_class_uid) != 0) continue;
        if (classes[i].measurable) return TENO_OK;
        return error_set(error, TENO_NO_DICOM, "%s: %s, not an MR image", file->path, classes[i].name);
    }
    return error_set(error, TENO_NO_DICOM, "%s: object of SOP class %s, not an MR image", file->path,
                     file->sop_class_uid);
}
