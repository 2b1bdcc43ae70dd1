#!/usr/bin/env bash
# bench.sh runs to its end with few events, writes every figure, and says what is wrong. Argument: the build's folder.
set -euo pipefail
here=$(dirname "$0")
binaries=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expect() { # CODE TEXT ARGUMENTS...
  local code=0
  "$here/bench.sh" "${@:3}" >"$work/said" 2>&1 || code=$?
  if [ $code -ne "$1" ] || ! grep -qF -- "$2" "$work/said"; then
    echo "bench.sh ${*:3}: exit code $code, expected $1 with '$2':" >&2
    cat "$work/said" >&2
    exit 1
  fi
}
expect 2 "'many': expected a number" many
expect 2 "--out: a value is missing" --out
expect 2 "expected 10000 or more" 1
expect 1 "$work/none/app/kpr is missing" --binaries "$work/none"
mkdir -p "$work/broken/app" "$work/broken/tests"
printf '#!/bin/sh\necho "the disk is full" >&2\nexit 1\n' | tee "$work/broken/app/kpr" "$work/broken/tests/pipeline_bench" >"$work/broken/tests/audit_bench"
chmod +x "$work"/broken/*/*
expect 1 "the disk is full" 10000 --binaries "$work/broken"
expect 0 "written to $work/figures.json" 10000 --binaries "$binaries" --out "$work/figures.json"
python3 - "$work/figures.json" "$here/../../docs/performance.json" <<'PYTHON'
import json, sys
now, last = (json.load(open(file, encoding="utf-8"))["figures"] for file in sys.argv[1:])
assert now.keys() == last.keys(), sorted(now.keys() ^ last.keys())
assert len(now) == 13 and all(value > 0 for value in now.values()), now
PYTHON
