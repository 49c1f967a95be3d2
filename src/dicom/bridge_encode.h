/* Lossless compression of a data set's pixels by DCMTK's encoders. Private to the bridge. */
#ifndef TENO_BRIDGE_ENCODE_H
#define TENO_BRIDGE_ENCODE_H

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom_write.h"

/* The transfer syntax to save a data set of that compression in. */
E_TransferSyntax encoded_syntax(Compression compression);
/* Leaves the compressed pixels only; nothing to do for COMPRESS_NONE. */
OFCondition dataset_encode(DcmDataset &dataset, Compression compression);

#endif
