# Stacks of every orientation and oddity, folders of every kind: the affine of dcm2niix, or the reason for refusing.
source tests/support/e2e.sh
/usr/bin/python3 -c 'import numpy, pydicom, nibabel' 2>/dev/null || skip "no pydicom, numpy and nibabel here"
/usr/bin/python3 -W ignore tests/e2e/dicom_geometry.py "$work" "$TENO" "$PROGRAMS/dump_volumes"
