# Broken input, and what must be said about it: each folder of tests/cases holds
#   command   arguments of teno; {case} is the folder's working copy, {out} the output folder
#   status    the exit status
#   message   lines that must be found (regular expressions)
#   *.dump    made into DICOM files of that name by dump2dcm before; other files are copied as they are
# An output folder is left afterwards only when the status says that there are results.
source tests/support/e2e.sh
need dump2dcm

case_check() {
  local folder=$1 name case out status=0 wanted
  name=$(basename "$folder") case="$work/$name" out="$work/out-$name"
  wanted=$(cat "$folder/status")
  cp -r "$folder" "$case"
  rm -f "$case"/{command,status,message}
  for dump in "$case"/*.dump; do
    [ -e "$dump" ] || continue
    dump2dcm -q "$dump" "${dump%.dump}"
    rm "$dump"
  done
  eval "timeout 60 \"\$TENO\" $(sed "s|{case}|$case|g; s|{out}|$out|g" "$folder/command")" \
    >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  [ "$status" -eq "$wanted" ] || { echo "$name: status $status, wanted $wanted: $(head -c 400 "$work/stderr")"; return 1; }
  while read -r line; do
    grep -qE -- "$line" "$work/stderr" || { echo "$name: no '$line' in: $(head -c 400 "$work/stderr")"; return 1; }
  done <"$folder/message"
  case $wanted in
  0 | 5 | 6) [ -d "$out" ] || { echo "$name: status $wanted without results"; return 1; } ;;
  *) if compgen -G "$work/*out-$name*" >/dev/null; then echo "$name: half-written results are left"; return 1; fi ;;
  esac
}

failed=0
for folder in tests/cases/*/; do case_check "$folder" || failed=1; done
[ "$failed" -eq 0 ] || fail "see above"
