#!/usr/bin/env bash
# The report pages in a real browser. Needs what scripts/install-packages --test brings: Debian's chromium, and from npm
# what drives it.
set -euo pipefail
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || { echo "skipped: no $chromium (apt-get install chromium)"; exit 77; }
command -v node >/dev/null || { echo "skipped: no node"; exit 77; }
[ -d tests/browser/node_modules/playwright-core ] ||
  { echo "skipped: no node modules (npm --prefix tests/browser ci)"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The pages of made-up results with hostile headers: a partial tear, nothing assessable, two dates.
TENO_TEST_KEEP=$folder "$(dirname "$TENO")/tests/test_output" >/dev/null
CHROMIUM=$chromium node tests/browser/report.mjs "$folder/report.html" "$folder/not_assessable/report.html" \
  "$folder/compare/report.html"
