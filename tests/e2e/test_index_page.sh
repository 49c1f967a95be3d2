# The page of all cases in a real browser, and its saved verdicts in the next batch. Needs what scripts/install-packages
# --test brings: Debian's chromium, and from npm what drives it.
source tests/support/e2e.sh
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
[ -x "$CHROMIUM" ] || skip "no $CHROMIUM"
need node
[ -d tests/browser/node_modules/playwright-core ] || skip "no node modules (npm --prefix tests/browser ci)"
cat >"$work/ankle.json" <<S
{"seed": 5, "visits": [{"name": "pre", "date": "20250114"}, {"name": "post", "date": "20250614"}],
 "series": [{"protocol": "ax_pd", "matrix": 192, "slices": 24, "thickness_mm": 4, "fov_mm": 120}]}
S
"$TENO" phantom "$work/ankle.json" -o "$work/ankle" >/dev/null
cat >"$work/m.csv" <<M
subject,timepoint,path,arm
A,1pre,ankle/pre/dicom,"<script>alert(1)</script>"
A,2post,ankle/post/dicom,b&b
B,1pre,ankle/pre/dicom,b&b
C,1pre,absent,b&b
M
batch() { "$TENO" batch "$work/m.csv" -o "$work/out" --repeats 0 --write png,json,csv,html "$@"; }
run 4 batch
node tests/browser/index.mjs "$work/out/qc/index.html" "$work/qc.tsv" || fail "the page"

# Accepted A's first date, rejected their comparison, A's second date is to be corrected: with the mask, it is measured.
cat "$work/qc.tsv"
cp "$work"/ankle/post/truth_*_envelope.nii.gz "$work/corrected.nii.gz"
sed -i '/\tcorrect\t/s|n/a|corrected.nii.gz|' "$work/qc.tsv"
run 4 batch --exclude "$work/qc.tsv"; says '1 done, 2 kept'
grep -q '"method": "mask"' "$work/out/sub-A/ses-2post/report.json" || fail "the corrected mask was not measured"
if grep -q 'sub-A_ses-1pre_ses-2post' "$work/out/results/cases.tsv"; then fail "a rejected case is in the tables"; fi
