#!/usr/bin/env bash
# All figures of docs/performance.md in one run: RocksDB's own db_bench as the limit of the disk path, then our
# pipeline, then the start after a kill. Arguments: number of events (default 1000000), folder (default temporary).
set -euo pipefail
cd "$(dirname "$0")/../.."
events=${1:-1000000}
work=${2:-$(mktemp -d)}
trap 'jobs -p | xargs -r kill -9 2>/dev/null; rm -rf "$work"' EXIT
echo "$(nproc) cores, $(awk '/MemTotal/ { print int($2 / 1048576) " GiB" }' /proc/meminfo), $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | xargs), $(uname -r)"
echo
echo "db_bench, batched fillrandom, synced, values of 230 bytes:"
for batch in 1 500; do
  printf '  batch %s: ' $batch
  db_bench --benchmarks=fillrandom --db="$work/db" --num=$((batch * 800)) --batch_size=$batch --value_size=230 --sync=1 2>/dev/null |
    awk '/^fillrandom/ { print $5, "records/s" }'
done
echo
build/release/tests/pipeline_bench "$work/run" "$events" 2>/dev/null
echo
mkdir "$work/audited"
build/release/tests/audit_bench "$work/audited"
echo
port=$((20000 + RANDOM % 30000))
serve() {
  build/release/app/kpr serve --data "$work/run/a" --listen 127.0.0.1:$port --insecure-loopback >"$work/out" 2>/dev/null &
}
serve
until grep -q listening "$work/out"; do sleep 0.01; done
sleep 2
build/release/app/kpr simulate --first 3 --scale 0.3 --from 2024-01-01 --to 2024-12-31 --out "$work/events" >/dev/null
build/release/app/kpr push "$work"/events/*.ndjson --server 127.0.0.1:$port --quiet >/dev/null &
pusher=$!
sleep 1.5
kill -9 %1
wait %1 2>/dev/null || true
kill $pusher 2>/dev/null || true
began=$(date +%s%N)
: >"$work/out"
serve
until grep -q listening "$work/out"; do sleep 0.005; done
echo "| ready after kill -9 with $events events | $((($(date +%s%N) - began) / 1000000)) ms | 2 s with 30 million |"
pid=$(pgrep -f "kpr serve --data $work/run/a" | head -1)
echo "| memory of that server | $(awk '/VmRSS/ { print int($2 / 1024) " MiB" }' "/proc/$pid/status") | 1.5 GB with 30 million |"
