// The images that a DICOMDIR lists (PS3.3 F.3.2.2).
#include <cstdlib>
#include <cstring>

#include "dicom/bridge_tags.h"

#include "dcmtk/dcmdata/dcistrmb.h"

#include "teno/dicom.h"
#include "teno/memory.h"

// File ID components with slashes between; "" for a record without a file, or one that points out of the disc.
static void file_id_read(char *out, size_t size, DcmItem *record)
{
    Tags(record).text(out, size, DCM_ReferencedFileID);
    if (strchr(out, '/') || strstr(out, "..")) out[0] = '\0';
    for (char *c = out; *c; c++)
        if (*c == '\\') *c = '/';
}

extern "C" int dicom_directory_parse(char ***file_ids, int *n, const unsigned char *bytes, size_t size, Error *error)
try {
    DcmDataset dataset;
    DcmInputBufferStream stream;
    DcmElement *element = nullptr;
    *file_ids = nullptr;
    *n = 0;
    stream.setBuffer(bytes, static_cast<offile_off_t>(size));
    stream.setEos();
    dataset.transferInit();
    const OFCondition condition = dataset.read(stream, EXS_LittleEndianExplicit);
    dataset.transferEnd();
    if (condition.bad() || dataset.findAndGetElement(DCM_DirectoryRecordSequence, element).bad() ||
        element->ident() != EVR_SQ)
        return error_set(error, TENO_FAILED, "the directory records cannot be read");
    DcmSequenceOfItems *records = OFstatic_cast(DcmSequenceOfItems *, element);
    *file_ids = static_cast<char **>(array_alloc(records->card(), sizeof **file_ids, error));
    if (!*file_ids) return TENO_FAILED;
    for (unsigned long i = 0; i < records->card(); i++) {
        char id[256];
        file_id_read(id, sizeof id, records->getItem(i));
        if (!id[0]) continue;
        (*file_ids)[*n] = string_copy(id, error);
        if (!(*file_ids)[*n]) return TENO_FAILED;
        (*n)++;
    }
    return TENO_OK;
} catch (...) {
    return error_set(error, TENO_FAILED, "DCMTK fails on the directory");
}
