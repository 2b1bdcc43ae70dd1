#!/usr/bin/env bash
# docs/glossary.md has one word for one thing: words that were given up do not come back, in code, messages, documents or
# on the command line.
set -uo pipefail
cd "$(dirname "$0")/.."
names='Axis|PositionSet|AmountSort|PlanPart|Figured|TakeUpFigures|SubjectPart|LEAVE_OUT|LogStretch|HandedOn|HandOn|RegisterView'
names+='|TimelineObserver|TellComputed|cell_drops|PublicationMark|longest_away|longest_off|PartitionStanding|FollowerSeat'
names+='|TakeIdentityOff|TRY_LATER|TryLater|shrunken_value|AmountOf|kpr_apply_stretch_seconds|Verdict|TruthTable'
prose='anew|mends?|mended|turning points?|told ahead|held? against|keys went|stretch(es)?|verdicts?|golden|goes on|stands still|unbroken'
prose+='|day looked at|on an grid|of a indicator'
# Names in code that other rooms may not take up either.
code='Window|Span|Adopt|Background|Chosen|Choose|Past|SubjectPart|Blank|Undeclared|peers|History|Advanced|Moment|torn'
code+='|Assignment|Publisher|Relay|at_end|Seat|Gate|Shut|Refusal|Standing|Damaged|Conflict|Exhausted|proven|Adder'
code+='|Pools|Mess|Tell|World'
failed=0
search() { # GREP OPTIONS WORDS
  git grep -n -w $1 -E "($2)" -- '*.cc' '*.h' '*.proto' '*.md' '*.toml' '*.textproto' '*.sh' '*.py' run \
    ':!docs/adr' ':!CHANGELOG.md' ':!tests/words_test.sh' ':!tests/compare_answers.py' && failed=1
}
search "" "$names"
search -i "$prose"
# What Arrow's classes call their methods is Arrow's.
git grep -n -w -E "($code)" -- '*.cc' '*.h' '*.proto' | grep -v 'arrow::' && failed=1
search "" '1 events|events of 1 municipalities|up to nowhere'
[ $failed -eq 0 ] || echo "words: see docs/glossary.md" >&2
exit $failed
