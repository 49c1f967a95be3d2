# Manual pages and completions: every option of --help is in both, and the shells and groff take them.
source tests/support/e2e.sh

commands=(inspect analyze compare batch group phantom)
for command in "${commands[@]}"; do
  run 0 "$TENO" manual "$command"
  cp "$work/stdout" "$work/page"
  "$TENO" "$command" --help | grep -oE -- '--[a-z-]+' | sort -u >"$work/options"
  test "$(wc -l <"$work/options")" -gt 2
  while read -r option; do
    grep -qF -- "${option//-/\\-}" "$work/page" || fail "$option is not in the manual page of $command"
  done <"$work/options"
  if command -v groff >/dev/null; then
    groff -man -Tutf8 -ww -z "$work/page" 2>"$work/warnings"
    test ! -s "$work/warnings" || fail "groff on $command: $(cat "$work/warnings")"
  fi
done
run 0 "$TENO" manual; says 'EXIT STATUS'
run 2 "$TENO" manual elbow; says "'elbow'"
run 2 "$TENO" completion fish; says 'completion bash'

# What bash offers for a line that was typed so far.
eval "$("$TENO" completion bash)"
offers() {
  COMP_WORDS=(teno "$@") COMP_CWORD=$#
  _teno
  printf '%s\n' "${COMPREPLY[@]}"
}
offers an | grep -qx analyze || fail "no command is offered"
offers analyze --te | grep -qx -- --tendon || fail "no option is offered"
offers analyze --tendon ach | grep -qx achilles || fail "no tendon is offered"
offers compare --write j | grep -qx json || fail "no kind is offered"
offers phantom partial-h | grep -qx partial-high || fail "no case is offered"
offers analyze tests/e2e/test_man | grep -qx tests/e2e/test_manual.sh || fail "no file is offered"
test -z "$(offers inspect --mas)" || fail "an option of another command is offered"

"$TENO" completion zsh >"$work/_teno"
for command in "${commands[@]}"; do grep -q "^    $command)" "$work/_teno" || fail "$command is not in zsh's completion"; done
if command -v zsh >/dev/null; then zsh -n "$work/_teno"; fi
