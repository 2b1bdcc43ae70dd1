#!/usr/bin/env bash
# Puts the readers of others that the tests of extracts use into a folder: install.sh FOLDER. What is there already stays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
if ! cmp -s "$here/package-lock.json" package-lock.json || [ ! -d node_modules ]; then
  cp "$here/package.json" "$here/package-lock.json" .
  npm ci --no-audit --no-fund --loglevel=error
fi
if ! cmp -s "$here/requirements.txt" requirements.txt; then
  /usr/bin/python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" .
fi
echo "1 passed, 0 failed"
