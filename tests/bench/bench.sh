#!/usr/bin/env bash
# All figures of docs/performance.md in one run: RocksDB's own db_bench as the limit of the disk path, then our
# pipeline, the audit log, and the start after a kill; then the same beside the last committed ones.
#
#   bench.sh [EVENTS] [--out FILE] [--binaries FOLDER]
#
# EVENTS: how many are sent, 1,000,000 by default. FILE: where the figures are written as JSON, build/figures.json by default.
set -euo pipefail
cd "$(dirname "$0")/../.."
events=1000000 out=build/figures.json binaries=build/release
while [ $# -gt 0 ]; do
  case $1 in
    --out | --binaries)
      [ $# -gt 1 ] || { echo "bench: $1: a value is missing" >&2; exit 2; }
      if [ "$1" = --out ]; then out=$2; else binaries=$2; fi
      shift 2
      ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit ;;
    *[!0-9]* | '') echo "bench: '$1': expected a number of events, --out or --binaries" >&2; exit 2 ;;
    *) events=$1; shift ;;
  esac
done
[ "$events" -ge 10000 ] || { echo "bench: $events events: expected 10000 or more" >&2; exit 2; }
for program in db_bench "$binaries/app/kpr" "$binaries/tests/pipeline_bench" "$binaries/tests/audit_bench"; do
  command -v "$program" >/dev/null || { echo "bench: $program is missing: './run bench' installs and builds all" >&2; exit 1; }
done

work=$(mktemp -d)
finish() {
  local code=$?
  kill -9 ${pid:-} ${pusher:-} 2>/dev/null || true
  if [ $code -ne 0 ] && [ -s "$work/errors" ]; then
    echo "bench: failed; the last that was said:" >&2
    tr '\r' '\n' <"$work/errors" | tail -n 10 | cut -c -300 >&2
  fi
  rm -rf "$work"
  exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM
figures=$work/run/figures

echo "$(nproc) cores, $(awk '/MemTotal/ { print int($2 / 1048576) " GiB" }' /proc/meminfo), $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | xargs), $(uname -r)"
echo
echo "db_bench, batched fillrandom, synced, values of 230 bytes:"
for batch in 1 500; do
  # Its progress is on standard error as well.
  db_bench --benchmarks=fillrandom --db="$work/db" --num=$((batch * 800)) --batch_size=$batch --value_size=230 --sync=1 >"$work/db_bench" 2>"$work/errors"
  rate=$(awk '/^fillrandom/ { print $5 }' "$work/db_bench")
  echo "  batch $batch: $rate records/s"
  echo "db_bench_${batch}_records_per_s $rate" >>"$work/db_figures"
done
echo
"$binaries/tests/pipeline_bench" "$work/run" "$events" 2>>"$work/errors"
cat "$work/db_figures" >>"$figures"
echo
mkdir "$work/audited"
"$binaries/tests/audit_bench" "$work/audited" $((events / 5)) 2>>"$work/errors" | tee "$work/audit"
awk '/256 callers/ { print "audit_records_per_s", $3 }' "$work/audit" >>"$figures"
echo

printf '[operation]\nmetrics_listen = ""\n' >"$work/kpr.toml"
serve() { # sets pid and port once it listens
  : >"$work/out"
  "$binaries/app/kpr" serve --config "$work/kpr.toml" --data "$work/run/a" --listen 127.0.0.1:0 --insecure-loopback >"$work/out" 2>>"$work/errors" &
  pid=$!
  disown $pid # its end by kill is no news
  until grep -q listening "$work/out"; do
    kill -0 $pid 2>/dev/null || { echo "bench: the server did not start" >&2; exit 1; }
    sleep 0.005
  done
  port=$(awk '/listening/ { print $NF }' "$work/out")
}
log_bytes() { du -sb "$work/run/a/log" | cut -f1; }
"$binaries/app/kpr" simulate --first 3 --scale 0.3 --from 2024-01-01 --to 2024-12-31 --out "$work/events" >/dev/null 2>>"$work/errors"
serve
before=$(log_bytes)
"$binaries/app/kpr" push "$work"/events/*.ndjson --server 127.0.0.1:$port --quiet >/dev/null 2>&1 &
pusher=$!
disown $pusher
until [ "$(log_bytes)" -gt "$before" ] || ! kill -0 $pusher 2>/dev/null; do sleep 0.01; done
kill -9 $pid
kill $pusher 2>/dev/null || true
until ! kill -0 $pid 2>/dev/null; do sleep 0.001; done
began=$(date +%s%N)
serve
ready=$((($(date +%s%N) - began) / 1000000))
memory=$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status")
echo "| ready after kill -9 with $events events | $ready ms | 2 s with 30 million |"
echo "| memory of that server | $memory MiB | 1.5 GB with 30 million |"
printf 'ready_after_kill_ms %s\nmemory_after_kill_mib %s\n' "$ready" "$memory" >>"$figures"
echo
tests/bench/figures.py "$figures" "$events" "$out" docs/performance.json
