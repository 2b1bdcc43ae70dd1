#!/usr/bin/env bash
# The documents made from tables and data say what those say.
set -euo pipefail
docs=$(dirname "$0")/../docs
same() { # DOCUMENT COMMAND...
  local document=$1
  shift
  diff <("$@") "$docs/$document" || { echo "docs/$document is out of date: build/release/app/kpr ${*:2} >docs/$document" >&2; exit 1; }
}
same indicators.md "$1" indicators document
same codes.md "$1" codes
# plan.md names every indicator, and none that is not there.
here=$(dirname "$0")
diff <(grep -oP '`\K[a-z0-9_]+(?=`)' "$docs/plan.md" | grep -vx document_test | sort -u) \
  <(sed -n 's/^id: "\(.*\)"/\1/p' "$here"/../indicators/catalogue/*.textproto | sort -u) ||
  { echo "docs/plan.md and indicators/catalogue name other indicators" >&2; exit 1; }
# Each rule of counting.md is a test of that name, and each of those tests a rule.
diff <(grep -oP '\| `\K[A-Za-z]+(?=` \|$)' "$docs/counting.md" | sort) \
  <(grep -oP 'TEST_F\(CountingTest, \K\w+' "$here/scenario/counting_test.cc" | sort) ||
  { echo "docs/counting.md and tests/scenario/counting_test.cc name other rules" >&2; exit 1; }
