# Corrections by people: our own SEG, changed by a script, comes back in, and the numbers move as they must; the report
# says who drew the outline and what changed; a mask that belongs elsewhere is refused with both geometries printed.
source tests/support/e2e.sh
/usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null || skip "no pydicom here"
pre=sample-data/pre/dicom
analyze() { run 0 "$TENO" analyze $pre --repeats 0 --quiet "$@"; }
analyze -o "$work/out" --write json,nii,seg,seg-binary

for edit in keep grow cut; do
  for seg in seg seg_binary; do
    share=$(/usr/bin/python3 tests/support/edit_seg.py "$work/out/dicom/$seg.dcm" "$work/$edit.dcm" $edit)
    analyze -o "$work/$seg-$edit" --write json --mask "$work/$edit.dcm" --against "$work/out/report.json"
    echo "$seg $edit $share" >>"$work/shares"
  done
done
/usr/bin/python3 - "$work" <<'END'
import json, sys
work = sys.argv[1]
def tendon(name):
    return json.load(open(f"{work}/{name}/report.json"))
shares = {tuple(line.split()[:2]): float(line.split()[2]) for line in open(work + "/shares")}
for seg in ("seg", "seg_binary"):
    keep = tendon(seg + "-keep")["tendons"][0]
    first = tendon("out")["tendons"][0]
    assert abs(keep["max_area_mm2"]["value"] / first["max_area_mm2"]["value"] - 1) < 0.02, "an untouched mask changed the area"
    for edit in ("grow", "cut"):
        report = tendon(f"{seg}-{edit}")
        now = report["tendons"][0]
        assert now["segmentation"]["method"] == "mask"
        ratio = now["tendon_volume_mm3"]["value"] / keep["tendon_volume_mm3"]["value"]
        wanted = shares[seg, edit]
        assert abs(ratio / wanted - 1) < 0.03, f"{seg} {edit}: volume x {ratio:.3f}, the mask x {wanted:.3f}"
        correction = report["correction"]
        assert "Reader1" in report["segmented_by"] and "Reader1" in correction["after_segmented_by"]
        assert correction["before_segmented_by"].startswith("teno ")
        rows = {r["measure"]: r for r in correction["changes"]}
        row = rows["tendon_volume_mm3"]
        assert row["before"] == first["tendon_volume_mm3"]["value"] and row["after"] == now["tendon_volume_mm3"]["value"]
        print(f"{seg} {edit}: mask x {wanted:.3f}, volume x {ratio:.3f}")
END

# NIfTI of the same outline gives the same tendon; that of the other date lies elsewhere.
analyze -o "$work/nifti" --write json --mask "$work/out/masks/achilles_tendon.nii.gz"
run 1 "$TENO" analyze sample-data/post/dicom -o "$work/wrong" --quiet --mask "$work/out/masks/achilles_tendon.nii.gz"
says 'the mask has [0-9]+ x [0-9]+ x [0-9]+ voxels.*the series has [0-9]+ x [0-9]+ x [0-9]+ voxels'
run 1 "$TENO" analyze sample-data/post/dicom -o "$work/wrong" --quiet --mask "$work/keep.dcm"
says 'frame of reference is not that of the series'
run 2 "$TENO" analyze $pre -o "$work/wrong" --quiet --against "$work/out/report.json"
says 'needs --mask'
run 2 "$TENO" analyze sample-data/post/dicom -o "$work/wrong" --quiet --mask "$work/keep.dcm" --against "$work/out/report.json"
says 'wanted one of this study'
[ ! -e "$work/wrong" ] || fail "a refused mask left results"
