# Cohort tables from finished cases whose numbers are known; wanted values computed with SciPy (ttest_1samp, least squares).
source tests/support/e2e.sh
out=$work/out
mkdir -p "$out"/{results,state,qc,log}
printf 'case\tkind\tfolder\tsubject\ttimepoint\ttimepoint_post\tdate\tdate_post\tside\ttendon\tarm\ttherapy\tpair\n' \
  >"$out/results/cohort.tsv"

# subject SUBJECT ARM PRE POST VERDICT: a finished comparison; without PRE one that failed.
subject() {
  local name=sub-$1_ses-pre_ses-post folder=sub-$1/change_ses-pre_ses-post
  printf '%s\tcompare\t%s\t%s\tpre\tpost\tn/a\tn/a\tn/a\tn/a\t%s\tn/a\tn/a\n' "$name" "$folder" "$1" "$2" >>"$out/results/cohort.tsv"
  if [ $# -lt 3 ]; then echo '{"status": 1, "message": "x"}' >"$out/state/$name.json"; return; fi
  echo '{"status": 0, "message": ""}' >"$out/state/$name.json"
  mkdir -p "$out/$folder"
  {
    echo "subject,pre_date,post_date,therapy,side,tendon,tear,state,measure,pre,post,difference,percent,ci_low,ci_high,limit,verdict,unit"
    echo "s,2026-01-01,2026-06-01,,left,achilles,,,tear_volume_mm3,$3,$4,$(($4 - $3)),,,,50,$5,mm3"
    echo "s,2026-01-01,2026-06-01,,left,achilles,1,smaller,tear_volume_mm3,$3,$4,$(($4 - $3)),,,,50,$5,mm3"
  } >"$out/$folder/changes.csv"
}
subject a1 prp 400 300 decreased
subject a2 prp 500 350 decreased
subject a3 prp 300 290 no_detectable_change
subject a4 prp 450 380 decreased
subject a5 prp
subject b1 surgery 420 410 no_detectable_change
subject b2 surgery 380 390 no_detectable_change
subject b3 surgery 510 450 decreased
subject b4 surgery 350 345 no_detectable_change

run 0 "$TENO" group "$out"; says 'group_changes.tsv'
value() { # FILE ROW-PATTERN COLUMN
  awk -F'\t' -v pattern="$2" -v column="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) c = i; next }
    $0 ~ pattern { print $c; exit }' "$out/results/$1"
}
near() { # WANTED FILE ROW-PATTERN COLUMN
  local got; got=$(value "$2" "$3" "$4")
  awk -v got="$got" -v wanted="$1" 'BEGIN { d = got - wanted; exit !(got != "n/a" && d * d <= 1e-6 * wanted * wanted + 1e-12) }' ||
    fail "$4 of $3 is '$got', wanted $1"
}
near 4 group_changes.tsv prp n
near 1 group_changes.tsv prp n_missing
near -82.5 group_changes.tsv prp mean
near 58.5235 group_changes.tsv prp sd
near 75 group_changes.tsv prp percent_beyond_limit
near -2.81938 group_changes.tsv prp t
near 0.06677257 group_changes.tsv prp p
near 67.56615 group_between_arms.tsv surgery difference
near 0.01112397 group_between_arms.tsv surgery p
near 5 group_between_arms.tsv surgery df
[ -s "$out/results/plots/achilles_tear_volume_mm3_pre_post.png" ] || fail "no plot"
run 2 "$TENO" group "$work/absent"; says 'absent'

# A larger cohort with gaps, against pandas and SciPy: the snippet that the docs give, and every number of the tables.
/usr/bin/python3 -c 'import pandas, scipy' 2>/dev/null || skip "no pandas and SciPy here; the other checks passed"
/usr/bin/python3 tests/support/check_group.py make "$work/random"
run 0 "$TENO" group "$work/random"
/usr/bin/python3 tests/support/check_group.py check "$work/random"

# The R snippet, where R is there.
if command -v Rscript >/dev/null; then
  sed -n '/^```r$/,/^```$/p' docs/cohort.md | sed "/^\`\`\`/d; s|OUT/|$work/random/|" >"$work/snippet.R"
  Rscript "$work/snippet.R" >"$work/r.txt" || fail "the R snippet"
  wanted=$(awk -F'\t' '$2 == "tear_volume_mm3" && $4 == "platelet" { printf "%.3f", $20 }' "$work/random/results/group_changes.tsv")
  grep -q "t = ${wanted%??}" "$work/r.txt" || fail "R gives another t than $wanted: $(grep 't = ' "$work/r.txt")"
fi
