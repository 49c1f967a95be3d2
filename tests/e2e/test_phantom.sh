#!/usr/bin/env bash
# The phantom's files: same bytes for any number of threads, valid DICOM (plain and compressed), errors that help.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/spec.json" <<'JSON'
{"seed": 5, "side": "right", "vendor": "ge", "series": [{"protocol": "ax_pd", "matrix": 96, "slices": 5}, {"protocol": "sag_stir", "matrix": 96, "slices": 4}],
 "tears": [{"kind": "intrasubstance", "s_mm": 30}]}
JSON
for threads in 1 3; do OMP_NUM_THREADS=$threads "$TENO" phantom "$work/spec.json" -o "$work/t$threads"; done
diff -r "$work/t1" "$work/t3" || { echo "the bytes depend on the number of threads"; exit 1; }
test "$(find "$work/t1/baseline/dicom" -type f | wc -l)" = 9

for kind in none rle jpeg-lossless jpeg-ls; do
  sed "s/\"seed\": 5/\"seed\": 5, \"compression\": \"$kind\"/" "$work/spec.json" >"$work/$kind.json"
  "$TENO" phantom "$work/$kind.json" -o "$work/$kind"
done
sed 's/"seed": 5/"seed": 5, "enhanced": true/' "$work/spec.json" >"$work/enhanced.json"
"$TENO" phantom "$work/enhanced.json" -o "$work/enhanced"
if command -v dciodvfy >/dev/null; then
  for kind in none rle jpeg-lossless jpeg-ls enhanced; do
    for file in "$work/$kind"/baseline/dicom/*/IM0001; do
      dciodvfy "$file" >"$work/log" 2>&1 || { echo "$kind: not valid"; grep Error "$work/log"; exit 1; }
    done
  done
fi

"$TENO" inspect "$work/enhanced" | grep -q "96 x 96 x 4" || { echo "the enhanced file is not read"; exit 1; }
printf '{"seed": 5, "tears": [{"kind": "sideways"}]}' >"$work/bad.json"
if "$TENO" phantom "$work/bad.json" -o "$work/bad" 2>"$work/log"; then echo "a bad spec was taken"; exit 1; fi
grep -q "sideways" "$work/log"
test ! -e "$work/bad"
