# Sourced by system tests: a server on a free port in a temporary folder, and checks that say what failed.
set -uo pipefail
kpr=$(realpath "$1")
work=$(mktemp -d)
port=$((20000 + RANDOM % 30000))
server=127.0.0.1:$port
server_pid=
failures=0

finish() {
  [ -n "$server_pid" ] && kill -9 "$server_pid" 2>/dev/null
  [ -n "${on_finish:-}" ] && $on_finish
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}
expect() { # expect "what" text pattern
  grep -qE -- "$3" <<<"$2" || fail "$1: expected /$3/ in: $2"
}
refute() {
  if grep -qE -- "$3" <<<"$2"; then fail "$1: did not expect /$3/ in: $2"; fi
}
equal() {
  [ "$2" = "$3" ] || fail "$1: '$2' is not '$3'"
}

write_config() { # extra lines for [data] and [server]
  cat >"$work/kpr.toml" <<TOML
[data]
directory = "${data:-$work/data}"
partitions = 3
${config_data:-}
[server]
listen = "$server"
${config_server:-plaintext_loopback = true}
[ingest]
${config_ingest:-}
[operation]
metrics_listen = "${metrics:-}"
TOML
}

start_server() {
  "$kpr" serve --config "$work/kpr.toml" >"$work/serve.out" 2>>"$work/serve.log" &
  server_pid=$!
  for _ in $(seq 200); do
    grep -q listening "$work/serve.out" 2>/dev/null && return 0
    kill -0 "$server_pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
stop_server() {
  kill -TERM "$server_pid"
  wait "$server_pid"
  local code=$?
  server_pid=
  return $code
}
kill_server() {
  kill -9 "$server_pid"
  wait "$server_pid" 2>/dev/null
  server_pid=
}
wait_applied() {
  for _ in $(seq 600); do
    [ "$("$kpr" status --server "$server" --csv 2>/dev/null | awk -F, 'NR > 1 { n += $4 } END { print n }')" = 0 ] && return 0
    sleep 0.1
  done
  fail "the registry does not catch up"
}
simulate() { "$kpr" simulate --municipalities 1103,5001 --from 2023-01-01 --to 2024-06-30 --scale "${scale:-0.05}" "$@" >/dev/null; }
