"""Every data set of FOLDER... has an equal one in BACK: compare_datasets.py BACK FOLDER... Pixels are compared decoded,
because an archive may transcode; file meta headers are the archive's own."""
import os
import sys

import pydicom


def load(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            d = pydicom.dcmread(os.path.join(root, name))
            found[d.SOPInstanceUID] = d
    return found


back = load(sys.argv[1])
sent = {uid: d for folder in sys.argv[2:] for uid, d in load(folder).items()}
assert sent.keys() == back.keys(), f"sent {len(sent)}, got {len(back)}"
for uid, d in sent.items():
    same_syntax = d.file_meta.TransferSyntaxUID == back[uid].file_meta.TransferSyntaxUID
    for element in d:
        other = back[uid].get(element.tag)
        if element.tag == 0x7FE00010 and not same_syntax:
            continue
        assert other is not None and element.value == other.value, f"{uid}: {element.name} differs"
print(f"{len(sent)} data sets are equal")
