#!/usr/bin/env bash
# A real knee: from one seed the patellar tendon is followed over its length, whichever part of it the seed lies in;
# without a seed nothing is measured that looks like an Achilles tendon.
set -euo pipefail
data=../shared/data/knee-mese
[ -d "$data" ] || { echo "skipped: no $data here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for seed in -94.41,-65.52,-25.04 -95.42,-61.02,-31.12 -96.40,-57.16,-37.22; do
  "$TENO" analyze "$data" --tendon patellar --seed "patellar=$seed" --repeats 0 --write json --quiet -o "$work/at$seed"
done
status=0
"$TENO" analyze "$data" --repeats 0 --write json --quiet -o "$work/achilles" 2>/dev/null || status=$?
[ "$status" -eq 6 ] || { echo "an Achilles tendon in a knee: exit $status, wanted 6"; exit 1; }

/usr/bin/python3 - "$work" <<'PYTHON'
import glob, json, sys
tendons = [json.load(open(path))["tendons"][0] for path in glob.glob(sys.argv[1] + "/at*/report.json")]
volumes = [t["tendon_volume_mm3"]["value"] for t in tendons]
for t in tendons:
    assert t["status"] == "measured", t["reason"]
    assert t["length_mm"]["value"] >= 40, t["length_mm"]
    middle = [row["thickness_mm"] for row in t["profile"]][len(t["profile"]) // 4: len(t["profile"]) // 2]
    assert 3 < sum(middle) / len(middle) < 11, middle
print("volumes from three seeds, mm3:", volumes)
assert max(volumes) <= 1.10 * min(volumes), volumes
PYTHON
