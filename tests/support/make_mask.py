"""Masks as other programs write them: make_mask.py KIND FOLDER_OF_THE_SERIES OUT [OPTION]. KIND is one of

nifti        fractions on the series' grid, axes as dcm2niix stores them (rows flipped, RAS)
nifti-labels the same as labels 1 (tendon) and 3 (tear)
nifti-fine   fractions on a grid of half the voxel size, axes permuted
nifti-shift  as nifti, 20 mm beside (another examination of the same protocol)
nifti-none   as nifti, without qform and sform
dcmqi        binary SEG as dcmqi writes it: all frames of a segment, from the last slice to the first
slicer       binary SEG as 3D Slicer exports it: empty slices left out, tear cut out of the tendon, deflated
slicer-bone  as slicer, with the calcaneus as a segment of its own
slicer-one   as slicer, with the one segment that Slicer calls Segment_1
slicer-two   as slicer, with Segment_1 and Segment_2, which say nothing
fractional   FRACTIONAL segmentation of probabilities in 100 steps, RLE
labelmap     LABELMAP segmentation, 8 bits
frame        as dcmqi, with another frame of reference

The tendon is the ellipsoid that test_mask.c knows, sampled at voxel centres.
"""
import glob
import sys

import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence

kind, folder, out = sys.argv[1:4]
sources = sorted((pydicom.dcmread(p) for p in glob.glob(folder + "/mr_*.dcm")),
                 key=lambda d: float(d.ImagePositionPatient[2]))
first = sources[0]
x, y = numpy.array(first.ImageOrientationPatient[:3], float), numpy.array(first.ImageOrientationPatient[3:], float)
z = numpy.cross(x, y)
dy, dx = (float(v) for v in first.PixelSpacing)
dz = 3.3
ny, nx, nz = first.Rows, first.Columns, len(sources)
origin = numpy.array(first.ImagePositionPatient, float)
centre = origin + x * dx * nx * 0.45 + y * dy * ny * 0.5 + z * dz * (nz - 1) * 0.5
radii = (dx * nx * 0.3, dy * ny * 0.25, dz * nz * 0.35)


def inside(affine, shape, scale=1.0):
    """Ellipsoid at the voxel centres of a grid given by an LPS affine."""
    index = numpy.indices(shape).reshape(3, -1)
    p = affine[:3, :3] @ index + affine[:3, 3:4] - centre[:, None]
    d = sum(((axis @ p) / (radius * scale)) ** 2 for axis, radius in zip((x, y, z), radii))
    return (d <= 1).reshape(shape)


affine = numpy.eye(4)
affine[:3, 0], affine[:3, 1], affine[:3, 2], affine[:3, 3] = x * dx, y * dy, z * dz, origin
tendon = inside(affine, (nx, ny, nz))
tear = inside(affine, (nx, ny, nz), 0.5)


def nifti():
    import nibabel
    a, data = affine.copy(), tendon.astype("f4")
    if kind == "nifti-labels":
        data = numpy.where(tear, 3, tendon).astype("u1")
    if kind == "nifti-fine":
        fine = numpy.eye(4)
        fine[:3, 0], fine[:3, 1], fine[:3, 2] = z * dz / 2, x * dx / 2, y * dy / 2
        fine[:3, 3] = origin - (z * dz + x * dx + y * dy) / 4
        a, data = fine, inside(fine, (2 * nz, 2 * nx, 2 * ny)).astype("f4")
    else:  # rows from the other end, as dcm2niix
        data = data[:, ::-1, :]
        a[:3, 3] = a[:3, 3] + a[:3, 1] * (ny - 1)
        a[:3, 1] = -a[:3, 1]
    if kind == "nifti-shift":
        a[:3, 3] += 20 * x
    a = numpy.diag([-1, -1, 1, 1]) @ a  # LPS to RAS
    image = nibabel.Nifti1Image(data, None if kind == "nifti-none" else a)
    if kind != "nifti-none":
        image.header.set_qform(a, 1)
        image.header.set_sform(a, 1)
    nibabel.save(image, out)


def code(value, scheme, meaning):
    d = Dataset()
    d.CodeValue, d.CodingSchemeDesignator, d.CodeMeaning = value, scheme, meaning
    return Sequence([d])


def seg():
    meta = FileMetaDataset()
    labelmap, fractional, slicer = kind == "labelmap", kind == "fractional", kind.startswith("slicer")
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66." + ("7" if labelmap else "4")
    meta.MediaStorageSOPInstanceUID = "2.25.1234"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1" + (".99" if slicer else "")
    d = FileDataset(out, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SOPClassUID, d.SOPInstanceUID, d.Modality = meta.MediaStorageSOPClassUID, "2.25.1234", "SEG"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.PatientID = first.StudyInstanceUID, "2.25.99", "PH001"
    d.PatientName = "Test"
    d.FrameOfReferenceUID = first.FrameOfReferenceUID + (".9" if kind == "frame" else "")
    d.Manufacturer, d.ManufacturerModelName = "QIICR", "3D Slicer" if slicer else "dcmqi"
    d.ContentCreatorName = "Reader1"
    d.SegmentationType = "LABELMAP" if labelmap else "FRACTIONAL" if fractional else "BINARY"
    if fractional:
        d.SegmentationFractionalType, d.MaximumFractionalValue = "PROBABILITY", 100
    d.SamplesPerPixel, d.PhotometricInterpretation, d.Rows, d.Columns = 1, "MONOCHROME2", ny, nx
    d.BitsAllocated = d.BitsStored = 8 if labelmap or fractional else 1
    d.HighBit, d.PixelRepresentation = d.BitsStored - 1, 0
    d.SegmentSequence = Sequence()
    names = [("Achilles tendon", "61352006", "Achilles tendon"), ("Tear", "52988006", "Lesion")]
    cut = tendon & ~tear if kind == "slicer" else tendon
    drawn = [cut, tear]
    if kind == "slicer-bone":
        names.append(("Calcaneus", "80144004", "Calcaneus"))
        drawn.append(numpy.roll(tendon, 9, axis=1) & ~tendon)
    if kind in ("slicer-one", "slicer-two"):
        names = [(f"Segment_{n}", "85756007", "Tissue") for n in (1, 2)][:1 if kind == "slicer-one" else 2]
    for number, (label, value, meaning) in enumerate(names, 1):
        s = Dataset()
        s.SegmentNumber, s.SegmentLabel, s.SegmentAlgorithmType = number, label, "MANUAL"
        s.SegmentedPropertyCategoryCodeSequence = code("91723000", "SCT", "Anatomical Structure")
        s.SegmentedPropertyTypeCodeSequence = code(value, "SCT", meaning)
        if kind not in ("slicer-one", "slicer-two"):
            s.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = code("7771000", "SCT", "Left")
        d.SegmentSequence.append(s)
    reference = Dataset()
    reference.SeriesInstanceUID = first.SeriesInstanceUID
    d.ReferencedSeriesSequence = Sequence([reference])
    shared = Dataset()
    o, m = Dataset(), Dataset()
    o.ImageOrientationPatient = first.ImageOrientationPatient
    m.PixelSpacing, m.SliceThickness, m.SpacingBetweenSlices = first.PixelSpacing, "3", "3.3"
    if slicer:
        del m.SpacingBetweenSlices
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = Sequence([o]), Sequence([m])
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    d.PerFrameFunctionalGroupsSequence, frames = Sequence(), []
    segments = [(0, tendon * 1 + tear)] if labelmap else list(enumerate(drawn[:len(names)], 1))
    for number, data in segments:
        for k in reversed(range(nz)):
            if slicer and not data[:, :, k].any():
                continue
            f, p, i = Dataset(), Dataset(), Dataset()
            p.ImagePositionPatient = [f"{v:.6f}" for v in origin + z * dz * k]
            i.ReferencedSegmentNumber = number
            f.PlanePositionSequence = Sequence([p])
            if not labelmap:
                f.SegmentIdentificationSequence = Sequence([i])
            d.PerFrameFunctionalGroupsSequence.append(f)
            frames.append(data[:, :, k].T)
    d.NumberOfFrames = len(frames)
    pixels = numpy.concatenate([f.reshape(-1) for f in frames]).astype("u1")
    data = (pixels * 100 if fractional else pixels).tobytes() if labelmap or fractional else numpy.packbits(pixels, bitorder="little").tobytes()
    d.PixelData = data + b"\0" * (len(data) % 2)
    d["PixelData"].VR = "OB"
    if fractional:
        d.compress(pydicom.uid.RLELossless, encoding_plugin="pydicom")
    d.save_as(out, write_like_original=False)


nifti() if kind.startswith("nifti") else seg()
