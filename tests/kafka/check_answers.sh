#!/usr/bin/env bash
# What a dashboard got during a run: check_answers.sh MOST ASK... <ANSWERS
#   ANSWERS  a line each, in the order they were given: the node's name and the answer, as kpr indicators get --json
#            writes it, without line breaks
#   MOST     how many of them are asked again
#   ASK...   a command that, with a position token as its last argument, prints the answer as known there
# An answer that counts an event twice, leaves one out or mixes two states is not what the log up to its position
# gives: such are wrong. Those of a node that know less than one before have gone back. Prints how many; fails if
# there are any, or no answers. Before a node has any data its answers have no position; afterwards that has gone back.
set -uo pipefail
most=$1
shift
. "$(dirname "$0")/position.sh"
# Not of the state: how fresh it was.
plain() { tr -d '\n' | sed -E 's/"fresh_at": *"[^"]*",?//' | tr -d ' '; }
# Of two answers: what one has and the other has not.
difference() { diff <(tr ',' '\n' <<<"$1") <(tr ',' '\n' <<<"$2") | head -n 8 | tr '\n' ' '; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/answers"
while read -r node answer; do echo "$node $(offsets_of "$(token_of <<<"$answer")")"; done <"$work/answers" >"$work/positions"
back=$(awk '{
    n = split($2, now, "/")
    less = n == 0 && seen[$1]
    if (n > 0) seen[$1] = 1
    for (i = 1; i <= n; ++i) { if (now[i] + 0 < highest[$1, i] + 0) less = 1; else highest[$1, i] = now[i] }
    back += less
  } END { print back + 0 }' "$work/positions")
all=$(wc -l <"$work/answers")
step=$(((all + most - 1) / most))
asked=0 wrong=0
for ((i = all; i >= 1; i -= step)); do
  read -r _ answer < <(sed -n "${i}p" "$work/answers")
  position=$(token_of <<<"$answer")
  [ -n "$position" ] || continue
  asked=$((asked + 1))
  was=$(plain <<<"$answer")
  is=$("$@" "$position" | plain)
  [ "$was" = "$is" ] || { wrong=$((wrong + 1)); echo "wrong at $position: $(difference "$was" "$is")" >&2; }
done
echo "answers $all, asked again $asked, wrong $wrong, gone back $back"
[ "$asked" -gt 0 ] && [ $((wrong + back)) -eq 0 ]
