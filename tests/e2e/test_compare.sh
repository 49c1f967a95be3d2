# Pairs that must be refused or warned of, each with its reason; more than two dates; the therapy in every output. The
# true outlines are given as masks, so that only the comparison is on trial.
source tests/support/e2e.sh
need pdftotext

# made NAME KEYS: makes a digital ankle with small images from the keys of a spec.
made() {
  printf '{"name":"%s","side_tag":true,"field_t":3,"compression":"none",%s}\n' "$1" "$2" >"$work/$1.json"
  run 0 "$TENO" phantom "$work/$1.json" -o "$work/$1"
}
# analysed FOLDER NAME: the visit in FOLDER, its true outline given, in $work/out-NAME.
analysed() {
  run 0 "$TENO" analyze "$work/$1/dicom" --mask "$work/$1/truth_01_envelope.nii.gz" -o "$work/out-$2" \
    --write json --repeats 4 --quiet
}
compared() { # STATUS MESSAGE ARGUMENT...
  local status=$1 message=$2
  shift 2
  rm -rf "$work/out"
  run "$status" "$TENO" compare "$@" -o "$work/out" --write json --quiet --verbose
  [ -z "$message" ] || says "$message"
  [ -s "$work/out/compare.json" ] || fail "$*: no results"
  grep -q "\"comparable\": $([ "$status" = 5 ] && echo false || echo true)" "$work/out/compare.json" ||
    fail "$*: status $status and compare.json disagree"
}
series='"series":[{"protocol":"ax_pd","matrix":160,"slices":28},{"protocol":"ax_t2_fs","matrix":160,"slices":28}]'
tear='{"kind":"surface","s_mm":40,"length_mm":24,"involvement":0.5,"angle_deg":255,"fill":"fluid"}'
made left "\"side\":\"left\",\"seed\":46,\"subject\":\"SYNTH-A\",$series,\"visits\":[
  {\"name\":\"first\",\"date\":\"20250114\",\"flexion_deg\":10,\"tears\":[$tear]},
  {\"name\":\"second\",\"date\":\"20250416\",\"flexion_deg\":12,\"tears\":[$tear]},
  {\"name\":\"third\",\"date\":\"20250716\",\"flexion_deg\":14,\"tears\":[]}]"
for visit in first second third; do analysed left/$visit $visit; done

# Other side; other person's id, unless that is said to be meant; a knee.
slab() { echo "\"series\":[{\"protocol\":\"ax_pd\",\"matrix\":128,\"slices\":12,\"centre_mm\":[0,0,$1]},
  {\"protocol\":\"ax_t2_fs\",\"matrix\":128,\"slices\":12,\"centre_mm\":[0,0,$1]}]"; }
made right "\"side\":\"right\",\"seed\":42,\"subject\":\"SYNTH-B\",$series"
analysed right/baseline right
compared 5 'not comparable: the two studies carry different patient ids; --different-ids-ok' "$work"/out-{first,right}
compared 5 'not comparable: other side: left before, right after' "$work"/out-{first,right} --different-ids-ok
made knee "\"body\":\"knee\",\"seed\":44,\"subject\":\"SYNTH-A\",$series"
compared 5 'not comparable: after: not_assessable' "$work/left/first/dicom" "$work/knee/baseline/dicom" --repeats 0

# Another part of the tendon: nothing to align, nothing in common.
made parts "\"side\":\"left\",\"seed\":43,\"subject\":\"SYNTH-A\",\"visits\":[
  {\"name\":\"low\",\"date\":\"20250114\",$(slab -25)},{\"name\":\"high\",\"date\":\"20250716\",$(slab 70)}]"
for part in low high; do analysed parts/$part $part; done
compared 5 'not comparable: (the two dates could not be aligned|no common range)' "$work"/out-{low,high}

# The same study twice; reversed dates, which are put in order; a missing date, where the order given counts.
compared 5 'not comparable: both dates are the same study' "$work"/out-{first,first}
compared 0 'not given in order of their dates: compared from 20250114 to 20250716' "$work"/out-{third,first}
grep -q '"tear_volume_mm3"' "$work/out/compare.json" || fail "no tear volume"
cp -r "$work/left/third" "$work/undated"
find "$work/undated/dicom" -type f -exec dcmodify -nb -q -e StudyDate -e SeriesDate -e AcquisitionDate -e ContentDate {} + ||
  fail "dates cannot be removed"
analysed undated undated
compared 0 'a study has no date: the dates are taken in the order given' "$work"/out-{first,undated}

# Nothing changed, the ankle repositioned: no direction is called. The tear gone: decreased and resolved.
cat >"$work/verdicts.py" <<'P'
import json, sys
t = json.load(open(sys.argv[1]))["tendons"][0]
verdicts = {n: c["verdict"] for n, c in t["changes"].items() if c["verdict"]}
states = [tear["state"] for tear in t["tears"]]
if sys.argv[2] == "same":
    assert set(verdicts.values()) == {"no_detectable_change"} and states == ["unchanged"], (verdicts, states)
    tear = t["tears"][0]
    assert tear["pre"]["tracking_uid"] == tear["post"]["tracking_uid"] == tear["tracking_uid"], tear
else:
    assert verdicts["tear_volume_mm3"] == "decreased" and states == ["resolved"], (verdicts, states)
    assert t["changes"]["tendon_volume_mm3"]["verdict"] == "no_detectable_change", verdicts
P
compared 0 '' "$work"/out-{first,second}
/usr/bin/python3 "$work/verdicts.py" "$work/out/compare.json" same
compared 0 '' "$work"/out-{first,third}
/usr/bin/python3 "$work/verdicts.py" "$work/out/compare.json" gone

# Three dates: each later one with the first, and the course as a table. The therapy is text everywhere, never markup.
therapy='PRP, 3 x 4 ml; "heavy" <b>loading</b>'
run 0 "$TENO" compare "$work"/out-{second,third,first} -o "$work/course" --therapy "$therapy" --write json,csv,html,pdf
[ "$(ls "$work/course")" = $'1\n2\ncourse.csv\nlog.txt' ] || fail "course holds $(ls "$work/course")"
/usr/bin/python3 - "$work/course" "$therapy" <<'P'
import csv, json, sys
folder, therapy = sys.argv[1:]
rows = list(csv.DictReader(open(f"{folder}/course.csv")))
assert {(r["first_date"], r["study_date"]) for r in rows} == {("2025-01-14", "2025-04-16"), ("2025-01-14", "2025-07-16")}
assert all(r["therapy"] == therapy for r in rows)
tears = {r["study_date"]: r for r in rows if r["measure"] == "tear_volume_mm3"}
assert tears["2025-04-16"]["verdict"] == "no_detectable_change" and tears["2025-07-16"]["verdict"] == "decreased", tears
for part in ("1", "2"):
    assert json.load(open(f"{folder}/{part}/compare.json"))["therapy"] == therapy
    assert all(r["therapy"] == therapy for r in csv.DictReader(open(f"{folder}/{part}/changes.csv")))
    page = open(f"{folder}/{part}/report.html").read()
    assert "<b>loading" not in page and "&lt;b&gt;loading" in page
P
pdftotext "$work/course/1/report.pdf" "$work/pdf.txt"
grep -qF 'PRP, 3 x 4 ml; "heavy" <b>loading</b>' "$work/pdf.txt" || fail "the PDF does not carry the therapy"
