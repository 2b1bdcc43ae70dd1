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
