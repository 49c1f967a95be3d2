// Decoding of RLE, JPEG and JPEG-LS frames by DCMTK. The codec gets a data set made here of checked values, with the
// one frame in it: nothing else of the file reaches it.
#include <cstring>
#include <memory>
#include <new>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom.h"

// The data set takes over the pixel data, the pixel data the sequence, the sequence its items.
static OFCondition dataset_make(DcmDataset *dataset, DcmPixelData **pixel_data, const unsigned char *stream,
                                size_t size, const DicomPixels *pixels)
{
    dataset->putAndInsertUint16(DCM_SamplesPerPixel, 1);
    dataset->putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME2");
    dataset->putAndInsertString(DCM_NumberOfFrames, "1");
    dataset->putAndInsertUint16(DCM_Rows, static_cast<Uint16>(pixels->rows));
    dataset->putAndInsertUint16(DCM_Columns, static_cast<Uint16>(pixels->columns));
    dataset->putAndInsertUint16(DCM_BitsAllocated, static_cast<Uint16>(pixels->bits_allocated));
    dataset->putAndInsertUint16(DCM_BitsStored, static_cast<Uint16>(pixels->bits_stored));
    dataset->putAndInsertUint16(DCM_HighBit, static_cast<Uint16>(pixels->high_bit));
    dataset->putAndInsertUint16(DCM_PixelRepresentation, pixels->is_signed ? 1 : 0);
    auto sequence = std::make_unique<DcmPixelSequence>(DCM_PixelSequenceTag);
    auto item = std::make_unique<DcmPixelItem>(DCM_PixelItemTag);
    OFCondition condition = item->putUint8Array(stream, static_cast<unsigned long>(size));
    if (condition.bad()) return condition;
    sequence->insert(new DcmPixelItem(DCM_PixelItemTag)); // empty offset table
    sequence->insert(item.release());
    auto data = std::make_unique<DcmPixelData>(DCM_PixelData);
    const DcmXfer syntax(pixels->syntax->uid);
    data->putOriginalRepresentation(syntax.getXfer(), nullptr, sequence.release());
    *pixel_data = data.get();
    return dataset->insert(data.release(), OFTrue);
}

extern "C" int dicom_decode_frame(void *out, size_t out_size, const unsigned char *stream, size_t size,
                                  const DicomPixels *pixels, Error *error)
try {
    DcmDataset dataset;
    DcmPixelData *pixel_data = nullptr;
    Uint32 fragment = 0;
    OFString colour_model;
    OFCondition condition = dataset_make(&dataset, &pixel_data, stream, size, pixels);
    if (condition.good()) {
        // DCMTK wants room for an even number of bytes.
        auto decoded = std::make_unique<unsigned char[]>(out_size + 1);
        condition = pixel_data->getUncompressedFrame(&dataset, 0, fragment, decoded.get(),
                                                     static_cast<Uint32>(out_size + (out_size & 1)), colour_model);
        if (condition.good()) memcpy(out, decoded.get(), out_size);
    }
    if (condition.good()) return TENO_OK;
    return error_set(error, TENO_FAILED, "the %s code stream cannot be decoded: %s", pixels->syntax->name,
                     condition.text());
} catch (const std::bad_alloc &) {
    return error_set(error, TENO_FAILED, "not enough memory to decode %s", pixels->syntax->name);
} catch (...) {
    return error_set(error, TENO_FAILED, "DCMTK fails on the %s code stream", pixels->syntax->name);
}
