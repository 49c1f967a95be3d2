"""MR files as scanners write them, for tests of the reader. Every stack is a list of pydicom data sets, one a slice."""
import copy

import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence

MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
EXPLICIT = "1.2.840.10008.1.2.1"


def uid(*parts):
    return "2.25." + ".".join(str(p) for p in parts)


def rotation(tilt_x, tilt_y, tilt_z):
    """Row and column direction of an axial plane turned by three angles in degrees."""
    a, b, c = numpy.radians([tilt_x, tilt_y, tilt_z])
    rx = numpy.array([[1, 0, 0], [0, numpy.cos(a), -numpy.sin(a)], [0, numpy.sin(a), numpy.cos(a)]])
    ry = numpy.array([[numpy.cos(b), 0, numpy.sin(b)], [0, 1, 0], [-numpy.sin(b), 0, numpy.cos(b)]])
    rz = numpy.array([[numpy.cos(c), -numpy.sin(c), 0], [numpy.sin(c), numpy.cos(c), 0], [0, 0, 1]])
    r = rz @ ry @ rx
    return r[:, 0], r[:, 1]


def values(nz, ny, nx, bits=12, signed=False, seed=0):
    """A smooth image with texture that fills the range."""
    rng = numpy.random.default_rng(seed)
    k, j, i = numpy.meshgrid(numpy.arange(nz), numpy.arange(ny), numpy.arange(nx), indexing="ij")
    image = 0.45 + 0.3 * numpy.sin(i / 7 + k / 3) * numpy.cos(j / 9) + 0.05 * rng.standard_normal((nz, ny, nx))
    stored = numpy.clip(image, 0, 1) * (2**bits - 1) - (2 ** (bits - 1) if signed else 0)
    return numpy.round(stored).astype(numpy.int64)


def empty_file(sop_class=MR):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = sop_class, EXPLICIT
    d = FileDataset("", Dataset(), file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SOPClassUID, d.Modality = sop_class, "MR"
    d.PatientID, d.PatientName, d.StudyDate, d.StudyTime = "T1", "Test^One", "20240102", "101500"
    d.Manufacturer, d.SeriesDescription = "Test", "PD AX"
    d.StudyInstanceUID, d.FrameOfReferenceUID = uid(1), uid(9)
    d.MagneticFieldStrength, d.PatientPosition = 1.5, "FFS"
    return d


def pixel_module(d, stored, bits=12, allocated=16, signed=False):
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = stored.shape[-2:]
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = allocated, bits, bits - 1, int(signed)
    kind = {8: "u1", 16: "u2", 32: "u4"}[allocated]
    data = (stored & (2**allocated - 1)).astype("<" + kind).tobytes()
    d.PixelData = data + b"\0" * (len(data) % 2)


def stack(nz=8, ny=50, nx=60, spacing=(0.7, 0.5), gap=3.3, plane=None, origin=(-20.5, 31.25, -44.125), bits=12,
          allocated=16, signed=False, series=2, seed=0):
    """A plain MR series; `spacing` is (between rows, between columns)."""
    row, column = plane if plane else rotation(0, 0, 0)
    normal, stored, out = numpy.cross(row, column), values(nz, ny, nx, bits, signed, seed), []
    for k in range(nz):
        d = empty_file()
        d.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid(3, series, k + 1)
        d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber, d.AcquisitionNumber = uid(2, series), series, k + 1, 1
        d.ScanningSequence, d.SequenceVariant, d.ScanOptions, d.MRAcquisitionType = "SE", "SK", "", "2D"
        d.RepetitionTime, d.EchoTime, d.FlipAngle, d.EchoNumbers, d.SliceThickness = 2500, 30, 90, 1, 3
        d.SpacingBetweenSlices = gap
        d.ImagePositionPatient = ["%.9g" % v for v in numpy.array(origin) + k * gap * normal]
        d.ImageOrientationPatient = ["%.9g" % v for v in (*row, *column)]
        d.PixelSpacing = list(spacing)
        pixel_module(d, stored[k], bits, allocated, signed)
        out.append(d)
    return out


def item(**attributes):
    d = Dataset()
    for name, value in attributes.items():
        setattr(d, name, value)
    return d


def enhanced(plain, per_frame_rescale=False):
    """The same series as one Enhanced MR object: shared plane orientation and timing, per-frame position and rescale."""
    d, first = empty_file(ENHANCED_MR), plain[0]
    d.ImageType, d.SOPInstanceUID = ["ORIGINAL", "PRIMARY", "M", "NONE"], uid(4, first.SeriesNumber)
    d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
    d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber = first.SeriesInstanceUID, first.SeriesNumber, 1
    d.PulseSequenceName, d.EchoPulseSequence, d.NumberOfFrames = "TSE", "SPIN", len(plain)
    shared = item(
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=first.ImageOrientationPatient)]),
        PixelMeasuresSequence=Sequence([item(PixelSpacing=first.PixelSpacing, SliceThickness=3)]),
        MRTimingAndRelatedParametersSequence=Sequence([item(RepetitionTime=2500, FlipAngle=90)]),
        MREchoSequence=Sequence([item(EffectiveEchoTime=30.0)]),
        MRModifierSequence=Sequence([item(InversionRecovery="NO", SpectrallySelectedSuppression="FAT")]),
        FrameAnatomySequence=Sequence([item(FrameLaterality="R")]))
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for k, p in enumerate(plain):
        frames.append(item(
            FrameContentSequence=Sequence([item(StackID="1", InStackPositionNumber=k + 1, TemporalPositionIndex=1)]),
            PlanePositionSequence=Sequence([item(ImagePositionPatient=p.ImagePositionPatient)]),
            MRImageFrameTypeSequence=Sequence([item(FrameType=["ORIGINAL", "PRIMARY", "M", "NONE"],
                                                    ComplexImageComponent="MAGNITUDE")]),
            PixelValueTransformationSequence=Sequence([item(RescaleSlope=1.5 + (k if per_frame_rescale else 0),
                                                            RescaleIntercept=-3, RescaleType="US")])))
    d.PerFrameFunctionalGroupsSequence = Sequence(frames)
    stored = numpy.array([p.pixel_array for p in plain]).astype(numpy.int64)
    pixel_module(d, stored, first.BitsStored, first.BitsAllocated, bool(first.PixelRepresentation))
    return d


def clone(datasets):
    return [copy.deepcopy(d) for d in datasets]


def save(datasets, folder, name="im{:03d}"):
    """Writes them, in another order than that of the slices and without an extension."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, k in enumerate(sorted(range(len(datasets)), key=lambda k: (k * 7) % max(len(datasets), 1))):
        datasets[k].save_as(folder / name.format(n), write_like_original=False)
