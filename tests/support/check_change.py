"""Reads the archive objects of a comparison by pydicom and holds them against compare.json: check_change.py OUT."""
import json
import sys

import numpy
import pydicom

out = sys.argv[1]
compare = json.load(open(out + "/compare.json"))
seg, sr = ({d: pydicom.dcmread(f"{out}/dicom/{kind}_{d}.dcm") for d in ("pre", "post")} for kind in ("seg", "sr"))
change = pydicom.dcmread(out + "/dicom/sr_change.dcm")
mr = "1.2.840.10008.5.1.4.1.1.4"


def name(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else None


def children(item, value):
    return [c for c in item.get("ContentSequence", []) if name(c) == value]


def number(item):
    return float(item.MeasuredValueSequence[0].NumericValue), \
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue


def value_of(group, concept, derivation=None):
    found = [i for i in children(group, concept) if i.ValueType == "NUM" and
             [c.ConceptCodeSequence[0].CodeMeaning for c in children(i, "121401")] == ([derivation] if derivation else [])]
    assert len(found) < 2, concept
    return found[0] if found else None


def groups(document):
    return {children(g, "112040")[0].UID: g for g in children(children(document, "126010")[0], "125007")}


def evidence(document):
    return {(kind, study.StudyInstanceUID): {i.ReferencedSOPInstanceUID for s in study.ReferencedSeriesSequence
                                             for i in s.ReferencedSOPSequence}
            for kind in ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
            for study in document.get(kind, [])}


def segment(date, uid):
    found = [s for s in seg[date].SegmentSequence if s.TrackingUID == uid]
    return found[0] if found else None


# Every object lies in the study of its date, refers to its own segments, and says the values of compare.json.
studies = {d: compare[d]["study_instance_uid"] for d in ("pre", "post")}
tendon = compare["tendons"][0]
fields = (("tendon_volume_mm3", "118565006", None), ("mean_area_mm2", "42798000", "Mean"),
          ("max_area_mm2", "42798000", "Maximum"), ("max_thickness_mm", "103340004", "Maximum"),
          ("mean_signal", "SIGNAL", "Mean"), ("tear_volume_mm3", "TEAR_VOLUME", None),
          ("tear_fraction_percent", "TEAR_FRACTION", None), ("tear_length_mm", "TEAR_LENGTH", None),
          ("tear_max_involvement_percent", "INVOLVEMENT", "Maximum"), ("tear_gap_mm", "GAP", None))
tendon_uid = seg["pre"].SegmentSequence[0].TrackingUID
for date in ("pre", "post"):
    assert seg[date].StudyInstanceUID == sr[date].StudyInstanceUID == studies[date]
    assert segment(date, tendon_uid).SegmentLabel == segment("pre", tendon_uid).SegmentLabel
    own = groups(sr[date])
    for concept_field, concept, derivation in fields:
        quantity = tendon["changes"][concept_field][date]
        item = value_of(own[tendon_uid], concept, derivation)
        assert (number(item)[0] if item else None) == quantity["value"], (date, concept_field)
    for uid, group in own.items():
        reference = children(group, "121191")[0].ReferencedSOPSequence[0]
        assert reference.ReferencedSOPInstanceUID == seg[date].SOPInstanceUID
        assert seg[date].SegmentSequence[reference.ReferencedSegmentNumber - 1].TrackingUID == uid
        assert children(group, "C2348792")[0].TextValue == compare[date]["study_date"]

# The same tear has the same tracking id and UID on both dates, and its segment holds its volume.
for row in tendon["tears"]:
    uid = row["tracking_uid"]
    for date in ("pre", "post"):
        if row[date] is None:
            assert segment(date, uid) is None or row["state"] in ("split", "merged"), (date, uid)
            continue
        assert row[date]["tracking_uid"] == uid and uid in groups(sr[date])
        assert number(value_of(groups(sr[date])[uid], "118565006"))[0] == row[date]["volume_mm3"]["value"]
        s, d = segment(date, uid), seg[date]
        frames = [i for i, g in enumerate(d.PerFrameFunctionalGroupsSequence)
                  if g.SegmentIdentificationSequence[0].ReferencedSegmentNumber == s.SegmentNumber]
        measures = d.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        voxel = numpy.prod([float(v) for v in measures.PixelSpacing]) * float(measures.SpacingBetweenSlices)
        drawn = d.pixel_array.reshape(-1, d.Rows, d.Columns)[frames].sum(dtype="f8") / 255 * voxel
        assert abs(drawn / row[date]["volume_mm3"]["value"] - 1) < 0.1, (date, drawn, row[date]["volume_mm3"])
    if row["pre"] and row["post"]:
        assert segment("pre", uid).TrackingID == segment("post", uid).TrackingID

# The change: differences, what they are made of, verdicts, the segments of both dates, evidence of both studies.
assert change.StudyInstanceUID == studies["post"]
verdicts = {"no_detectable_change": "NO_CHANGE", "decreased": "DECREASED", "increased": "INCREASED"}


def check_difference(group, concept, derivation, wanted):
    item = value_of(group, concept, derivation)
    if wanted["verdict"] is None:
        assert item is None, concept
        return 0
    assert number(item) == (wanted["difference"], wanted["unit"]), (concept, number(item), wanted)
    assert children(item, "CHANGE")[0].ConceptCodeSequence[0].CodeValue == "DIFFERENCE"
    inner = {name(c): c for c in item.ContentSequence}
    for code, value in (("BEFORE", wanted["pre"]["value"]), ("AFTER", wanted["post"]["value"]), ("LIMIT", wanted["limit"]),
                        ("PERCENT", wanted["percent"]), ("CI95LOW", (wanted["ci95"] or [None])[0])):
        assert (number(inner[code])[0] if code in inner else None) == value, (concept, code)
    assert inner["VERDICT"].ConceptCodeSequence[0].CodeValue == verdicts[wanted["verdict"]]
    return 1


changes = groups(change)
n = sum(check_difference(changes[tendon_uid], c, d, tendon["changes"][f]) for f, c, d in fields)
for row in tendon["tears"]:
    group = changes[row["tracking_uid"]]
    n += check_difference(group, "118565006", None, row["volume_mm3"])
    assert children(group, "TEAR_STATE")[0].ConceptCodeSequence[0].CodeValue.lower() == row["state"]
for uid, group in changes.items():
    assert group.ContentTemplateSequence[0].TemplateIdentifier == "1501"
    sources = [i.ReferencedSOPSequence[0] for i in children(group, "121112")]
    wanted = [(seg[d].SOPInstanceUID, segment(d, uid).SegmentNumber) for d in ("pre", "post") if segment(d, uid)]
    assert [(s.ReferencedSOPInstanceUID, s.ReferencedSegmentNumber) for s in sources] == wanted
found = evidence(change)
assert set(found) == {("CurrentRequestedProcedureEvidenceSequence", studies["post"]),
                      ("PertinentOtherEvidenceSequence", studies["pre"])}, found.keys()
for (_, study), instances in found.items():
    assert seg["pre" if study == studies["pre"] else "post"].SOPInstanceUID in instances
assert n >= 5, f"only {n} differences"
print(f"{n} differences and {len(tendon['tears'])} tears agree with compare.json")
