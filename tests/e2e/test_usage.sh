# Every wrong command line ends with status 2 and one message that names the mistake; help and version work everywhere.
source tests/support/e2e.sh

run 2 "$TENO" analyze; says 'too little input'
run 2 "$TENO" analyze in; says 'no folder for the results'
run 2 "$TENO" analyze in -o out --no-such; says "'--no-such'"
run 2 "$TENO" analyze in -o; says "no value for '-o'"
run 2 "$TENO" analyze in -o out --tendon elbow; says "unknown tendon 'elbow', known are: achilles"
run 2 "$TENO" analyze in -o out --side up; says "'up', wanted left or right"
run 2 "$TENO" analyze in -o out --seed achilles=1,2; says 'wanted NAME=x,y,z'
run 2 "$TENO" analyze in -o out --seed achilles=1,2,nan; says 'wanted NAME=x,y,z'
run 2 "$TENO" analyze in -o out --seed elbow=1,2,3; says "unknown tendon 'elbow'"
run 2 "$TENO" analyze in -o out --threads 0; says "'0', wanted a whole number from 1"
run 2 "$TENO" analyze in -o out --threads two; says "'two', wanted a whole number"
run 2 "$TENO" analyze in -o out --write json,papyrus; says "papyrus"
run 2 "$TENO" analyze in -o out --seeds "$work/absent.fcsv"; says 'absent.fcsv'
run 2 "$TENO" compare; says 'too little input'
run 2 "$TENO" no-such-command; says no-such-command

for command in analyze compare; do
  run 0 "$TENO" $command --help; says "usage: teno $command"; says 'exit status: 0 done'
  run 0 "$TENO" $command --version; says '^teno [0-9]'
done

# The configuration file: same keys, checked as strictly, and the command line wins.
config() { printf '%s' "$1" >"$work/config.json"; run 2 "$TENO" analyze in -o out --config "$work/config.json"; }
config '{"tendon": "elbow"}'; says "unknown tendon 'elbow'"
config '{"tendon": 5}'; says '"tendon" has the wrong type, wanted a text or a list of texts'
config '{"no-such": 1}'; says 'unknown key "no-such"'
config '{"threads": 0}'; says "'0', wanted a whole number"
config '[1]'; says 'not a JSON object'
config '{"tendon":'; says 'not readable as JSON.*line 1'
printf '{"tendon": "elbow", "seed": ["achilles=1,2"]}' >"$work/config.json"
run 2 "$TENO" analyze in -o out --config "$work/config.json" --tendon wrist; says "wanted NAME=x,y,z"
run 2 "$TENO" analyze in -o out --config "$work/config.json" --tendon wrist --seed achilles=1,2,3; says "unknown tendon 'wrist'"
run 2 "$TENO" analyze in -o out --config "$work/absent.json"; says 'absent.json'
