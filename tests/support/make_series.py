"""A small MR series as a scanner would store it: python3 make_series.py FOLDER ROWS COLUMNS SLICES.

Oblique geometry, and identifiers that the result objects have to carry on. Slice k is FOLDER/mr_KKK.dcm.
"""
import sys

import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

folder, rows, columns, slices = sys.argv[1], *map(int, sys.argv[2:5])
root = "2.25.77"
axis_x, axis_y = (0.96, 0.28, 0.0), (-0.28, 0.96, 0.0)

for k in range(slices):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = f"{root}.3.{k + 1}"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    path = f"{folder}/mr_{k:03d}.dcm"
    d = FileDataset(path, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SpecificCharacterSet = "ISO_IR 100"
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    d.StudyDate, d.StudyTime, d.AccessionNumber, d.Modality = "20230405", "101112", "A77", "MR"
    d.Manufacturer, d.ReferringPhysicianName, d.StudyDescription = "Test", "Refer^Red", "Ankle"
    d.SeriesDescription = "AX PD"
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = "M\u00fcller^\u00c4nne", "PH001", "19700102", "F"
    d.PatientAge, d.PatientWeight = "053Y", "70"
    d.ScanningSequence, d.SequenceVariant, d.ScanOptions, d.MRAcquisitionType = "SE", "SK", "", "2D"
    d.SliceThickness, d.RepetitionTime, d.EchoTime, d.EchoTrainLength = 3, 2500, 30, 8
    d.SpacingBetweenSlices, d.PatientPosition, d.Laterality = 3.3, "FFS", "L"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = f"{root}.1", f"{root}.2", f"{root}.4"
    d.StudyID, d.SeriesNumber, d.InstanceNumber, d.PositionReferenceIndicator = "S77", 5, k + 1, ""
    d.ImagePositionPatient = [-20.5, 30.25, -40 + 3.3 * k]
    d.ImageOrientationPatient = [*axis_x, *axis_y]
    d.PixelSpacing = [0.5, 0.45]
    d.SamplesPerPixel, d.PhotometricInterpretation, d.Rows, d.Columns = 1, "MONOCHROME2", rows, columns
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    d.PixelData = (numpy.arange(rows * columns) % 4096).astype("<u2").tobytes()
    d.save_as(path, write_like_original=False)
