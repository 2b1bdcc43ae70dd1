# Sourced by tests on Kafka, after server.sh: a real cluster and kpr nodes on it, each a process of its own. Nodes are
# named after their role: i1, i2 (ingest), w1.. (registry workers), q1.. (query).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kafka=$here/../deploy/kafka/kafka.sh
export KPR_KAFKA_SHORT_LIVED=1
kafka_port=$((20000 + RANDOM % 9000))
key=$work/pseudonym.key
(umask 077; openssl rand -hex 32 >"$key")
declare -A node_pid=() node_port=()
next_port=$((10000 + RANDOM % 9000)) # below what the system hands out to clients

start_kafka() { # BROKERS
  "$kafka" create "$work/kafka" "$1" "$kafka_port" && "$kafka" start "$work/kafka" || { echo "no Kafka broker: see above" >&2; exit 1; }
  bootstrap=$("$kafka" bootstrap "$work/kafka")
}
on_finish=stop_all
stop_all() {
  local node
  for node in "${!node_pid[@]}"; do kill -9 "${node_pid[$node]}" 2>/dev/null; done
  "$kafka" kill "$work/kafka" 2>/dev/null
}

role_of() { case $1 in i*) echo ingest ;; w*) echo registry ;; q*) echo query ;; *) echo all ;; esac; }

# The node's configuration. prefix, partitions and replication come from the variables of these names.
configure_node() {
  local node=$1
  node_port[$node]=${node_port[$node]:-$((next_port++))}
  cat >"$work/$node.toml" <<TOML
[data]
directory = "$work/data-${prefix:-kpr}-$node"
partitions = ${partitions:-3}
[server]
role = "$(role_of "$node")"
listen = "${node_host:-127.0.0.1}:${node_port[$node]}"
plaintext_loopback = true
drain_seconds = 5
[ingest]
pseudonym_key = "$key"
$([ "$(role_of "$node")" = all ] || echo "[kafka]
bootstrap = \"$bootstrap\"
prefix = \"${prefix:-kpr}\"
replication = ${replication:-1}
min_insync_replicas = $((${replication:-1} < 3 ? 1 : 2))
[registry]
backups = \"$work/backups-${prefix:-kpr}\"
backup_seconds = ${backup_seconds:-15}")
[operation]
metrics_listen = ""
TOML
}
# Starts a node and waits until it listens. node_exec, if set, is a command that gets the node's name first.
start_node() {
  local node=$1
  configure_node "$node"
  : >"$work/$node.out"
  # shellcheck disable=SC2086
  ${node_exec:-} ${node_exec:+$node} "$kpr" serve --config "$work/$node.toml" >"$work/$node.out" 2>>"$work/$node.log" &
  node_pid[$node]=$!
  for _ in $(seq 600); do
    grep -q listening "$work/$node.out" && return 0
    kill -0 "${node_pid[$node]}" 2>/dev/null || break
    sleep 0.1
  done
  fail "node $node does not start: $(tail -n 3 "$work/$node.log")"
  return 1
}
signal_node() { kill "-$2" "${node_pid[$1]}"; } # NODE SIGNAL
kill_node() {
  kill -9 "${node_pid[$1]}" 2>/dev/null
  wait "${node_pid[$1]}" 2>/dev/null
}
stop_node() {
  kill -CONT "${node_pid[$1]}" 2>/dev/null
  kill -TERM "${node_pid[$1]}" 2>/dev/null
  wait "${node_pid[$1]}"
  local code=$?
  [ $code -eq 0 ] || fail "node $1 ends with $code: $(tail -n 3 "$work/$1.log")"
}
# Stops nodes at their end. Workers go all at once: one that sees another leave takes its partitions, applies what its
# older store lacks and forwards facts again, which no query node would follow any more.
stop_cluster() { # NODE...
  local node
  for node in "$@"; do [[ $node != w* ]] || kill -9 "${node_pid[$node]}" || fail "$node has ended by itself: $(tail -n 3 "$work/$node.log")"; done
  for node in "$@"; do
    if [[ $node = w* ]]; then wait "${node_pid[$node]}" 2>/dev/null; else stop_node "$node"; fi
  done
}
address() { echo "127.0.0.1:${node_port[$1]}"; }
# A command where the node is.
# shellcheck disable=SC2086
at_node() { ${node_exec:-} ${node_exec:+$1} "${@:2}"; } # NODE COMMAND...
progress_of() { at_node "$1" "$kpr" status --server "$(address "$1")" --csv 2>/dev/null | awk -F, 'NR > 1 { behind += $4; end += $2 } END { print behind + 0 " " end + 0 }'; }
# Milliseconds since 1970 when the worker furthest behind had what the query node answers; 0: unknown.
fresh_at_ms() { # NODE
  local at
  at=$("$kpr" status --server "$(address "$1")" --json 2>/dev/null | grep -oE '"fresh_at": *"[^"]+"' | cut -d'"' -f4)
  if [ -n "$at" ]; then date -d "$at" +%s%3N; else echo 0; fi
}
# Until the node has applied all of the log.
wait_followed() { # NODE [SECONDS]
  local end=$((SECONDS + ${2:-120}))
  while [ $SECONDS -lt $end ]; do
    # Twice, as what workers hand on to each other makes the log longer.
    local first
    first=$(progress_of "$1")
    sleep 1
    [ "${first%% *}" = 0 ] && [ "${first##* }" != 0 ] && [ "$first" = "$(progress_of "$1")" ] && return 0
  done
  fail "node $1 does not catch up: $(at_node "$1" "$kpr" status --server "$(address "$1")" 2>&1 | tail -n 4) $(tail -n 2 "$work/$1.log")"
}
export_of() { "$kpr" export --config "$work/$1.toml" 2>>"$work/export.log" | sort; }
