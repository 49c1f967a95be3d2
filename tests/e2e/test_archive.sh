# Every object that is written for the archive is valid, says what report.json and compare.json say, and is the same in a
# second run; one visit under two Study Instance UIDs is referred to under both.
source tests/support/e2e.sh
for program in dciodvfy dcentvfy dcmdjpeg dcmodify; do need $program; done
/usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null || skip "no pydicom here"
pre=sample-data/pre/dicom post=sample-data/post/dicom

# dciodvfy ends with 0 on some errors.
valid() {
  for object in "$@"; do
    dciodvfy "$object" >"$work/log" 2>&1 || fail "$object: $(cat "$work/log")"
    grep '^Error' "$work/log" && fail "$object is not valid"
    dcmdump "$object" >/dev/null 2>"$work/log" || fail "$object: $(cat "$work/log")"
  done
}

run 0 "$TENO" analyze $pre -o "$work/out" --repeats 2 --quiet --write json,png,pdf,seg,seg-binary,sr,sc
valid "$work/out/dicom"/*.dcm
dcentvfy $(find $pre -type f) "$work/out/dicom"/*.dcm >"$work/log" 2>&1 || fail "$(cat "$work/log")"
/usr/bin/python3 tests/support/check_sr.py "$work/out"
run 0 "$TENO" analyze $pre -o "$work/again" --repeats 2 --quiet --write json,png,pdf,seg,seg-binary,sr,sc
same_bytes "$work/out/dicom" "$work/again/dicom"

# The pictures: any decoder reads them, and they do not fill the archive.
sc=$work/out/dicom/sc_achilles.dcm
[ "$(stat -c %s "$sc")" -lt 20000000 ] || fail "the secondary capture has $(stat -c %s "$sc") bytes"
dcmdjpeg "$sc" "$work/sc.dcm" || fail "DCMTK cannot decode the secondary capture"
! command -v gdcmconv >/dev/null || gdcmconv --raw "$sc" "$work/sc_gdcm.dcm" || fail "GDCM cannot decode it"
/usr/bin/python3 - "$work" <<'END'
import pathlib, pydicom, sys
work = pathlib.Path(sys.argv[1])
pictures = pydicom.dcmread(work / "sc.dcm")
assert pictures.pixel_array.std(axis=(1, 2, 3)).min() > 10, "an empty picture"
if (work / "sc_gdcm.dcm").exists():
    assert pydicom.dcmread(work / "sc_gdcm.dcm").PixelData == pictures.PixelData, "GDCM and DCMTK differ"
END

# A comparison: each date's objects and the change.
run 0 "$TENO" compare $pre $post -o "$work/change" --repeats 2 --quiet --write json,seg,sr
valid "$work/change/dicom"/*.dcm
dcentvfy $(find $pre $post -type f) "$work/change/dicom"/*.dcm >"$work/log" 2>&1 || fail "$(cat "$work/log")"
/usr/bin/python3 tests/support/check_change.py "$work/change"

# One visit under two Study Instance UIDs: still one examination; the report names each image under its own study.
cp -r $pre "$work/visit"
other=2.25.4711
for image in $(find "$work/visit" -type f); do
  if dcmdump +P SeriesDescription "$image" | grep -q tirm_sag; then dcmodify -q -nb -nrc -m StudyInstanceUID=$other "$image"; fi
done
run 0 "$TENO" analyze "$work/visit" -o "$work/joined" --repeats 2 --quiet --write json,seg,sr
valid "$work/joined/dicom"/*.dcm
/usr/bin/python3 - "$work/joined" "$work/visit" $other "$work/out" <<'END'
import json, pathlib, pydicom, sys
joined, visit, other, whole = sys.argv[1:]
images = {d.SOPInstanceUID: d for d in (pydicom.dcmread(f, stop_before_pixels=True) for f in pathlib.Path(visit).rglob("*") if f.is_file())}
sr, seg = (pydicom.dcmread(f"{joined}/dicom/{name}.dcm") for name in ("sr", "seg"))
assert sr.StudyInstanceUID == seg.StudyInstanceUID != other
seen = set()
for study in [*sr.CurrentRequestedProcedureEvidenceSequence, *sr.PertinentOtherEvidenceSequence]:
    for series in study.ReferencedSeriesSequence:
        for item in series.ReferencedSOPSequence:
            image = images.get(item.ReferencedSOPInstanceUID, seg)
            assert (image.StudyInstanceUID, image.SeriesInstanceUID) == (study.StudyInstanceUID, series.SeriesInstanceUID)
            seen.add(study.StudyInstanceUID)
assert other in seen and len(seen) == 2, seen
report, single = (json.load(open(f + "/report.json")) for f in (joined, whole))
assert report["tendons"][0]["tendon_volume_mm3"] == single["tendons"][0]["tendon_volume_mm3"], "other numbers"
END
