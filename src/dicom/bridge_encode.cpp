#include "dicom/bridge_encode.h"

#include <mutex>

#include "dcmtk/dcmdata/dcrleerg.h"
#include "dcmtk/dcmdata/dcrlerp.h"
#include "dcmtk/dcmjpeg/djencode.h"
#include "dcmtk/dcmjpeg/djrplol.h"
#include "dcmtk/dcmjpls/djencode.h"
#include "dcmtk/dcmjpls/djrparam.h"
#include "dcmtk/oflog/oflog.h"

namespace
{
/* DCMTK's encoders are global: one data set at a time has them registered. */
std::mutex encoders;

struct EncoderScope {
    std::lock_guard<std::mutex> lock{encoders};
    EncoderScope()
    {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        DcmRLEEncoderRegistration::registerCodecs();
        DJEncoderRegistration::registerCodecs();
        DJLSEncoderRegistration::registerCodecs();
    }
    ~EncoderScope()
    {
        DcmRLEEncoderRegistration::cleanup();
        DJEncoderRegistration::cleanup();
        DJLSEncoderRegistration::cleanup();
    }
};
} // namespace

E_TransferSyntax encoded_syntax(Compression compression)
{
    switch (compression) {
    case COMPRESS_RLE:
        return EXS_RLELossless;
    case COMPRESS_JPEG_LOSSLESS:
        return EXS_JPEGProcess14SV1;
    case COMPRESS_JPEG_LS:
        return EXS_JPEGLSLossless;
    default:
        return EXS_LittleEndianExplicit;
    }
}

OFCondition dataset_encode(DcmDataset &dataset, Compression compression)
{
    if (compression == COMPRESS_NONE) return EC_Normal;
    EncoderScope scope;
    DJ_RPLossless jpeg;
    DJLSRepresentationParameter jpeg_ls(2, OFTrue);
    DcmRLERepresentationParameter rle;
    const DcmRepresentationParameter *parameter = &rle;
    if (compression == COMPRESS_JPEG_LOSSLESS) parameter = &jpeg;
    if (compression == COMPRESS_JPEG_LS) parameter = &jpeg_ls;
    OFCondition status = dataset.chooseRepresentation(encoded_syntax(compression), parameter);
    if (status.good()) dataset.removeAllButCurrentRepresentations();
    return status;
}
