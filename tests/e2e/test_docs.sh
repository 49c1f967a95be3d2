# What the tutorial and the validation page show is what the commands print today.
source tests/support/e2e.sh

[ -x /usr/bin/python3 ] || skip "no /usr/bin/python3"
scripts/docs --check
