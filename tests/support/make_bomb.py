"""Turns DICOM files into deflated ones of 8000 x 8000 black pixels: little to store, gigabytes to hold."""
import io
import sys
import zlib

import pydicom
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

side = 8000
pixels = zlib.compressobj(9, wbits=-15)
zeros = pixels.compress(bytes(2 * side * side)) + pixels.flush()
for path in sys.argv[1:]:
    d = pydicom.dcmread(path)
    del d.PixelData
    d.Rows = d.Columns = side
    body = DicomBytesIO()
    body.is_little_endian, body.is_implicit_VR = True, False
    write_dataset(body, d)
    head = zlib.compressobj(9, wbits=-15)
    tag = b"\xe0\x7f\x10\x00OW\0\0" + (2 * side * side).to_bytes(4, "little")
    deflated = head.compress(body.getvalue() + tag) + head.flush(zlib.Z_FULL_FLUSH) + zeros
    whole = io.BytesIO()
    d.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    pydicom.dcmwrite(whole, pydicom.FileDataset(whole, {}, file_meta=d.file_meta, preamble=b"\0" * 128,
                                               is_implicit_VR=False, is_little_endian=True), write_like_original=False)
    meta = whole.getvalue()
    end = 132 + 12 + d.file_meta.FileMetaInformationGroupLength if "FileMetaInformationGroupLength" in d.file_meta else len(meta)
    with open(path, "wb") as file:
        file.write(meta[:end] + deflated)
