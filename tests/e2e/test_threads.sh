# Same input, same bytes, for any number of threads: every file of analyze and compare.
source tests/support/e2e.sh
[ -d sample-data/pre ] || skip "no sample-data here"

for threads in 1 2 3 8; do
  "$TENO" analyze sample-data/pre/dicom -o "$work/analyze$threads" --threads $threads --quiet || fail "analyze with $threads threads"
  "$TENO" compare sample-data/pre/dicom sample-data/post/dicom -o "$work/compare$threads" --threads $threads --quiet ||
    fail "compare with $threads threads"
  same_bytes "$work/analyze1" "$work/analyze$threads"
  same_bytes "$work/compare1" "$work/compare$threads"
done
[ "$(find "$work/analyze1" -type f | wc -l)" -gt 3 ] || fail "next to nothing was written"
