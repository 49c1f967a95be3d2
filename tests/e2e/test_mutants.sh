# A share of the seeded mutants of every transfer syntax; scripts/fuzz runs all 200,000.
source tests/support/e2e.sh
"$PROGRAMS/mutate_dicom" tests/fuzz/corpus/dicom_file 5000 1 || fail "see above"
