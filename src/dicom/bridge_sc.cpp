/* Multi-frame True Color Secondary Capture (PS3.3 A.8.5): pictures for archives that show nothing else. JPEG lossless
 * by first-order prediction is what every viewer reads, and a third of the plain size; RLE saves next to nothing on a
 * grey picture, JPEG-LS half of that again but is not read everywhere. */
#include "dicom/bridge_dataset.h"

#include <vector>

static void put_pages(DcmItem &out, int n_frames)
{
    std::vector<Uint16> pages((size_t)n_frames);
    for (int i = 0; i < n_frames; i++) pages[(size_t)i] = (Uint16)(i + 1);
    put(out, DCM_NumberOfFrames, std::to_string(n_frames));
    bridge_check(out.putAndInsertTagKey(DCM_FrameIncrementPointer, DCM_PageNumberVector), DCM_FrameIncrementPointer);
    std::string numbers;
    for (int i = 0; i < n_frames; i++) numbers += (i ? "\\" : "") + std::to_string(i + 1);
    put(out, DCM_PageNumberVector, numbers);
}

int archive_write_sc(const char *path, const ArchiveObject *object, const unsigned char *rgb, int width, int height,
                     int n_frames, Error *error)
{
    return bridge_guard(path, error, [&] {
        if (width < 1 || height < 1 || n_frames < 1 || width > 65535 || height > 65535)
            throw BridgeFailure("a secondary capture needs frames of 1 to 65535 pixels a side");
        DcmFileFormat file;
        DcmDataset &out = *file.getDataset();
        begin_object(out, *object, UID_MultiframeTrueColorSecondaryCaptureImageStorage, "OT");
        put(out, DCM_ConversionType, "WSD");
        put(out, DCM_ImageType, "DERIVED\\SECONDARY");
        /* The only one of our objects whose series has it: the others say the side in their own codes. */
        put(out, DCM_Laterality, object->side == SIDE_UNKNOWN ? "" : object->side == SIDE_LEFT ? "L" : "R");
        put(out, DCM_PatientOrientation, "");
        put(out, DCM_BurnedInAnnotation, "NO");
        put(out, DCM_SamplesPerPixel, "3");
        put(out, DCM_PhotometricInterpretation, "RGB");
        put(out, DCM_PlanarConfiguration, "0");
        put(out, DCM_Rows, std::to_string(height));
        put(out, DCM_Columns, std::to_string(width));
        put(out, DCM_BitsAllocated, "8");
        put(out, DCM_BitsStored, "8");
        put(out, DCM_HighBit, "7");
        put(out, DCM_PixelRepresentation, "0");
        put(out, DCM_LossyImageCompression, "00");
        put_pages(out, n_frames);
        size_t size = (size_t)width * (size_t)height * 3 * (size_t)n_frames;
        std::vector<unsigned char> pixels(rgb, rgb + size);
        if (size % 2) pixels.push_back(0);
        /* Not put_bytes: the encoder takes pixel data only as what the dictionary says they are. */
        bridge_check(out.putAndInsertUint8Array(DCM_PixelData, pixels.data(), (unsigned long)pixels.size()),
                     DCM_PixelData);
        save_object(file, path, COMPRESS_JPEG_LOSSLESS);
    });
}
