#!/usr/bin/env bash
# The figures of docs/performance.md about Kafka, in one run on a real broker on this machine: ingest, replay and end to
# end, with the processor time each node takes, freshness at load, and beside it a Kafka Streams application on the
# same topic.
#   tests/bench/kafka.sh [EVENTS [PARTITIONS]]
root=$(cd "$(dirname "$0")/../.." && pwd)
events=${1:-1000000}
partitions=${2:-6}
set -- "$root/build/release/app/kpr"
. "$root/tests/support/server.sh"
. "$root/tests/support/cluster.sh"
backup_seconds=3600
send=$root/build/release/tests/send_bench
now_ms() { date +%s%3N; }
status_sum() { "$kpr" status --server "$(address "$1")" --csv | awk -F, -v c="$2" 'NR > 1 { n += $c } END { print n + 0 }'; }
fresh_at() { fresh_at_ms q1; }
# Processor time so far, in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
pid_of() { [ "$1" = broker ] && cat "$work/kafka/node-0/pid" || echo "${node_pid[$1]}"; }
declare -A at
begin() { local n; at=(); for n in "$@"; do at[$n]=$(ticks "$(pid_of "$n")"); done; }
costs() { # RECORDS: microseconds of each node's processor time a record, since begin
  local n
  for n in $(printf '%s\n' "${!at[@]}" | sort); do
    echo "$n $(ticks "$(pid_of "$n")") ${at[$n]} $1" | awk '{ printf "  %s %.1f us", $1, ($2 - $3) * 10000 / $4 }'
  done
  echo " of processor time a record"
}
# Sends a part of the load; the clock of `begin NODE...` starts when it is made.
send_part() { # FIRST LAST RATE NODE...
  "$send" "$events" "$1" "$2" "$3" "${node_port[i1]}" >"$work/sent" &
  sender=$!
  until grep -q ready "$work/sent"; do sleep 0.01; done
  began=$(now_ms)
  begin "${@:4}"
}
acknowledged() { wait $sender; told=$(tail -n 1 "$work/sent"); }
running() { [ "$("$kpr" status --server "$(address "$1")" --csv | awk -F, 'NR > 1 && $4 == 0 && $6 ~ /^.?running/ { ++n } END { print n + 0 }')" = "$partitions" ]; }

echo "$(nproc) cores, $(awk '/MemTotal/ { print int($2 / 1048576) " GiB" }' /proc/meminfo), $(awk -F: '/model name/ { print $2; exit }' /proc/cpuinfo | xargs), $(uname -r)"
start_kafka 1
prefix=warm start_node i0 # so that the broker's code is compiled
"$send" 100000 0 1 0 "${node_port[i0]}" >/dev/null
stop_node i0
start_node i1
send_part 0 0.5 0 i1 broker
acknowledged
echo "ingest alone, one broker: $told"
costs "${told%% *}"

start_node w1
begin w1 broker
began=$(now_ms)
until running w1; do sleep 0.1; done
took=$(($(now_ms) - began))
records=$(status_sum w1 3)
echo "one worker from the log's beginning, $partitions partitions, all indicators, publishing: $records records, $((records * 1000 / took)) a second"
costs "$records"

start_node q1
begin q1
wait_followed q1 600
echo "a query node from the beginning, with timelines:"
costs "$records"

at_rate() { # FIRST LAST EVENTS_A_SECOND
  send_part "$1" "$2" "$3" i1 w1 q1 broker
  : >"$work/ages"
  while kill -0 $sender 2>/dev/null; do
    echo "$(($(now_ms) - $(fresh_at))) $("$kpr" status --server "$(address q1)" --csv | awk -F, 'NR > 1 { n += $4 } END { print n + 0 }')" >>"$work/ages"
    sleep 0.2
  done
  acknowledged
  echo "at $3 events/s: $told"
  echo "  age of answers median $(cut -d' ' -f1 "$work/ages" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] " ms, longest " a[NR] " ms" }'), records behind at the most $(cut -d' ' -f2 "$work/ages" | sort -n | tail -n 1)"
  costs "${told%% *}"
  wait_followed q1 300
}
at_rate 0.5 0.6 5000
at_rate 0.6 0.75 20000

before=$(status_sum q1 2)
send_part 0.75 1 0 i1 w1 q1 broker
acknowledged
wait_followed q1 600
took=$(($(now_ms) - began))
echo "as fast as can be, all on this machine: $told"
echo "  $((($(status_sum q1 2) - before) * 1000 / took)) records/s from the first event to all visible on the query node (waiting is by whole seconds)"
costs "${told%% *}"
for node in i1 w1 q1; do stop_node $node; done

streams=$root/build/streams
if [ ! -e "$streams/StreamsPeer.class" ]; then
  mkdir -p "$streams/src"
  mvn -q -B -f "$root/tests/bench/streams/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$streams/libs"
  protoc -I"$root/proto" --java_out="$streams/src" kpr/v1/event.proto kpr/v1/report.proto kpr/v1/log.proto
  find "$streams/src" -name '*.java' -exec sed -i '/SuppressWarnings/d' {} +
  javac -nowarn -cp "$streams/libs/*" -d "$streams" $(find "$streams/src" -name '*.java') "$root/tests/bench/streams/StreamsPeer.java"
fi
# The same topic from its beginning: one worker with every indicator, then the peer with two counts.
start_node w2
began=$(now_ms)
until running w2; do sleep 0.1; done
took=$(($(now_ms) - began))
records=$(status_sum w2 3)
stop_node w2
echo "the whole topic again, one worker, all indicators: $((records * 1000 / took)) records/s over $((took / 1000)) s"
all=$("$kpr" log print --config "$work/q1.toml" | wc -l)
printf 'the same topic, Kafka Streams, two counts: '
java -Xmx2g -cp "$streams:$streams/libs/*" StreamsPeer "$bootstrap" kpr 2024-12-31 "$all" "$work/streams" 2
start_node q1
wait_followed q1
for id in nursing_home_residents medication_review; do
  "$kpr" indicators get $id --from 2024 --csv --server "$(address q1)" | tail -n 1
done
exit $((failures > 0))
