#!/usr/bin/env bash
# The checker of histories catches made-up bad ones.
set -uo pipefail
check=$(dirname "$0")/check_history.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
mkdir "$work/sent"
for id in a b c d; do echo "{\"event_id\":\"$id\",\"status\":\"ORIGINAL\"}"; done >"$work/sent/1103.ndjson"
judge() { # what, expected words, acknowledged ids, then log lines "id subject"
  local what=$1 expected=$2
  printf '%s\n' $3 >"$work/acknowledged"
  shift 3
  local offset=0 entry
  for entry in "$@"; do echo "0 $((offset++)) ${entry% *} 1103 7 ${entry#* }"; done >"$work/log"
  local said code=0
  said=$("$check" "$work/sent" "$work/acknowledged" "$work/log") || code=1
  if [ "$said" != "$expected" ] || { [ "$expected" = "lost 0, reordered 0, foreign 0" ] && [ $code != 0 ]; } ||
    { [ "$expected" != "lost 0, reordered 0, foreign 0" ] && [ $code = 0 ]; }; then
    echo "FAILED: $what: expected '$expected', it says '$said' and ends with $code" >&2
    failures=1
  fi
}
judge "a good one" "lost 0, reordered 0, foreign 0" "a b c" "a x" "b y" "c x" "d y"
judge "sent again" "lost 0, reordered 0, foreign 0" "a b c" "a x" "b x" "a x" "b x" "c x"
judge "other subjects in between" "lost 0, reordered 0, foreign 0" "a b c" "b y" "a x" "c x"
judge "a lost one" "lost 1, reordered 0, foreign 0" "a b c" "a x" "c x"
judge "two changed places" "lost 0, reordered 1, foreign 0" "a b c" "b x" "a x" "c x"
judge "one nobody sent" "lost 0, reordered 0, foreign 1" "a" "a x" "z x"
exit $failures
