# What the end-to-end tests share; source it first. TENO names the program; exit 77 means skipped.
set -euo pipefail
: "${TENO:?names the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
need() { command -v "$1" >/dev/null || skip "no $1 here"; }

# run STATUS COMMAND...: runs it with its output in $work/stdout and $work/stderr, and wants that exit status.
run() {
  local wanted=$1 status=0
  shift
  "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  [ "$status" -eq "$wanted" ] || fail "$* ended with $status, wanted $wanted: $(head -c 600 "$work/stderr")"
  # Status and message agree: an error is told in exactly one line, success says nothing on standard error.
  if [ "$wanted" -ne 0 ]; then
    grep -q "^teno" "$work/stderr" || fail "$* ended with $status and told no error"
  fi
}
says() { grep -qE -- "$1" "$work/stderr" "$work/stdout" || fail "no '$1' in: $(head -c 600 "$work/stderr" "$work/stdout")"; }
# same_bytes A B: two folders hold the same files with the same bytes.
same_bytes() { diff -rq "$1" "$2" >"$work/difference" || fail "$1 and $2 differ: $(head -5 "$work/difference")"; }
# phantom CASE: makes a case of the digital ankle in $work/CASE, or skips where it cannot be made.
phantom() { [ -d "$work/$1" ] || "$TENO" phantom "$1" -o "$work/$1" >/dev/null || fail "phantom $1"; }
