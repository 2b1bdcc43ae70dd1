#!/usr/bin/env bash
# clang-tidy over all our sources: tidy.sh BUILD, a configured folder with unity builds, in which each header is read once for many
# sources. A newer clang-tidy than Debian's, which does not look for faults in the system's headers.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 tools=build/tidy
if ! cmp -s tests/tidy_requirements.txt $tools/requirements.txt; then
  /usr/bin/python3 -m venv $tools
  $tools/bin/pip install --quiet --disable-pip-version-check -r tests/tidy_requirements.txt
  cp tests/tidy_requirements.txt $tools/requirements.txt
fi
# What is compiled, but what is generated; each of our sources must be in it.
/usr/bin/python3 - "$build" >"$tools/sources" <<'PYTHON'
import json, pathlib, re, subprocess, sys
compiled = [entry["file"] for entry in json.load(open(f"{sys.argv[1]}/compile_commands.json"))]
compiled = sorted({file for file in compiled if not re.search(r"/proto/|_embedded\.cc$", file)})
covered = set()
for file in compiled:
    covered |= set(re.findall(r'#include "(.*)"', open(file).read())) if "/Unity/" in file else {file}
here = pathlib.Path.cwd()
ours = subprocess.run(["git", "ls-files", "*.cc"], capture_output=True, text=True, check=True).stdout.split()
missing = [file for file in ours if str(here / file) not in covered and not file.startswith("tests/fuzz/")]
if missing:
    sys.exit("tidy: not compiled, and so not looked at: " + " ".join(missing))
print("\n".join(compiled))
PYTHON
xargs -P2 -n2 "$tools/bin/clang-tidy" -p "$build" --quiet <"$tools/sources" 2>&1 | { grep -vE 'warnings? generated|^$' || true; }
