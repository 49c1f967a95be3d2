/* The transfer syntaxes that Teno reads. A new one that an existing decoder understands is a new row. */
#include <string.h>

#include "teno/dicom.h"

const TransferSyntax transfer_syntax_table[] = {
    /* uid, name, explicit VR, big endian, deflated, codec, lossy */
    {"1.2.840.10008.1.2", "implicit VR little endian", false, false, false, DICOM_NATIVE, false},
    {"1.2.840.10008.1.2.1", "explicit VR little endian", true, false, false, DICOM_NATIVE, false},
    {"1.2.840.10008.1.2.1.99", "deflated explicit VR little endian", true, false, true, DICOM_NATIVE, false},
    {"1.2.840.10008.1.2.2", "explicit VR big endian", true, true, false, DICOM_NATIVE, false},
    {"1.2.840.10008.1.2.5", "RLE", true, false, false, DICOM_RLE, false},
    {"1.2.840.10008.1.2.4.50", "JPEG baseline", true, false, false, DICOM_JPEG, true},
    {"1.2.840.10008.1.2.4.51", "JPEG extended", true, false, false, DICOM_JPEG, true},
    {"1.2.840.10008.1.2.4.57", "JPEG lossless", true, false, false, DICOM_JPEG, false},
    {"1.2.840.10008.1.2.4.70", "JPEG lossless, first-order prediction", true, false, false, DICOM_JPEG, false},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", true, false, false, DICOM_JPEG_LS, false},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", true, false, false, DICOM_JPEG_LS, true},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", true, false, false, DICOM_JPEG2000, false},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000", true, false, false, DICOM_JPEG2000, true},
    {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 lossless", true, false, false, DICOM_JPEG2000, false},
    {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 lossless RPCL", true, false, false, DICOM_JPEG2000, false},
    {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", true, false, false, DICOM_JPEG2000, true},
};
const int transfer_syntax_count = (int)(sizeof transfer_syntax_table / sizeof transfer_syntax_table[0]);

const TransferSyntax *transfer_syntax_find(const char *uid)
{
    for (int i = 0; i < transfer_syntax_count; i++)
        if (strcmp(transfer_syntax_table[i].uid, uid) == 0) return &transfer_syntax_table[i];
    return NULL;
}
