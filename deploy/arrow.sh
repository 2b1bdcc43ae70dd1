#!/usr/bin/env bash
# Unpacks Arrow's headers and libraries into a folder, to build kpr with Parquet: arrow.sh FOLDER, then -DKPR_ARROW=FOLDER.
# What is there already stays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
cmp -s "$here/arrow_requirements.txt" requirements.txt && exit 0
rm -rf venv wheel pyarrow
/usr/bin/python3 -m venv venv
venv/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$here/arrow_requirements.txt" -d wheel
/usr/bin/python3 -m zipfile -e wheel/pyarrow-*.whl .
# Of the wheel, the C++ library alone.
find pyarrow -mindepth 1 -maxdepth 1 ! -name include ! -name 'libarrow.so.*' ! -name 'libparquet.so.*' -exec rm -rf {} +
rm -rf venv wheel pyarrow-*
cp "$here/arrow_requirements.txt" requirements.txt
