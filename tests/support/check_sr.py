"""Reads dicom/sr.dcm of a result folder by pydicom and compares it with report.json and dicom/seg.dcm: check_sr.py OUT."""
import json
import sys

import pydicom

out = sys.argv[1]
report = json.load(open(out + "/report.json"))
sr = pydicom.dcmread(out + "/dicom/sr.dcm")
seg = pydicom.dcmread(out + "/dicom/seg.dcm")


def name(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else None


def children(item, value):
    return [c for c in item.get("ContentSequence", []) if name(c) == value]


def numbers(group):
    """{(concept, derivation): (value, unit, low, high)}"""
    found = {}
    for item in group.ContentSequence:
        if item.ValueType != "NUM":
            continue
        measured = item.MeasuredValueSequence[0]
        derivation = [c.ConceptCodeSequence[0].CodeMeaning for c in children(item, "121401")]
        low, high = ([float(c.MeasuredValueSequence[0].NumericValue) for c in children(item, code)]
                     for code in ("CI95LOW", "CI95HIGH"))
        key = (name(item), derivation[0] if derivation else None)
        assert key not in found, key
        found[key] = (float(measured.NumericValue), measured.MeasurementUnitsCodeSequence[0].CodeValue,
                      low[0] if low else None, high[0] if high else None)
    return found


def check(found, key, wanted):
    if wanted["value"] is None:
        assert key not in found, key
        return
    value, unit, low, high = found[key]
    interval = wanted["ci95"] or [None, None]
    assert (value, unit, low, high) == (wanted["value"], wanted["unit"], *interval), (key, found[key], wanted)


assert sr.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34" and sr.Modality == "SR"
assert sr.ContentTemplateSequence[0].TemplateIdentifier == "1500"
observer = {name(c): c for c in sr.ContentSequence}
assert observer["121005"].ConceptCodeSequence[0].CodeMeaning == "Device" and observer["121013"].TextValue == "Teno"
evidence = [(s.SeriesInstanceUID, [i.ReferencedSOPInstanceUID for i in s.ReferencedSOPSequence])
            for s in sr.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence]
assert (seg.SeriesInstanceUID, [seg.SOPInstanceUID]) in evidence
segments = {s.SegmentNumber: s for s in seg.SegmentSequence}
groups = children(children(sr, "126010")[0], "125007")

for group in groups:
    reference = children(group, "121191")[0].ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == seg.SOPInstanceUID
    segment = segments[reference.ReferencedSegmentNumber]
    assert children(group, "112039")[0].TextValue == segment.TrackingID
    assert children(group, "112040")[0].UID == segment.TrackingUID
    assert children(group, "C2348792")[0].TextValue == report["study"]["study_date"]
    site = children(group, "363698007")[0]
    side = [c.ConceptCodeSequence[0].CodeMeaning.lower() for c in children(site, "272741003")]
    assert side[0] == report["tendons"][0]["side"]

tendon, measured = report["tendons"][0], numbers(groups[0])
for key, field in ((("118565006", None), "tendon_volume_mm3"), (("TENDON_VOL_0_60", None), "tendon_volume_0_60_mm3"),
                   (("42798000", "Mean"), "mean_area_mm2"), (("42798000", "Maximum"), "max_area_mm2"),
                   (("103340004", "Maximum"), "max_thickness_mm"), (("410668003", None), "length_mm")):
    check(measured, key, tendon[field])
for key, field in ((("TEAR_VOLUME", None), "volume_mm3"), (("TEAR_FRACTION", None), "fraction_percent"),
                   (("TEAR_LENGTH", None), "length_mm"), (("INVOLVEMENT", "Maximum"), "max_involvement_percent"),
                   (("GAP", None), "gap_mm")):
    check(measured, key, tendon["tear"][field])
grade = children(groups[0], "GRADE")[0].ConceptCodeSequence[0].CodeValue.lower()
assert grade == tendon["grade"]["value"], grade

tear_groups = groups[1:1 + len(tendon["tears"])]
assert len(groups) == 2 + len(tendon["tears"])  # the last is tendinosis
for group, tear in zip(tear_groups, tendon["tears"]):
    assert children(group, "112040")[0].UID == tear["tracking_uid"]
    measured = numbers(group)
    for key, field in ((("118565006", None), "volume_mm3"), (("410668003", None), "length_mm"),
                       (("INVOLVEMENT", "Maximum"), "max_involvement_percent"),
                       (("INVOLVEMENT", "Mean"), "mean_involvement_percent"), (("GAP", None), "gap_mm")):
        check(measured, key, tear[field])
print(f"{len(groups)} groups agree with report.json")
