#!/usr/bin/env bash
# What a user sees of kpr push: files in, everything acknowledged, everything applied. Arguments: binaries, tried in turns on one
# set of files. The server is always the first binary, so that the clients are compared.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || { echo "usage: push.sh BINARY..." >&2; exit 2; }
server=$1
work=$(mktemp -d)
trap 'jobs -p | xargs -r kill 2>/dev/null; rm -rf "$work"' EXIT
"$server" simulate --first 4 --scale 0.5 --from 2022-01-01 --to 2024-12-31 --out "$work/events" >/dev/null
events=$(cat "$work"/events/*.ndjson | wc -l)
echo "$events events, $(nproc) cores"
for turn in 1 2; do
  for client in "$@"; do
    port=$((20000 + RANDOM % 30000))
    "$server" serve --data "$work/data" --listen 127.0.0.1:$port --insecure-loopback >"$work/out" 2>/dev/null &
    pid=$!
    until grep -q listening "$work/out"; do sleep 0.01; done
    began=$(date +%s%N)
    { TIMEFORMAT=%U; time "$client" push "$work"/events/*.ndjson --server 127.0.0.1:$port --quiet >/dev/null; } 2>"$work/cpu"
    pushed=$((($(date +%s%N) - began) / 1000000))
    until "$server" status --server 127.0.0.1:$port --csv | awk -F, 'NR > 1 && $4 != 0 { exit 1 }'; do sleep 0.05; done
    applied=$((($(date +%s%N) - began) / 1000000))
    echo "turn $turn $client: acknowledged $((events * 1000 / pushed)) events/s, applied $((events * 1000 / applied)) events/s, client $(awk -v n="$events" 'END { printf "%.1f", $1 * 1e6 / n }' "$work/cpu") us an event"
    kill $pid
    wait $pid 2>/dev/null || true
    rm -rf "$work"/data*
  done
done
