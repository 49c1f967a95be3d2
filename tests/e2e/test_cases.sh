# Broken input, and what must be said about it: each folder of tests/cases holds
#   make       shell lines that make the input in the current folder; `slice NAME [DCMODIFY ARGUMENT]...` makes a slice
#   command    arguments of teno, run in that folder; {out} is the output folder
#   status     the exit status
#   message    lines that must be found (extended regular expressions)
# An output folder is left afterwards only when the status says that there are results, and no patient's name is told.
source tests/support/e2e.sh
need dump2dcm
dump2dcm -q tests/support/slice.dump "$work/slice.dcm"

# slice NAME ARGUMENT...: slice number n (counted) at z = 3 n mm.
slice() {
  n_slices=$((n_slices + 1))
  cp "$work/slice.dcm" "$1"
  dcmodify -nb -q -m SOPInstanceUID=2.25.100$n_slices -m "InstanceNumber=$n_slices" \
    -m "ImagePositionPatient=0\\0\\$((3 * n_slices))" "${@:2}" "$1"
}

case_check() {
  local folder=$PWD/$1 name out status=0 wanted n_slices=0
  name=$(basename "$folder") out="$work/out-$name"
  wanted=$(cat "$folder/status")
  mkdir "$work/$name" && cd "$work/$name"
  source "$folder/make"
  eval "timeout 60 \"\$TENO\" $(sed "s|{out}|$out|g" "$folder/command")" \
    >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  cd "$OLDPWD"
  [ "$status" -eq "$wanted" ] || { echo "$name: status $status, wanted $wanted: $(head -c 400 "$work/stderr")"; return 1; }
  while read -r line; do
    grep -qE -- "$line" "$work/stderr" || { echo "$name: no '$line' in: $(head -c 400 "$work/stderr")"; return 1; }
  done <"$folder/message"
  if grep -qi secret "$work/stderr" "$work/stdout"; then echo "$name: tells the patient's name or id"; return 1; fi
  case $wanted in
  0 | 5 | 6)
    [ -d "$out" ] || { echo "$name: status $wanted without results"; return 1; }
    if grep -rqi secret "$out" --exclude-dir=dicom; then echo "$name: results carry the patient's name or id"; return 1; fi ;;
  *) if compgen -G "$work/*out-$name*" >/dev/null; then echo "$name: half-written results are left"; return 1; fi ;;
  esac
}

failed=0
for folder in tests/cases/*/; do case_check "$folder" || failed=1; done
[ "$failed" -eq 0 ] || fail "see above"
