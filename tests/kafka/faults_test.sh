#!/usr/bin/env bash
# Three brokers, two ingest nodes, three workers, two query nodes and senders that never stop, while one thing after
# the other is killed, paused, cut off or filled up. At the end nothing acknowledged is lost, nothing is counted
# twice, nothing is out of order, every answer given meanwhile was what the log up to its position gives, and the
# register is the one that a single machine makes of the same events.
# KPR_FAULT_SECONDS (120) is how long; KPR_SEED replays an order of faults.
if [ -z "${KPR_IN_NAMESPACE:-}" ]; then KPR_IN_NAMESPACE=1 exec unshare --net --mount "$0" "$@"; fi
mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up || { echo "needs root" >&2; exit 1; }
scale=${KPR_FAULT_SCALE:-0.5}
. "$(dirname "$0")/../support/server.sh"
. "$(dirname "$0")/../support/cluster.sh"
seconds=${KPR_FAULT_SECONDS:-120}
seed=${KPR_SEED:-$RANDOM}
RANDOM=$seed
partitions=6 replication=3 backup_seconds=20

# Every broker and node has a host of its own, on one wire; a node's callers are on its host.
ip link add wire type bridge && ip addr add 10.77.0.1/24 dev wire && ip link set wire up
add_host() { # NAME ADDRESS
  ip netns add "$1" && ip link add "to-$1" type veth peer name eth0 netns "$1" && ip link set "to-$1" master wire up &&
    ip -n "$1" addr add "$2/24" dev eth0 && ip -n "$1" link set eth0 up && ip -n "$1" link set lo up
}
for i in 0 1 2; do add_host "k$i" "10.77.0.1$i"; done
for i in 1 2 3; do add_host "w$i" "10.77.0.2$i"; done
for i in 1 2; do add_host "i$i" "10.77.0.3$i" && add_host "q$i" "10.77.0.4$i"; done
printf '#!/bin/sh\nhost=k$1; shift; exec ip netns exec $host "$@"\n' >"$work/on_broker"
printf '#!/bin/sh\nhost=$1; shift; case $host in [wiq]?) exec ip netns exec $host "$@";; esac; exec "$@"\n' >"$work/on_host"
chmod +x "$work"/on_*
export KPR_KAFKA_HOSTS="10.77.0.10 10.77.0.11 10.77.0.12" KPR_KAFKA_EXEC=$work/on_broker KPR_KAFKA_HEAP=384m
node_exec=$work/on_host
# The last broker's disk is small.
mkdir -p "$work/kafka/node-2" && mount -t tmpfs -o size=$((700 + seconds))m none "$work/kafka/node-2"
printf '%s\n' log.segment.bytes=33554432 auto.leader.rebalance.enable=false >"$work/kafka/extra.properties"

"$kpr" simulate --municipalities 1103,1108,4601,5001 --from 2023-01-01 --to 2024-06-30 --scale "$scale" --out "$work/events" >/dev/null
prefix=one start_node machine
"$kpr" push "$work"/events/*.ndjson --server "$(address machine)" --quiet >/dev/null
wait_followed machine
stop_node machine
prefix=one export_of machine >"$work/expected"

start_kafka 3
nodes=(i1 i2 w1 w2 w3 q1 q2)
for node in "${nodes[@]}"; do start_node "$node"; done

on_finish=end_all
end_all() {
  stop_all
  umount -l "$work/kafka/node-2"
}

# Each sender tells each of its events once, a slice at a time over all of the run, and again only while a slice has not
# been acknowledged whole: what has a receipt and is lost does not come back. Receipts are written down.
slices=$((seconds / 3 + 1))
push_paced() { # FILE NODE
  local name k
  name=$(basename "$1" .ndjson)
  split -d -a 4 -n "l/$slices" "$1" "$work/slices/$name."
  for ((k = 0; k < slices; ++k)); do
    while [ $((SECONDS - began)) -lt $((seconds * k / slices)) ]; do sleep 0.5; done
    until at_node "$2" "$kpr" push "$(printf "$work/slices/$name.%04d" $k)" --sender "$name" --batch 10 \
      --receipts "$work/receipts-$name" --server "$(address "$2")" --give-up 300 --quiet >>"$work/push.out" 2>>"$work/push.err"; do
      [ ! -e "$work/given-up" ] || return
      sleep 0.5
    done
  done
}
mkdir "$work/slices"
senders=() dashboards=()
turn=0
began=$SECONDS
for file in "$work"/events/*.ndjson; do push_paced "$file" "i$((1 + turn++ % 2))" & senders+=($!); done
# A dashboard asks all the time.
ask() { at_node "$1" "$kpr" indicators get nursing_home_residents --server "$(address "$1")" "${@:2}"; } # NODE ...
ask_forever() { # NODE
  while [ ! -e "$work/enough" ]; do
    if timeout 5 "$work/on_host" "$1" "$kpr" indicators get nursing_home_residents --json --server "$(address "$1")" \
      >"$work/asked-$1" 2>/dev/null; then
      echo "$1 $(tr -d '\n' <"$work/asked-$1")" >>"$work/answers-$1"
    fi
    sleep 0.3
  done
}
for node in q1 q2; do ask_forever $node & dashboards+=($!); done

answer() { # until both query nodes answer
  for q in q1 q2; do
    for _ in $(seq 300); do
      ask $q >/dev/null 2>&1 && continue 2
      sleep 0.2
    done
    fail "$q does not answer at all: $(tail -n 2 "$work/$q.log")"
  done
}
answer

pick() { local all=("$@"); picked=${all[RANDOM % $#]}; } # not in a subshell, which would draw again
broker_pid() { cat "$work/kafka/node-$1/pid"; }
in_sync() { # until every partition has all its replicas
  for _ in $(seq 60); do
    behind=$("$kafka" tool "$work/kafka" org.apache.kafka.tools.TopicCommand --describe --under-replicated-partitions 2>/dev/null) &&
      [ -z "$behind" ] && return
    sleep 1
  done
  fail "replicas do not come back in sync after $fault"
}
revive() { kill_node "$1"; start_node "$1"; }
kill_ingest() { pick i1 i2 && revive "$picked"; }
kill_worker() { pick w1 w2 w3; kill_node "$picked"; sleep $((RANDOM % 10)); start_node "$picked"; }
kill_query() { pick q1 q2 && revive "$picked"; }
pause() { signal_node "$1" STOP; sleep "$2"; signal_node "$1" CONT; }
pause_ingest() { pick i1 i2 && pause "$picked" 5; }
pause_worker() { pick w1 w2 w3 && pause "$picked" 12; } # longer than the group waits: its partitions go to others
pause_query() { pick q1 q2 && pause "$picked" 5; }
start_broker() { "$kafka" start "$work/kafka" "$1" || fail "broker $1 does not start"; in_sync; }
kill_broker() { local b=$((RANDOM % 3)); "$kafka" kill "$work/kafka" $b; sleep 3; start_broker $b; }
pause_broker() { local b=$((RANDOM % 3)); kill -STOP "$(broker_pid $b)"; sleep 10; kill -CONT "$(broker_pid $b)"; in_sync; }
move_leaders() { # away from a broker that is stopped, and back to it
  local b=$((RANDOM % 3)) moved
  "$kafka" stop "$work/kafka" $b
  start_broker $b
  moved=$("$kafka" tool "$work/kafka" org.apache.kafka.tools.LeaderElectionCommand --election-type preferred --all-topic-partitions 2>&1)
  [[ $moved == *Successfully* ]] || fail "no leader has moved: $moved"
}
cut_off() { ip link set "to-$1" down; sleep "$2"; ip link set "to-$1" up; }
cut_broker() { cut_off "k$((RANDOM % 3))" 10; in_sync; }
cut_worker() { pick w1 w2 w3 && cut_off "$picked" 12; }
cut_ingest() { pick i1 i2 && cut_off "$picked" 10; }
cut_query() { pick q1 q2 && cut_off "$picked" 10; }
workers_down() {
  answer
  for w in w1 w2 w3; do kill_node $w; done
  sleep 1
  for q in q1 q2; do
    ask $q >/dev/null 2>"$work/down.err" ||
      fail "with all workers down $q does not answer: $(cat "$work/down.err")"
  done
  for w in w1 w2 w3; do start_node $w; done
}
rolling_restart() {
  local node b
  for node in "${nodes[@]}"; do stop_node "$node"; start_node "$node"; done
  for b in 0 1 2; do "$kafka" stop "$work/kafka" $b; start_broker $b; done
}
disk_full() {
  dd if=/dev/zero of="$work/kafka/node-2/filler" bs=1M 2>/dev/null
  for _ in $(seq 15); do kill -0 "$(broker_pid 2)" 2>/dev/null || break; sleep 1; done # it halts when it can write no more
  kill -0 "$(broker_pid 2)" 2>/dev/null && fail "the broker did not notice that its disk is full"
  rm "$work/kafka/node-2/filler"
  "$kafka" kill "$work/kafka" 2
  start_broker 2
}

faults=(kill_ingest kill_worker kill_query kill_broker pause_ingest pause_worker pause_query pause_broker move_leaders
  cut_broker cut_worker cut_ingest cut_query workers_down rolling_restart disk_full)
done_faults=0
while [ $((SECONDS - began)) -lt "$seconds" ] && [ $failures -eq 0 ]; do
  for fault in $(printf '%s\n' "${faults[@]}" | shuf --random-source=<(yes $((seed + done_faults)))); do
    [ $((SECONDS - began)) -lt "$seconds" ] && [ $failures -eq 0 ] || break
    echo "$((SECONDS - began)) s: $fault"
    $fault
    done_faults=$((done_faults + 1))
    sleep 3
  done
done
[ $failures -eq 0 ] || touch "$work/given-up"
wait "${senders[@]}"
touch "$work/enough"
wait "${dashboards[@]}"
[ $failures -eq 0 ] || { tail -n 3 "$work"/*.log; exit 1; }
for node in q1 q2; do wait_followed $node 180; done
. "$here/kafka/position.sh"
seen=$(offsets_of "$(ask q1 --json | token_of)")
asking=("$work/on_host" q1 "$kpr" indicators get nursing_home_residents --server "$(address q1)" --json --position)
answers=$(cat "$work"/answers-q? | "$here/kafka/check_answers.sh" 60 "${asking[@]}" 2>"$work/wrong") ||
  fail "answers: $answers $(head -n 3 "$work/wrong")"
stop_cluster "${nodes[@]}"
cat "$work"/receipts-* | sort -u >"$work/acknowledged"
"$kpr" log print --config "$work/q1.toml" --brief >"$work/log" || fail "the log cannot be read"
history=$("$here/kafka/check_history.sh" "$work/events" "$work/acknowledged" "$work/log" "$seen") || fail "history: $history"
for node in q1 q2; do
  export_of $node >"$work/export-$node"
  cmp "$work/expected" "$work/export-$node" || fail "the export of $node is not that of the run without faults"
done
verified=$("$kpr" verify --config "$work/q1.toml" 2>"$work/verify.err") || fail "verify: $verified $(tail -n 1 "$work/verify.err")"
echo "seed $seed, $done_faults faults in $((SECONDS - began)) s: $(wc -l <"$work/acknowledged") events acknowledged, $(wc -l <"$work/log") records; $history;"
echo "$answers; $verified"
exit $((failures > 0))
