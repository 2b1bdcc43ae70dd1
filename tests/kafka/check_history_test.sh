#!/usr/bin/env bash
# The checkers of histories and answers catch made-up bad ones.
set -uo pipefail
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
judge() { # WHAT good|bad WORDS COMMAND...: what the command should print, and whether it should fail
  local said outcome=good
  said=$("${@:4}" 2>/dev/null) || outcome=bad
  [ "$said" = "$3" ] && [ $outcome = "$2" ] && return
  echo "FAILED: $1: expected '$3' and $2, it says '$said' and $outcome" >&2
  failures=1
}

mkdir "$work/sent"
for id in a b c d; do echo "{\"event_id\":\"$id\",\"status\":\"EVENT_STATUS_ORIGINAL\"}"; done >"$work/sent/1103.ndjson"
history() { # WHAT good|bad WORDS ACKNOWLEDGED SEEN, then log lines "id subject"
  local what=$1 outcome=$2 words=$3 seen=$5 offset=0 entry
  printf '%s\n' $4 >"$work/acknowledged"
  shift 5
  for entry in "$@"; do echo "0 $((offset++)) ${entry% *} 1103 7 ${entry#* }"; done >"$work/log"
  judge "$what" "$outcome" "$words" "$here/check_history.sh" "$work/sent" "$work/acknowledged" "$work/log" "$seen"
}
none="lost 0, reordered 0, foreign 0, unseen 0"
history "a good one" good "$none" "a b c" 4 "a x" "b y" "c x" "d y"
history "sent again" good "$none" "a b c" 5 "a x" "b x" "a x" "b x" "c x"
history "other subjects in between" good "$none" "a b c" 3 "b y" "a x" "c x"
history "not acknowledged, not answered" good "$none" "a b" 2 "a x" "b x" "c x"
history "a lost one" bad "lost 1, reordered 0, foreign 0, unseen 0" "a b c" 2 "a x" "c x"
history "two changed places" bad "lost 0, reordered 1, foreign 0, unseen 0" "a b c" 3 "b x" "a x" "c x"
history "one nobody sent" bad "lost 0, reordered 0, foreign 1, unseen 0" "a" 2 "a x" "z x"
history "an unseen one" bad "lost 0, reordered 0, foreign 0, unseen 1" "a b c" 2 "a x" "b x" "c x"

# The truth of this register: the value is the sum of the position.
answer() {
  [ "$1" = - ] && { echo '{ "value": 0 }'; return; }
  printf '{ "position": "%02x%02x0000", "fresh_at": "2024-01-%02dT00:00:00Z", "value": %d }\n' "${1%/*}" "${1#*/}" $((RANDOM % 28 + 1)) "$2"
}
truth() { answer "$((16#${1:0:2}))/$((16#${1:2:2}))" $((16#${1:0:2} + 16#${1:2:2})); }
export -f answer truth
answers() { # WHAT good|bad WORDS, then "NODE POSITION VALUE"
  local what=$1 outcome=$2 words=$3 entry
  shift 3
  for entry in "$@"; do
    read -r node position value <<<"$entry"
    echo "$node $(answer "$position" "$value")"
  done >"$work/answers"
  judge "$what" "$outcome" "$words" bash -c "'$here/check_answers.sh' 10 bash -c 'truth \$0' <'$work/answers'"
}
answers "good ones" good "answers 3, asked again 3, wrong 0, gone back 0" "q1 1/2 3" "q2 0/1 1" "q1 2/2 4"
answers "an event counted twice" bad "answers 2, asked again 2, wrong 1, gone back 0" "q1 1/2 4" "q1 2/2 4"
answers "an event left out" bad "answers 2, asked again 2, wrong 1, gone back 0" "q1 1/2 3" "q1 2/2 3"
answers "one partition went back" bad "answers 2, asked again 2, wrong 0, gone back 1" "q1 10/2 12" "q1 9/4 13"
answers "none before the first data" good "answers 2, asked again 1, wrong 0, gone back 0" "q1 - 0" "q1 1/2 3"
answers "none after the first data" bad "answers 2, asked again 1, wrong 0, gone back 1" "q1 1/2 3" "q1 - 0"
answers "no answers" bad "answers 0, asked again 0, wrong 0, gone back 0"
exit $failures
