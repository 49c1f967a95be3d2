# However a scanner stores it, it is the same ankle: rows and columns exchanged, rows from the other end, multi-frame files.
# The numbers stay, the archive objects are valid, and a segmentation drawn on one form measures the other.
source tests/support/e2e.sh
for program in gdcmconv dciodvfy; do need $program; done
/usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null || skip "no pydicom here"
analyze() { run 0 "$TENO" analyze "$@" --repeats 0 --quiet; }
analyze sample-data/pre/dicom -o "$work/plain" --write json
for how in transpose flip enhanced; do
  /usr/bin/python3 tests/support/turn_study.py sample-data/pre/dicom "$work/$how" $how 2>"$work/log" || fail "$(cat "$work/log")"
  analyze "$work/$how" -o "$work/out-$how" --write json,seg,sr
  for object in "$work/out-$how/dicom"/*.dcm; do
    dciodvfy "$object" >"$work/log" 2>&1 || fail "$object: $(cat "$work/log")"
    grep '^Error' "$work/log" && fail "$how: $object is not valid"
  done
done
analyze sample-data/pre/dicom -o "$work/mask" --write json --mask "$work/out-transpose/dicom/seg.dcm"
/usr/bin/python3 - "$work" <<'END'
import json, pydicom, sys
work = sys.argv[1]
def numbers(name):
    tendon = json.load(open(f"{work}/{name}/report.json"))["tendons"][0]
    values = [tendon[k]["value"] for k in ("tendon_volume_mm3", "max_area_mm2", "max_thickness_mm", "length_mm")]
    return values + [tendon["tear"][k]["value"] for k in ("volume_mm3", "max_involvement_percent")]
plain = numbers("plain")
for name, allowed in (("out-transpose", 0.03), ("out-flip", 0.03), ("out-enhanced", 0), ("mask", 0.05)):
    worst = max(abs(a / b - 1) for a, b in zip(numbers(name), plain))
    print(f"{name}: numbers differ by at most {100 * worst:.2f} %")
    assert worst <= allowed, (name, numbers(name), plain)
seg = pydicom.dcmread(f"{work}/out-enhanced/dicom/seg.dcm")
frames = {g.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber for g in seg.PerFrameFunctionalGroupsSequence}
assert len(frames) > 10, "the segmentation does not tell the frames that it was drawn on"
END
