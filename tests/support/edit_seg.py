"""Corrects a SEG of ours as a person would: edit_seg.py SEG OUT keep|grow|cut. Prints the tendon segment's volume after
it as a share of before. grow: one voxel outwards in every slice; cut: the upper half of its slices is emptied."""
import sys

import numpy
import pydicom

seg = pydicom.dcmread(sys.argv[1])
pixels = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns).copy()
tendon = [i for i, f in enumerate(seg.PerFrameFunctionalGroupsSequence)
          if f.SegmentIdentificationSequence[0].ReferencedSegmentNumber == 1]
tendon.sort(key=lambda i: float(seg.PerFrameFunctionalGroupsSequence[i].PlanePositionSequence[0].ImagePositionPatient[2]))
before = pixels[tendon].sum(dtype="f8")
if sys.argv[3] == "grow":
    for i in tendon:
        p = numpy.pad(pixels[i], 1)
        pixels[i] = numpy.max([p[1:-1, 1:-1], p[:-2, 1:-1], p[2:, 1:-1], p[1:-1, :-2], p[1:-1, 2:]], axis=0)
elif sys.argv[3] == "cut":
    pixels[tendon[len(tendon) // 2:]] = 0
    for s in seg.SegmentSequence:
        s.SegmentAlgorithmType = "MANUAL"
seg.ContentCreatorName = "Reader1"
seg.SOPInstanceUID = seg.file_meta.MediaStorageSOPInstanceUID = "2.25.4711"
if seg.BitsAllocated == 1:
    data = numpy.packbits(pixels.reshape(-1), bitorder="little").tobytes()
else:
    data = pixels.tobytes()
seg.PixelData = data + b"\0" * (len(data) % 2)
seg.save_as(sys.argv[2])
print(pixels[tendon].sum(dtype="f8") / before)
