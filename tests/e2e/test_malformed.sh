# Damaged files, each by itself: no crash, no hang over 5 s, a status below 4 and an error that names it.
source tests/support/e2e.sh
folder=../shared/data/malformed
[ -d "$folder" ] || skip "no $folder here"
count=0
while IFS= read -r file; do
  status=0
  timeout 5 "$TENO" inspect --json "$file" >"$work/stdout" 2>"$work/stderr" || status=$?
  [ "$status" -le 3 ] || fail "$file: status $status"
  [ "$status" -eq 0 ] || grep -q '^teno inspect: ' "$work/stderr" || fail "$file: status $status without an error"
  count=$((count + 1))
done < <(find "$folder" -type f)
[ "$count" -ge 300 ] || fail "only $count files found"
run 3 "$TENO" inspect "$folder"; says 'no MR image'
run 3 "$TENO" analyze "$folder" -o "$work/out"
[ ! -e "$work/out" ] || fail "something was written"
echo "$count files"
