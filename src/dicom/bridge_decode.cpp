// Decoding of RLE, JPEG and JPEG-LS frames by DCMTK.
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom.h"

extern "C" int dicom_decode_frame(void *, size_t, const unsigned char *, size_t, const DicomPixels *, int, unsigned,
                                  Error *error)
{
    return error_set(error, TENO_FAILED, "not decoded yet");
}
