# Trouble at night: a full disk, inputs that vanish, cases that are killed or too big, two batches at once. No finished
# result is lost, none half-written, none done twice.
source tests/support/e2e.sh
source tests/support/cohort.sh
fast=(--repeats 0 --write json,csv)
cohort_make "$work" 6
batch() { "$TENO" batch "$work/m.csv" -o "$1" --jobs 2 "${fast[@]}" "${@:2}"; }
run 0 batch "$work/whole"
# same_results OUT: all but the logs, which say where they lie, and the marks of the input files.
same_results() {
  local part
  for part in results qc sub-a0001 sub-a0002 sub-a0003 sub-a0004 sub-a0005 sub-a0006; do
    same_bytes "$work/whole/$part" "$1/$part"
  done
}
# whole_results OUT: what lies under its final name is complete.
whole_results() {
  local folder
  for folder in "$1"/sub-*/ses-*; do
    [ ! -d "$folder" ] || same_bytes "$folder" "$work/whole/${folder#"$1"/}"
  done
}

# Two at once: each case is done by one of them.
batch "$work/two" >"$work/first" 2>&1 &
run 0 batch "$work/two"
wait $!
done_of() { grep -o '^[0-9]* done' "$1" | cut -d' ' -f1; }
[ $(($(done_of "$work/first") + $(done_of "$work/stdout"))) = 6 ] ||
  fail "done twice: $(cat "$work/first" "$work/stdout")"
same_results "$work/two"

# The inputs of a finished case vanish: its result stays. Those of one that is not done: told, and done when they are back.
cp -r "$work/two" "$work/gone"
rm -r "$work"/gone/sub-a0002 "$work"/gone/state/sub-a0002*
mv "$work/raw" "$work/away"
mkdir "$work/raw"
run 4 batch "$work/gone"; says '5 kept from before, 1 failed'
grep -q 'sub-a0002_ses-pre.*INPUT: cannot be read' "$work/gone/results/cases.tsv" || fail "it is not told what vanished"
rmdir "$work/raw"
mv "$work/away" "$work/raw"
run 0 batch "$work/gone"; says '1 done, 5 kept'
same_results "$work/gone"

# Inputs that vanish under a running batch.
batch "$work/pulled" >/dev/null 2>&1 &
sleep 0.7
mv "$work/raw" "$work/away"
wait $! || true
whole_results "$work/pulled"
mv "$work/away" "$work/raw"
run 0 batch "$work/pulled" --retry-failed
same_results "$work/pulled"

# A case that is killed by hand, or may not have the memory, is a failed line; the others go on; --retry-failed does it.
batch "$work/shot" --repeats 400 >/dev/null 2>&1 &
victim=$!
for _ in $(seq 200); do
  child=$(pgrep -f "teno analyze .*$work/shot/" | head -n 1 || true)
  [ -n "$child" ] && break
  sleep 0.02
done
kill -SEGV "$child"
wait $victim && fail "a killed case is no failure"
[ "$(grep -c 'ended by signal 11' "$work/shot/results/cases.tsv")" = 1 ] || fail "not one case is told to have crashed"
[ "$(grep -c $'\t''failed'$'\t' "$work/shot/results/cases.tsv")" = 1 ] || fail "others failed with it"
run 4 batch "$work/shot" --repeats 400; says '0 done, 5 kept from before, 1 failed'
run 0 batch "$work/shot" --repeats 400 --retry-failed; says '1 done, 5 kept'
run 4 batch "$work/small" --memory 64; says '6 of 6 cases failed'
run 0 batch "$work/small" --retry-failed; says '6 done'
same_results "$work/small"

# A full disk: told, no result is half-written, and with room again it goes on.
mkdir "$work/disk"
room=$(($(du -sk "$work/whole" | cut -f1) * 6 / 10))k
if mount -t tmpfs -o size=$room tmpfs "$work/disk" 2>/dev/null; then
  trap 'umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
  status=0
  batch "$work/disk/out" >"$work/stdout" 2>"$work/stderr" || status=$?
  [ $status -eq 1 ] || [ $status -eq 4 ] || fail "a full disk ends with $status"
  grep -qi 'cannot\|full\|failed' "$work/stderr" || fail "a full disk is not told: $(cat "$work/stderr")"
  whole_results "$work/disk/out"
  n_before=$(ls -d "$work"/disk/out/sub-*/ses-* | wc -l)
  [ "$n_before" -gt 0 ] && [ "$n_before" -lt 6 ] || fail "the disk was not filled by some cases: $n_before done"
  mount -o remount,size=100m "$work/disk"
  run 0 batch "$work/disk/out" --retry-failed; says "$((6 - n_before)) done, $n_before kept"
  same_results "$work/disk/out"
else
  echo "no full disk could be made here: that part is skipped"
fi
