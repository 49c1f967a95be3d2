# A watched folder: studies are taken when they have stopped growing, and again when slices come later.
source tests/support/e2e.sh
cat >"$work/ankle.json" <<S
{"seed": 5, "visits": [{"name": "pre", "date": "20250114"}, {"name": "post", "date": "20250614"}],
 "series": [{"protocol": "ax_t2_fs", "matrix": 192, "slices": 24, "thickness_mm": 4, "fov_mm": 120}]}
S
"$TENO" phantom "$work/ankle.json" -o "$work/ankle" >/dev/null
mkdir "$work/in"
fast=(--repeats 0 --write json,csv)
watcher=
watch() {
  "$TENO" batch --watch "$work/in" -o "$work/out" --settle 1 "${fast[@]}" >>"$work/told" 2>&1 &
  watcher=$!
}
trap 'kill $watcher 2>/dev/null || true; rm -rf "$work"' EXIT
# wait_for WHAT COMMAND...: tries it for two minutes.
wait_for() {
  for _ in $(seq 600); do
    "${@:2}" >/dev/null 2>&1 && return
    kill -0 $watcher 2>/dev/null || fail "the watcher ended: $(tail -n 3 "$work/told")"
    sleep 0.2
  done
  fail "never $1: $(tail -n 3 "$work/told")"
}
told() { [ "$(grep -c -- "$1" "$work/told")" -ge "${2:-1}" ]; }
: >"$work/told"
watch
cp -r "$work/ankle/pre/dicom" "$work/in/first"
wait_for 'took the first study' told '^1 studies, 0 pairs'

# A study that keeps growing is left alone for a while; when it rests it is compared with the first.
mkdir "$work/in/second"
for file in $(find "$work/ankle/post/dicom" -type f | sort | head -n 20); do cp "$file" "$work/in/second/"; sleep 0.1; done
wait_for 'compared the second' told '^3 done\|^2 done, 1 kept'

# Late slices: done again, and in the end the same as if all had been there from the beginning.
rm "$work"/in/second/*
cp -r "$work/ankle/post/dicom/." "$work/in/second/"
run 0 "$TENO" batch "$work/in" -o "$work/whole" "${fast[@]}"
wait_for 'the same as in one go' diff -r "$work/whole/results" "$work/out/results"
for folder in "$work"/whole/sub-*; do same_bytes "$folder" "$work/out/${folder##*/}"; done
kill $watcher; wait $watcher 2>/dev/null || true

# Started again: nothing is done twice. What left the folder keeps its results.
stat -c '%n %i' "$work"/out/sub-*/*/log.txt >"$work/before"
rm -r "$work/in/second"
: >"$work/told"
watch
wait_for 'looked again' told '^0 done, 1 kept'
stat -c '%n %i' "$work"/out/sub-*/*/log.txt | cmp -s - "$work/before" || fail "a finished case was done again"
same_bytes "$work/whole/results" "$work/out/results" # a study that left is not lost
kill $watcher; wait $watcher 2>/dev/null || true

run 2 "$TENO" batch --watch "$work/in" -o "$work/in/out"; says 'lies in the watched folder'
run 2 "$TENO" batch -o "$work/out"; says 'wanted one of'
run 2 "$TENO" batch --watch "$work/in" "$work/in" -o "$work/out"; says 'wanted one of'
