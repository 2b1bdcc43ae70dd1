#!/usr/bin/env bash
# docs/indicators.md says what the catalogue says.
set -euo pipefail
diff <("$1" indicators document) "$(dirname "$0")/../docs/indicators.md" ||
  { echo "docs/indicators.md is not the catalogue's: build/release/app/kpr indicators document >docs/indicators.md" >&2; exit 1; }
