# Many studies, ten of them spoilt: the others have the bytes of single runs, each fault is named, and killed at twenty
# moments and resumed the end is the same. COHORT_STUDIES: how many in all (default 22); COHORT_JOBS.
source tests/support/e2e.sh
source tests/support/cohort.sh
need dcmodify
n=${COHORT_STUDIES:-22} jobs=${COHORT_JOBS:-2}
fast=(--repeats 2 --write json,csv)
cohort_make "$work" $((n - 10))
cohort_spoil "$work"
batch() { "$TENO" batch "$work/m.csv" -o "$1" --jobs "$jobs" "${fast[@]}" "${@:2}"; }

run 4 batch "$work/whole"
tail -n 2 "$work/stdout"
[ "$(grep -c $'\tdone\t' "$work/whole/results/cases.tsv")" -gt $(((n - 10) / 2)) ] || fail "few of the ankles were measured"
outcome() { awk -F'\t' -v name="sub-$1_ses-pre" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $1 == name { print $at["outcome"] ": " $at["message"] }' "$work/whole/results/cases.tsv"; }

# wanted WHAT PATTERN: the fault is told in one line that says what is wrong.
wanted() {
  local got; got=$(outcome "f$1")
  grep -qE -- "$2" <<<"$got" || fail "f-$1 is '$got', wanted $2"
  echo "f-$1 $got"
}
wanted truncated '^failed: .*cut off: [0-9]+ bytes of pixels'
wanted emptied '^failed: .*not a DICOM file'
wanted geometry '^not_assessable: .*Image Orientation is no rotation'
wanted spacing '^not_assessable: .*no valid Pixel Spacing'
wanted bomb '^failed: .*matrix is 65535 x 65535'
wanted deflated '^failed: .*memory'
wanted missing '^failed: INPUT: cannot be read'
wanted text '^failed: .*not a DICOM file'
wanted modality '^failed: .*CT image'
wanted knee '^not_assessable: '

for ((i = 1; i <= n - 10; i++)); do
  name=$(printf 'a%04d' "$i") status=0
  "$TENO" analyze "$work/raw/$name" -o "$work/single" "${fast[@]}" --quiet 2>/dev/null || status=$?
  [ $status -eq 0 ] || [ $status -eq 6 ] || fail "$name alone ends with $status"
  same_bytes "$work/single" "$work/whole/sub-$name/ses-pre"
done
echo "$((n - 10)) results have the bytes of single runs"

# Killed at twenty moments: what is there is whole, what was finished is not done again.
RANDOM=20 n_killed=0
for kill in $(seq 20); do
  (exec "$TENO" batch "$work/m.csv" -o "$work/killed" --jobs "$jobs" "${fast[@]}") >/dev/null 2>&1 &
  victim=$! # the batch itself, not a shell around it
  sleep "$((RANDOM % 3)).$((RANDOM % 10))"
  kill -9 $victim 2>/dev/null && n_killed=$((n_killed + 1))
  wait $victim 2>/dev/null || true
  sleep 0.1
  for folder in "$work"/killed/sub-*/ses-*; do
    [ ! -d "$folder" ] || same_bytes "$folder" "$work/whole/${folder#"$work"/killed/}"
  done
  for state in "$work"/killed/state/*.json; do
    [ -f "$state" ] || continue
    name=$(basename "$state" .json) record=$work/inode.$(basename "$state")
    folder=$work/killed/${name%%_*}/${name#*_}
    if [ -f "$record" ]; then
      [ "$(cat "$record")" = "$(stat -c %i "$folder/log.txt" 2>/dev/null)" ] || fail "$name was done twice"
    else
      stat -c %i "$folder/log.txt" >"$record" 2>/dev/null || true
    fi
  done
done
echo "killed $n_killed times; finished when the last kill came: $(ls "$work/killed/state" | grep -c 'json$' || true) of $n"
[ "$n_killed" -gt 5 ] || fail "it was done before it could be killed"
run 4 batch "$work/killed"
for part in "$work"/whole/*; do
  part=${part##*/}
  [ "$part" = log ] || same_bytes "$work/whole/$part" "$work/killed/$part" # logs say where their OUT lies
done
diff <(ls "$work/whole/log") <(ls "$work/killed/log") || fail "other logs"
if find "$work/killed" -name '*partial*' | grep -q .; then fail "half-written files are left"; fi
