# Text from DICOM headers, in any character set, is escaped wherever it is written, and stays readable.
source tests/support/e2e.sh
need pdftotext
/usr/bin/python3 -c 'import pydicom' 2>/dev/null || skip "no pydicom"

cp -r sample-data/pre/dicom "$work/study"
/usr/bin/python3 tests/support/hostile_headers.py "$work/study"
run 0 "$TENO" analyze "$work/study" -o "$work/out" --identify --repeats 0 --write html,pdf,json,csv
page=$work/out/report.html
for text in 'Knöchel &quot;&lt;b onload=alert(1)&gt;&#39; &amp;amp;' '足関節&lt;/script&gt;&lt;script&gt;alert(2)&lt;/script&gt;' \
  'лодыжка 𝔘' '&lt;script&gt;^&quot;Jörg&quot;'; do
  grep -qF "$text" "$page" || fail "not on the page: $text"
done
! grep -qE '<script>alert|<b onload|Müller<script' "$page" || fail "a header became markup"
pdftotext "$work/out/report.pdf" "$work/text"
grep -qF 'Knöchel' "$work/text" || fail "the PDF lost its letters"
/usr/bin/python3 - "$work/out/report.json" <<'PY'
import json, sys
descriptions = {series["description"] for series in json.load(open(sys.argv[1], encoding="utf-8"))["series"]}
assert descriptions == {"Knöchel \"<b onload=alert(1)>' &amp;", "足関節</script><script>alert(2)</script>", "лодыжка 𝔘"}, descriptions
PY

# Without --identify nothing of the name is anywhere.
run 0 "$TENO" analyze "$work/study" -o "$work/out" --repeats 0 --write html,pdf,json,csv
! grep -rqiE 'Jörg|Yamada|山田' "$work/out" || fail "a name came through"
