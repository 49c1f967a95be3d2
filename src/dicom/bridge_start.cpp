// Start and stop of DCMTK: dictionary, codecs, log.
#include <mutex>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcdict.h"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"
#include "dcmtk/oflog/oflog.h"

#include "teno/dicom.h"

extern "C" int dicom_start(Error *error)
try {
    static std::once_flag once;
    std::call_once(once, [] {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        DcmRLEDecoderRegistration::registerCodecs();
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
    });
    if (dcmDataDict.isDictionaryLoaded()) return TENO_OK;
    return error_set(error, TENO_FAILED,
                     "DCMTK's data dictionary is missing; install DCMTK's data files or set DCMDICTPATH");
} catch (...) {
    return error_set(error, TENO_FAILED, "DCMTK does not start");
}

extern "C" void dicom_stop(void)
try {
    DJLSDecoderRegistration::cleanup();
    DJDecoderRegistration::cleanup();
    DcmRLEDecoderRegistration::cleanup();
} catch (...) {
}
