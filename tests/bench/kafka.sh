#!/usr/bin/env bash
# The figures of docs/performance.md about Kafka, in one run on a real broker on this machine: events a second end to
# end, lag and freshness at load, what a worker applies, and beside it a Kafka Streams application on the same topic.
#   tests/bench/kafka.sh [SCALE [PARTITIONS]]
root=$(cd "$(dirname "$0")/../.." && pwd)
set -- "$root/build/release/app/kpr" "${1:-4}" "${2:-6}"
. "$root/tests/support/server.sh"
. "$root/tests/support/cluster.sh"
scale=$2 partitions=$3 checkpoint_seconds=3600
now_ms() { date +%s%3N; }
status_sum() { "$kpr" status --server "$(address "$1")" --csv | awk -F, -v c="$2" 'NR > 1 { n += $c } END { print n + 0 }'; }
fresh_at() { "$kpr" status --server "$(address q1)" --json 2>/dev/null | grep -oE '"fresh_at_ms": *"[0-9]+"' | tr -dc 0-9; }

echo "$(nproc) cores, $(awk '/MemTotal/ { print int($2 / 1048576) " GiB" }' /proc/meminfo), $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | xargs), $(uname -r)"
"$kpr" simulate --municipalities 1103,1108,4601,5001 --from 2022-01-01 --to 2024-12-31 --scale "$scale" --out "$work/events"
start_kafka 1
for node in i1 w1 q1; do start_node $node; done

began=$(now_ms)
"$kpr" push "$work"/events/*.ndjson --parallel 4 --server "$(address i1)" --quiet >"$work/pushed"
acknowledged=$(now_ms)
wait_followed q1 600
visible=$(now_ms)
records=$(status_sum q1 2)
echo "end to end, all on this machine: $(cat "$work/pushed")"
echo "  $((records * 1000 / (acknowledged - began))) records/s acknowledged, $((records * 1000 / (visible - began))) records/s to visible on the query node (waiting is by whole seconds)"

# At half of that and less: the same events again, a small batch at a time.
"$kpr" push "$work"/events/*.ndjson --parallel 4 --batch 20 --server "$(address i1)" --quiet >/dev/null &
pusher=$!
before=$(status_sum q1 2) since=$(now_ms)
: >"$work/ages"
for _ in $(seq 60); do
  kill -0 $pusher 2>/dev/null || break
  echo "$(($(now_ms) - $(fresh_at))) $("$kpr" status --server "$(address q1)" --csv | awk -F, 'NR > 1 { n += $4 } END { print n + 0 }')" >>"$work/ages"
  sleep 0.2
done
rate=$((($(status_sum q1 2) - before) * 1000 / ($(now_ms) - since)))
kill $pusher 2>/dev/null
wait $pusher 2>/dev/null
echo "at $rate records/s in batches of 20: age of answers median $(cut -d' ' -f1 "$work/ages" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] " ms, longest " a[NR] " ms" }'), records behind at the most $(cut -d' ' -f2 "$work/ages" | sort -n | tail -n 1)"
wait_followed q1 300
for node in i1 w1 q1; do stop_node $node; done

# Replay of the whole topic: one worker with every indicator, then the peer with two counts.
records=$("$kpr" log print --config "$work/q1.toml" --brief | wc -l)
start_node w2
began=$(now_ms)
until [ "$("$kpr" status --server "$(address w2)" --csv | awk -F, 'NR > 1 && $4 == 0 && $6 ~ /^running/ { ++n } END { print n + 0 }')" = "$partitions" ]; do sleep 0.1; done
took=$(($(now_ms) - began))
echo "one worker, $partitions partitions, all indicators, publishing: $((records * 1000 / took)) records/s over $((took / 1000)) s"
stop_node w2

streams=$root/build/streams
if [ ! -e "$streams/StreamsPeer.class" ]; then
  mkdir -p "$streams/src"
  mvn -q -B -f "$root/tests/bench/streams/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$streams/libs"
  protoc -I"$root/proto" --java_out="$streams/src" kpr/v1/event.proto kpr/v1/log.proto
  find "$streams/src" -name '*.java' -exec sed -i '/SuppressWarnings/d' {} +
  javac -nowarn -cp "$streams/libs/*" -d "$streams" $(find "$streams/src" -name '*.java') "$root/tests/bench/streams/StreamsPeer.java"
fi
all=$("$kpr" log print --config "$work/q1.toml" | wc -l)
printf 'Kafka Streams, two counts: '
java -Xmx2g -cp "$streams:$streams/libs/*" StreamsPeer "$bootstrap" kpr 2024-12-31 "$all" "$work/streams" 2
start_node q1
for id in nursing_home_residents medication_review; do
  "$kpr" indicators get $id --from 2024 --csv --server "$(address q1)" | tail -n 1
done
exit $((failures > 0))
