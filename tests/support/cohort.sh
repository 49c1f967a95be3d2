# A cohort of small digital ankles with planted faults; source it after e2e.sh.

# cohort_make FOLDER N: N studies a0001 ... as FOLDER/raw/NAME, and FOLDER/m.csv.
cohort_make() {
  local i name
  mkdir -p "$1/raw"
  echo subject,timepoint,path,arm >"$1/m.csv"
  for ((i = 1; i <= $2; i++)); do
    name=$(printf 'a%04d' "$i")
    cat >"$1/spec.json" <<S
{"seed": $i, "series": [{"protocol": "ax_pd", "matrix": 160, "slices": 20, "thickness_mm": 4, "fov_mm": 120}]}
S
    "$TENO" phantom "$1/spec.json" -o "$1/raw/$name" >/dev/null
    echo "$name,pre,raw/$name,arm$((i % 2))" >>"$1/m.csv"
  done
}

each_file() { find "$1" -path '*/dicom/*' -type f -print0 | xargs -0 "${@:2}"; }

# cohort_spoil FOLDER: ten more studies, each with a fault of its own, named f-WHAT.
cohort_spoil() {
  local raw=$1/raw good what
  good=$raw/a0001
  for what in truncated emptied geometry spacing bomb deflated missing text modality knee; do
    case $what in
    missing) ;;
    text) mkdir "$raw/f-text"; for i in 1 2 3; do echo "no image" >"$raw/f-text/IM$i.dcm"; done ;;
    knee) "$TENO" phantom knee -o "$raw/f-knee" >/dev/null ;;
    *) cp -r "$good" "$raw/f-$what" ;;
    esac
    case $what in
    truncated) each_file "$raw/f-truncated" truncate -s -20000 ;;
    emptied) each_file "$raw/f-emptied" truncate -s 0 ;;
    geometry) each_file "$raw/f-geometry" dcmodify -nb -q -m 'ImageOrientationPatient=1\0\0\1\0\0' ;;
    spacing) each_file "$raw/f-spacing" dcmodify -nb -q -m 'PixelSpacing=0\0' ;;
    bomb) each_file "$raw/f-bomb" dcmodify -nb -q -m Rows=65535 -m Columns=65535 ;;
    deflated) each_file "$raw/f-deflated" /usr/bin/python3 tests/support/make_bomb.py ;;
    modality) each_file "$raw/f-modality" dcmodify -nb -q -m Modality=CT -m SOPClassUID=1.2.840.10008.5.1.4.1.1.2 ;;
    esac
    echo "f-$what,pre,raw/f-$what,arm0" >>"$1/m.csv"
  done
}
