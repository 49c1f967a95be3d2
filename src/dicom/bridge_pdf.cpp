/* Encapsulated PDF Storage (PS3.3 A.45.1). */
#include "dicom/bridge_dataset.h"

#include <cstring>
#include <vector>

int archive_write_pdf(const char *path, const ArchiveObject *object, const unsigned char *pdf, size_t size,
                      const char *title, Error *error)
{
    return bridge_guard(path, error, [&] {
        if (size < 5 || std::memcmp(pdf, "%PDF-", 5) != 0)
            throw BridgeFailure("the bytes to encapsulate are not a PDF");
        DcmFileFormat file;
        DcmDataset &out = *file.getDataset();
        begin_object(out, *object, UID_EncapsulatedPDFStorage, "DOC");
        put(out, DCM_ConversionType, "WSD");
        put(out, DCM_BurnedInAnnotation, "YES");
        put(out, DCM_AcquisitionDateTime, "");
        put(out, DCM_DocumentTitle, title);
        put_empty_sequence(out, DCM_ConceptNameCodeSequence);
        put(out, DCM_MIMETypeOfEncapsulatedDocument, "application/pdf");
        put(out, DCM_EncapsulatedDocumentLength, std::to_string(size));
        std::vector<unsigned char> bytes(pdf, pdf + size);
        if (size % 2) bytes.push_back(0);
        put_bytes(out, DCM_EncapsulatedDocument, EVR_OB, bytes.data(), bytes.size());
        save_object(file, path);
    });
}
