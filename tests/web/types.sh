#!/usr/bin/env bash
# Checks the page's types: types.sh FOLDER, where the page was built.
set -euo pipefail
page=$(cd "$(dirname "$0")/../../indicators/dashboard" && pwd)
cd "$1"
ln -sfn "$page/src" src
cp "$page/tsconfig.json" .
node_modules/.bin/tsc --noEmit --preserveSymlinks -p tsconfig.json
