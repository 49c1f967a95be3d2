# A comparison of finished analyses gives the bytes of one that analyses both dates, without doing that again.
source tests/support/e2e.sh
for date in pre post; do
  cp -r sample-data/$date "$work/raw-$date"
  run 0 "$TENO" analyze "$work/raw-$date/dicom" -o "$work/$date" --repeats 4 --write json
done
pictures=(--write png,json,csv) numbers=(--write json,csv)
run 0 "$TENO" compare sample-data/pre/dicom sample-data/post/dicom -o "$work/wanted" --repeats 4 "${pictures[@]}"
run 0 "$TENO" compare sample-data/pre/dicom sample-data/post/dicom -o "$work/numbers" --repeats 4 "${numbers[@]}"

# compared HOW MANY DATES ARE OUTLINED, ARGUMENT...
compared() {
  rm -rf "$work/got"
  run 0 "$TENO" compare "$work/pre" "$work/post" -o "$work/got" --verbose "${@:2}"
  [ "$(grep -c outlining "$work/stderr" || true)" = "$1" ] || fail "not $1 dates were outlined: $(cat "$work/stderr")"
}
compared 0 "${pictures[@]}"
same_bytes "$work/wanted" "$work/got"

# Damaged or missing: analysed again, and the same bytes.
kept=$work/pre/analysis.bin.gz
cp "$kept" "$work/kept"
damaged() { compared 1 "${numbers[@]}"; same_bytes "$work/numbers" "$work/got"; cp "$work/kept" "$kept"; }
printf 'x' | dd of="$kept" bs=1 seek=20000 conv=notrunc status=none; damaged
rm "$kept"; damaged

# Another tendon than it was made with: analysed anew.
"$TENO" compare "$work/pre" "$work/post" -o "$work/got" --tendon fhl --verbose "${numbers[@]}" >/dev/null 2>"$work/stderr" ||
  true # whether it is found does not matter here
grep -q outlining "$work/stderr" || fail "another tendon was not looked for"

# The images have moved: said where they are, or an error that names where they were.
mkdir "$work/moved"
mv "$work"/raw-* "$work/moved"
run 1 "$TENO" compare "$work/pre" "$work/post" -o "$work/got"; says 'no longer at'
compared 0 "${numbers[@]}" --images "$work/moved/raw-pre" --images "$work/moved/raw-post"
same_bytes "$work/numbers" "$work/got"
