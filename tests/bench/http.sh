#!/usr/bin/env bash
# Load on the public's door beside a bare Beast server: http.sh BARE_BEAST ADDRESS, where the server has a release. Prints
# requests a second and latencies of the bare server and a cached document of 4 kB in turns, and of data asked for in ever new
# ways. cells_bench tells the time of the largest answer.
set -euo pipefail
bare=$1 address=$2 port=$((30000 + RANDOM % 10000))
table=$address/api/open/v1/kpr/table/1
work=$(mktemp -d)
trap 'kill %1 2>/dev/null || true; rm -rf "$work"' EXIT
"$bare" $port 4096 &
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do kill -0 %1; done
load() { wrk -t1 -c64 -d"${KPR_LOAD_SECONDS:-10}" --latency "$@" | awk '/99%|Requests\/sec|Non-2xx|Socket errors/ { printf "  %s", $0 } END { print "" }'; }
document=$(for n in 8 10 12 14 16 20 24; do
  size=$(curl -s "$table/data?GEO=top($n)&AAR=top(1)" | wc -c)
  [ "$size" -gt 4000 ] && { echo "$table/data?GEO=top($n)&AAR=top(1)"; break; }
done)
echo "a cached document of $(curl -s "$document" | wc -c) bytes, in turns with a bare server"
for _ in 1 2 3; do
  printf 'bare'; load "http://127.0.0.1:$port/"
  printf 'kpr '; load "$document"
done
cat >"$work/mixed.lua" <<'LUA'
local n = 0
request = function()
  n = n + 1
  local geo = n % 2 == 0 and "11*" or "46*"
  local format = n % 3 == 0 and "csv" or "json-stat2"
  return wrk.format("GET", wrk.path .. "?GEO=0," .. geo .. "&AAR=*,top(" .. n .. ")&MEASURE_TYPE=value,lower,upper&lang=en&format=" .. format)
end
LUA
echo "data asked for in ever new ways"
printf 'kpr '; load -s "$work/mixed.lua" "$table/data"
