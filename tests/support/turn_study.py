"""The same study stored another way: turn_study.py STUDY OUT transpose|flip|enhanced. The patient space stays what it was.

transpose  rows and columns exchanged, as a scanner stores a patient on the side
flip       rows read from the other end
enhanced   each series as one Enhanced MR file
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
import pydicom

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import mr_files

study, out, how = sys.argv[1:]
out = pathlib.Path(out)
out.mkdir(parents=True)
work = pathlib.Path(tempfile.mkdtemp())


def turned(d):
    pixels = d.pixel_array
    row, column = numpy.array(d.ImageOrientationPatient, float).reshape(2, 3)
    position, (dy, dx) = numpy.array(d.ImagePositionPatient, float), map(float, d.PixelSpacing)
    if how == "transpose":
        pixels, row, column, dy, dx = pixels.T, column, row, dx, dy
    else:
        position, row, pixels = position + row * dx * (pixels.shape[1] - 1), -row, pixels[:, ::-1]
    d.Rows, d.Columns = pixels.shape
    d.PixelSpacing, d.PatientPosition = [repr(dy), repr(dx)], "HFDL"
    d.ImageOrientationPatient = ["%.10g" % v for v in (*row, *column)]
    d.ImagePositionPatient = ["%.9g" % v for v in position]
    d.PixelData = numpy.ascontiguousarray(pixels).tobytes()
    return d


def as_enhanced(slices):
    """One multi-frame object with the study's own identifiers; timing per frame, as the source has it."""
    first = slices[0]
    d = mr_files.enhanced(slices)
    for name in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyDescription", "Manufacturer",
                 "FrameOfReferenceUID", "SeriesDescription", "MagneticFieldStrength", "PatientBirthDate", "PatientSex"):
        if name in first:
            setattr(d, name, first[name].value)
    d.EchoPulseSequence = "SPIN"
    shared = d.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence[0].SliceThickness = first.SliceThickness
    timing, modifier = shared.MRTimingAndRelatedParametersSequence[0], shared.MRModifierSequence[0]
    timing.RepetitionTime, timing.FlipAngle = float(first.RepetitionTime), float(first.FlipAngle)
    shared.MREchoSequence[0].EffectiveEchoTime = float(first.EchoTime)
    modifier.SpectrallySelectedSuppression = "FAT" if "FS" in first.get("ScanOptions", "") else "NONE"
    if first.get("InversionTime"):
        modifier.InversionRecovery, modifier.InversionTimes = "YES", float(first.InversionTime)
    del shared["FrameAnatomySequence"]
    for groups in d.PerFrameFunctionalGroupsSequence:
        del groups["PixelValueTransformationSequence"]
    return d


series = {}
for n, path in enumerate(sorted(p for p in pathlib.Path(study).rglob("*") if p.is_file())):
    subprocess.run(["gdcmconv", "--raw", path, work / "raw"], check=True)
    d = pydicom.dcmread(work / "raw")
    series.setdefault(d.SeriesInstanceUID, []).append(d)
    if how != "enhanced":
        turned(d).save_as(out / f"{n:04d}")
for n, slices in enumerate(series.values()):
    if how == "enhanced":
        as_enhanced(slices).save_as(out / f"{n}", write_like_original=False)
shutil.rmtree(work)
