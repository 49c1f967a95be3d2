# Every transfer syntax that Debian's tools can write gives the pixels of the original or of the reference decoder.
source tests/support/e2e.sh
/usr/bin/python3 -c 'import numpy, pydicom' 2>/dev/null || skip "no pydicom and numpy here"
/usr/bin/python3 -W ignore tests/e2e/dicom_syntaxes.py "$work" "$PROGRAMS/dump_volumes"
