# A batch gives the bytes of single runs, goes on where it was killed, does nothing twice, and names what failed.
source tests/support/e2e.sh
fast=(--repeats 0 --write json,csv)

# Two small dates of one ankle, and three faults.
cat >"$work/ankle.json" <<S
{"seed": 5, "visits": [{"name": "pre", "date": "20250114"}, {"name": "post", "date": "20250614"}],
 "series": [{"protocol": "ax_t2_fs", "matrix": 192, "slices": 24, "thickness_mm": 4, "fov_mm": 120}]}
S
"$TENO" phantom "$work/ankle.json" -o "$work/ankle" >/dev/null
pre=$work/ankle/pre/dicom post=$work/ankle/post/dicom
mkdir "$work/empty" "$work/broken"
some_file=$(find "$pre" -type f | sort | head -n 1)
head -c 200 "$some_file" >"$work/broken/IM1"
cp -r "$pre" "$work/moving"
cat >"$work/m.csv" <<M
subject,timepoint,path,therapy,arm,age
A-01,pre,$pre,"PRP, twice",platelet,44
A-01,post,$post,"PRP, twice",platelet,44
B2,pre,moving,,surgery,51
C3,pre,empty,,surgery,60
D4,pre,broken,,surgery,61
E5,pre,absent,,surgery,62
M
batch() { "$TENO" batch "$work/m.csv" -o "$1" "${fast[@]}" "${@:2}"; }

run 0 batch "$work/dry" --dry-run
says 'sub-A01_ses-pre_ses-post'; says 'sub-C3: one date only'
[ ! -e "$work/dry" ] || fail "a dry run wrote something"

run 4 batch "$work/one" --jobs 1
says '3 of 7 cases failed'
"$TENO" analyze "$pre" -o "$work/single" "${fast[@]}" --quiet
same_bytes "$work/single" "$work/one/sub-A01/ses-pre"
status=0 # so coarse a pair may be found not comparable (5): the bytes are what counts here
"$TENO" compare "$pre" "$post" -o "$work/pair" "${fast[@]}" --therapy "PRP, twice" --quiet || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 5 ] || fail "compare: exit $status"
same_bytes "$work/pair" "$work/one/sub-A01/change_ses-pre_ses-post"
for name in C3 D4 E5; do
  grep -q "^sub-${name}_ses-pre.*failed" "$work/one/results/cases.tsv" || fail "$name is not named as failed"
  [ -s "$work/one/log/err.sub-${name}_ses-pre.txt" ] || fail "no error log of $name"
done
grep -q 'PRP, twice' "$work/one/results/measurements.tsv" || fail "the therapy is not carried through"
if grep -rq "$work/ankle" "$work/one/results" "$work/one/state" "$work/one/qc"; then fail "paths in the tables"; fi

# Again: everything is kept, nothing is rewritten.
stamp() { stat -c '%n %i %Z' "$work/one"/sub-*/ses-*/report.json; }
stamp >"$work/before"
run 4 batch "$work/one"; says '0 done, 4 kept'
stamp | cmp -s - "$work/before" || fail "a finished case was done again"

# By content, not by time: touched is kept, changed is done again, and so is everything for another option.
find "$work/moving" -type f -exec touch {} +
run 4 batch "$work/one"; says '0 done, 4 kept'
rm "$work/moving/${some_file#"$pre"/}"
run 4 batch "$work/one"; says '1 done, 3 kept'
run 4 batch "$work/one" --random-seed 2; says '4 done, 0 kept'

# Killed at any moment and resumed, and two at once on one folder: the same bytes as in one go.
run 4 batch "$work/whole"
for pause in 0.05 0.3 0.7 1.2 2; do
  (exec "$TENO" batch "$work/m.csv" -o "$work/killed" --jobs 2 "${fast[@]}") >/dev/null 2>&1 &
  victim=$! # the batch itself, not a shell around it
  sleep $pause
  kill -9 $victim 2>/dev/null || true
  wait $victim 2>/dev/null || true
done
batch "$work/killed" >/dev/null 2>&1 &
run 4 batch "$work/killed"
wait $! || true
run 4 batch "$work/killed"; says '0 done, 4 kept'
for part in results qc state sub-A01 sub-B2; do same_bytes "$work/whole/$part" "$work/killed/$part"; done
if find "$work/killed" -name '*partial*' | grep -q .; then fail "half-written files are left"; fi

# Shards are of whole subjects; the last to end merges them.
for i in 1 2; do run 4 batch "$work/shards" --shard $i/3; says 'other shards are not done'; done
run 4 batch "$work/shards" --shard 3/3; says 'tables in'
same_bytes "$work/whole/results" "$work/shards/results"

# Limits: a case that may not take the memory or the time is one line in the table.
printf 'subject,timepoint,path\nA,1,%s\n' "$pre" >"$work/small.csv"
run 4 "$TENO" batch "$work/small.csv" -o "$work/time" --time 1 --repeats 5000
grep -q 'time limit' "$work/time/results/cases.tsv" || fail "the time limit is not named"

# A person's verdicts.
printf 'case\tverdict\tmask\nsub-A01_ses-post\treject\tn/a\n' >"$work/qc.tsv"
run 4 batch "$work/one" --random-seed 2 --exclude "$work/qc.tsv"; says '0 done, 2 kept'
if grep -q 'sub-A01_ses-pre_ses-post' "$work/one/results/cases.tsv"; then fail "a rejected study was compared"; fi

# Bad manifests are told with their row.
manifest() { printf "$1" >"$work/bad.csv"; run 2 "$TENO" batch "$work/bad.csv" -o "$work/bad"; }
manifest 'subject,path\nA,x\n'; says "no column 'timepoint'"
manifest 'subject,timepoint,path\nA,1,x\nA,1,y\n'; says 'rows 2 and 3 are both sub-A_ses-1'
manifest 'subject,timepoint,path\n"A,1,x\n'; says 'a quote is never closed'
manifest 'subject,timepoint,path,side\nA,1,x,up\n'; says "neither left nor right: 'up'"
manifest 'subject,timepoint,path,date\nA,1,x,yesterday\n'; says "date is not YYYY-MM-DD: 'yesterday'"
run 2 "$TENO" batch "$work/small.csv" -o "$work/bad" --shard 4/3; says "'4/3', wanted i/n"
run 2 "$TENO" batch "$work/small.csv" -o "$work/bad" --write json; says 'wanted csv among the kinds'
