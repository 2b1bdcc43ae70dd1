#!/usr/bin/env bash
# A real Apache Kafka in KRaft mode on this machine, for tests and trials: every node is broker and controller.
# Production uses the vendor's image (compose.yml, docs/kafka.md).
#   kafka.sh fetch                    the jars, once, with Maven
#   kafka.sh create DIR [N [PORT]]    writes configuration and formats the storage of N nodes (default 1, port 19092)
#   kafka.sh start DIR [NODE...]      starts all or the named nodes (0, 1, ..) and waits until they answer
#   kafka.sh stop DIR [NODE...]       stops them in order; kafka.sh kill DIR [NODE...] at once
#   kafka.sh bootstrap DIR            prints the addresses for clients
#   kafka.sh tool DIR CLASS ARG...    runs one of Kafka's own tools, e.g. org.apache.kafka.tools.TopicCommand --list
# KPR_KAFKA_HOSTS: the nodes' addresses, one each (default all 127.0.0.1); KPR_KAFKA_EXEC: a command that runs a
# node's process, given the node's number first (for network namespaces). KPR_KAFKA_SHORT_LIVED=1: brokers of a test, which
# are started often.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=$here/../../build/kafka/libs
heap=${KPR_KAFKA_HEAP:-512m}
# For what does not live long: a broker has started with 4 seconds of the processor's time instead of 7.
short_lived="-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
jvm=${KPR_KAFKA_SHORT_LIVED:+$short_lived}

fetch() {
  local want attempt
  want=$(sha256sum "$here/pom.xml" | cut -d' ' -f1)
  [ "$(cat "$libs/.pom" 2>/dev/null)" = "$want" ] && return
  rm -rf "$libs"
  mkdir -p "$libs"
  for attempt in 1 2 3; do # -U: what was not there a moment ago is asked for again
    if mvn -q -B -U -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$libs" \
      >"$libs/mvn.log" 2>&1; then
      echo "$want" >"$libs/.pom"
      return
    fi
    [ "$attempt" = 3 ] || sleep 5
  done
  grep -m3 ERROR "$libs/mvn.log" >&2 || cat "$libs/mvn.log" >&2
  echo "kafka.sh: the broker's jars could not be fetched from Maven Central" >&2
  exit 1
}

# shellcheck disable=SC2086
java_run() { java -cp "$libs/*" $short_lived -Dlog4j2.configurationFile="$here/log4j2.properties" "$@"; }
nodes() { if [ $# -gt 1 ]; then printf '%s\n' "${@:2}"; else ls -d "$1"/node-* | sed 's/.*node-//' | sort -n; fi; }

create() {
  local dir=$1 count=${2:-1} port=${3:-19092} hosts voters='' i
  read -ra hosts <<<"${KPR_KAFKA_HOSTS:-}"
  for ((i = 0; i < count; i++)); do
    hosts[i]=${hosts[i]:-127.0.0.1}
    voters+=${voters:+,}$i@${hosts[i]}:$((port + 100 + i))
  done
  for ((i = 0; i < count; i++)); do
    mkdir -p "$dir/node-$i"
    echo "${hosts[i]}:$((port + i))" >"$dir/node-$i/address"
    cat >"$dir/node-$i/server.properties" <<PROPERTIES
node.id=$i
process.roles=broker,controller
listeners=PLAINTEXT://${hosts[i]}:$((port + i)),CONTROLLER://${hosts[i]}:$((port + 100 + i))
advertised.listeners=PLAINTEXT://${hosts[i]}:$((port + i))
controller.listener.names=CONTROLLER
controller.quorum.voters=$voters
log.dirs=$dir/node-$i/data
auto.create.topics.enable=false
offsets.topic.replication.factor=$((count < 3 ? count : 3))
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=$((count < 3 ? count : 3))
transaction.state.log.min.isr=$((count < 3 ? 1 : 2))
transaction.state.log.num.partitions=8
group.initial.rebalance.delay.ms=0
unclean.leader.election.enable=false
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
controller.quorum.election.timeout.ms=1000
controller.quorum.fetch.timeout.ms=2000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
PROPERTIES
    cat "$dir/extra.properties" >>"$dir/node-$i/server.properties" 2>/dev/null || true
    java_run -Xmx256m kafka.tools.StorageTool format -t kprkprkprkprkprkprkpQA -c "$dir/node-$i/server.properties" \
      >"$dir/node-$i/format.log" 2>&1 || { cat "$dir/node-$i/format.log" >&2; exit 1; }
  done
}

start() {
  local node deadline host port
  for node in $(nodes "$@"); do
    # shellcheck disable=SC2086
    ${KPR_KAFKA_EXEC:-} ${KPR_KAFKA_EXEC:+$node} setsid java -cp "$libs/*" -Xmx"$heap" ${jvm:--XX:+UseG1GC} \
      -Dlog4j2.configurationFile="$here/log4j2.properties" kafka.Kafka "$1/node-$node/server.properties" \
      >>"$1/node-$node/broker.log" 2>&1 </dev/null &
    echo $! >"$1/node-$node/pid"
  done
  [ -n "${KPR_KAFKA_NO_WAIT:-}" ] && return
  deadline=$((SECONDS + 300))
  for node in $(nodes "$@"); do
    IFS=: read -r host port <"$1/node-$node/address"
    # shellcheck disable=SC2086
    until ${KPR_KAFKA_EXEC:-} ${KPR_KAFKA_EXEC:+$node} bash -c "exec 3<>/dev/tcp/$host/$port" 2>/dev/null; do
      if ! kill -0 "$(cat "$1/node-$node/pid")" 2>/dev/null || [ $SECONDS -gt $deadline ]; then
        tail -n 20 "$1/node-$node/broker.log" >&2
        echo "kafka.sh: node $node does not come up; its log is $1/node-$node/broker.log" >&2
        exit 1
      fi
      sleep 0.2
    done
  done
}

signal() { # SIGNAL DIR [NODE...]
  local node pid
  for node in $(nodes "${@:2}"); do
    pid=$(cat "$2/node-$node/pid" 2>/dev/null) || continue
    kill "-$1" "$pid" 2>/dev/null || true
  done
  for node in $(nodes "${@:2}"); do
    pid=$(cat "$2/node-$node/pid" 2>/dev/null) || continue
    for _ in $(seq 300); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
}

bootstrap() { cat "$1"/node-*/address | paste -sd,; }

command=${1:-}
[ -n "$command" ] && shift
case "$command" in
  fetch) fetch ;;
  create) fetch; create "$@" ;;
  start) fetch; start "$@" ;;
  stop) signal TERM "$@" ;;
  kill) signal KILL "$@" ;;
  bootstrap) bootstrap "$@" ;;
  tool) dir=$1; shift; java_run -Xmx256m "$1" --bootstrap-server "$(bootstrap "$dir")" "${@:2}" ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
