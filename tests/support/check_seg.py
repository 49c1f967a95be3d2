"""Reads a SEG by pydicom and compares each frame with the truth: check_seg.py SEG TRUTH.raw FOLDER_OF_THE_SERIES."""
import glob
import sys

import numpy
import pydicom

seg = pydicom.dcmread(sys.argv[1])
sources = sorted((pydicom.dcmread(p, stop_before_pixels=True) for p in glob.glob(sys.argv[3] + "/mr_*.dcm")),
                 key=lambda d: float(d.ImagePositionPatient[2]))
truth = numpy.fromfile(sys.argv[2], "<f4").reshape(len(sources), seg.Rows, seg.Columns)
binary = seg.SegmentationType == "BINARY"
stored = numpy.where(truth >= 0.5, 1, 0) if binary else numpy.floor(truth.astype("f8") * 255 + 0.5)

for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyID",
             "AccessionNumber", "FrameOfReferenceUID", "SpecificCharacterSet", "PatientAge"):
    assert seg[name].value == sources[0][name].value, name
assert (seg.ContentDate, seg.ContentTime) == (sources[0].StudyDate, sources[0].StudyTime)
assert [s.SegmentLabel for s in seg.SegmentSequence] == ["Tendon", "Tear", "Tendinosis"]
for s in seg.SegmentSequence:
    assert s.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning == "Left"
    assert s.TrackingUID.startswith("2.25.")

pixels = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
assert len(pixels) == seg.NumberOfFrames == len(seg.PerFrameFunctionalGroupsSequence)
seen = {1: 0, 2: 0, 3: 0}
for frame, groups in zip(pixels, seg.PerFrameFunctionalGroupsSequence):
    uid = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
    k = [s.SOPInstanceUID for s in sources].index(uid)
    position = groups.PlanePositionSequence[0].ImagePositionPatient
    assert numpy.allclose([float(x) for x in position], [float(x) for x in sources[k].ImagePositionPatient], atol=1e-6)
    number = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    assert list(groups.FrameContentSequence[0].DimensionIndexValues) == [number, k + 1]
    assert (frame == stored[k]).all(), f"segment {number}, slice {k}: {(frame != stored[k]).sum()} pixels differ"
    assert frame.any(), f"segment {number}, slice {k}: an empty frame"
    seen[number] += 1
wanted = int(stored.reshape(len(sources), -1).any(axis=1).sum())
assert seen == {1: wanted, 2: 0, 3: wanted}, seen
