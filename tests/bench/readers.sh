#!/usr/bin/env bash
# What readers cost those who send: ingest alone, beside one who asks for the country again and again, and with
# that one always there beside 240 and 60 watches of one reader that all ask something else, 60 that ask the same, and
# eight who want explanations. Arguments: the binary (default build/release), events (default 800000).
set -euo pipefail
cd "$(dirname "$0")/../.."
kpr=${1:-build/release/app/kpr}
events=${2:-800000}
work=$(mktemp -d)
trap 'jobs -p | xargs -r kill -9 2>/dev/null; rm -rf "$work"' EXIT
printf '[data]\ndirectory = "%s"\n[server]\nlisten = "127.0.0.1:0"\nplaintext_loopback = true\n[operation]\nmetrics_listen = ""\n' \
  "$work/data" >"$work/kpr.toml"
"$kpr" serve --config "$work/kpr.toml" >"$work/out" 2>"$work/log" &
server=$!
until grep -qs listening "$work/out"; do
  kill -0 $server || { cat "$work/log"; exit 1; }
  sleep 0.05
done
port=$(grep -oP 'listening on port \K\d+' "$work/out")
send() { build/release/tests/send_bench "$events" "$1" "$2" 0 "$port" | tail -1; }
wait_applied() {
  while "$kpr" status --server 127.0.0.1:$port --csv | tail -n +2 | cut -d, -f4 | grep -qv '^0$'; do sleep 0.2; done
}
# name, first and last part of the load, then arguments of read_load
beside() {
  local name=$1 first=$2 last=$3
  shift 3
  mkfifo "$work/$name"
  build/release/tests/read_load "$port" "$@" <"$work/$name" >"$work/$name.out" &
  local reader=$!
  exec 9>"$work/$name"
  until grep -q ready "$work/$name.out"; do sleep 0.05; done
  echo "$name: $(send "$first" "$last")"
  exec 9>&-
  wait $reader
  echo "  $(tail -1 "$work/$name.out")"
  wait_applied
}
send 0 0.4 >/dev/null
wait_applied
echo "alone: $(send 0.4 0.5)"
wait_applied
beside one_question 0.5 0.6 0 0 0
beside 240_watches 0.6 0.7 240 0 0
beside 60_watches 0.7 0.8 60 0 0
beside 60_equal_watches 0.8 0.9 60 1 0
beside 8_explanations 0.9 1 0 0 8
