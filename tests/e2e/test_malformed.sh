# 346 damaged files: none crashes or hangs the program, alone or together, and the status is one of the documented ones.
source tests/support/e2e.sh
malformed=../shared/data/malformed
[ -d "$malformed" ] || skip "no $malformed here"

limit=4000000
(ulimit -v $limit; exec "$TENO" --version) >/dev/null 2>&1 || limit=unlimited # sanitizers want the whole address space
run 3 timeout 60 "$TENO" analyze "$malformed" -o "$work/all"
for file in "$malformed"/*/*.dcm; do
  status=0
  (ulimit -v $limit; exec timeout 10 "$TENO" analyze "$file" -o "$work/one" --quiet) >"$work/stdout" 2>"$work/stderr" || status=$?
  case $status in
  2 | 3) ;;
  *) fail "$file ended with $status: $(head -c 300 "$work/stderr")" ;;
  esac
  [ ! -e "$work/one" ] || fail "$file left results"
done
