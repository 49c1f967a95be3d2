"""hostile_headers.py FOLDER: gives the files below it descriptions and names that would run as a script, in three
character sets (Latin-1, Japanese by escape sequences, UTF-8), a series each."""
import pathlib
import sys
import warnings

import pydicom

warnings.filterwarnings("ignore")
TEXTS = [("ISO_IR 100", "Knöchel \"<b onload=alert(1)>' &amp;", 'Müller<script>^"Jörg"'),
         (["", "ISO 2022 IR 87"], "足関節</script><script>alert(2)</script>", "Yamada^Tarou=山田^太郎"),
         ("ISO_IR 192", "лодыжка 𝔘", 'Müller<script>^"Jörg"')]
series = {}
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if not path.is_file():
        continue
    dataset = pydicom.dcmread(path)
    charset, description, name = TEXTS[series.setdefault(dataset.SeriesInstanceUID, len(series)) % len(TEXTS)]
    dataset.SpecificCharacterSet = charset
    dataset.SeriesDescription = description
    dataset.PatientName = name
    dataset.save_as(path)
