# Progress: on a terminal the share done, the stage and the time left, never backwards; a pipe and --quiet see none of it.
source tests/support/e2e.sh
need script

phantom partial-inside
study=$work/partial-inside/baseline/dicom
terminal() { script -qec "$*" /dev/null </dev/null | tr '\r' '\n' >"$work/terminal"; } # what a terminal is sent

# So many repeats that it takes a few seconds on any machine.
terminal "$TENO" analyze "$study" -o "$work/out" --repeats 3000 --threads 1
grep -qE '[0-9]+ %  (preparing|outlining|tears and intervals|writing)' "$work/terminal" || fail "no share and stage: $(head -c 400 "$work/terminal")"
grep -q 'about [0-9]* s left' "$work/terminal" || fail "no time left"
grep -oE '[0-9]+ %  [a-z]' "$work/terminal" | awk '{ if ($1 < last) exit 1; last = $1 }' || fail "the share goes backwards"
grep -q 'results in' "$work/terminal" || fail "no result"

run 0 "$TENO" analyze "$study" -o "$work/out" --repeats 0
test ! -s "$work/stderr" || fail "a pipe got: $(cat "$work/stderr")"
terminal "$TENO" analyze "$study" -o "$work/out" --quiet --repeats 0
test ! -s "$work/terminal" || fail "--quiet said: $(cat "$work/terminal")"
run 0 "$TENO" analyze "$study" -o "$work/out" --verbose --repeats 0
for stage in reading preparing outlining 'tears and intervals' writing; do
  grep -qE "[0-9]+\.[0-9]+ s  $stage" "$work/stderr" || fail "--verbose does not time: $stage"
done
