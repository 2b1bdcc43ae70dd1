#!/usr/bin/env bash
# The demo on Kafka: one broker, two ingest nodes, three registry workers, two query nodes, on this machine. One worker is
# killed on the way. Ends by itself.
set -euo pipefail
kpr=$PWD/build/release/app/kpr
kafka=deploy/kafka/kafka.sh
work=$(mktemp -d)
port=$((20000 + RANDOM % 9000))
trap 'kill $(jobs -p) 2>/dev/null || true; $kafka kill "$work/kafka" || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "1. A Kafka broker, fetched from Maven Central"
$kafka create "$work/kafka" 1 $((port + 500))
$kafka start "$work/kafka"
echo "listening on $($kafka bootstrap "$work/kafka")"

say "2. Two ingest nodes, three registry workers, two query nodes"
(umask 077; openssl rand -hex 32 >"$work/pseudonym.key")
declare -A pid
start() { # NAME ROLE PORT
  cat >"$work/$1.toml" <<TOML
[data]
directory = "$work/$1"
partitions = 6
[server]
role = "$2"
listen = "127.0.0.1:$3"
plaintext_loopback = true
[kafka]
bootstrap = "$($kafka bootstrap "$work/kafka")"
replication = 1
min_insync_replicas = 1
[ingest]
pseudonym_key = "$work/pseudonym.key"
[registry]
backups = "$work/backups"
backup_seconds = 5
[operation]
metrics_listen = ""
TOML
  "$kpr" serve --config "$work/$1.toml" >"$work/$1.out" 2>"$work/$1.log" &
  pid[$1]=$!
  until grep -q listening "$work/$1.out"; do
    kill -0 "${pid[$1]}" 2>/dev/null || { cat "$work/$1.log" >&2; exit 1; }
    sleep 0.1
  done
}
start ingest1 ingest $((port + 1)); start ingest2 ingest $((port + 2))
for i in 1 2 3; do start worker$i registry $((port + 10 + i)); done
for i in 1 2; do start query$i query $((port + 20 + i)); done
query=127.0.0.1:$((port + 21))

say "3. Six municipalities over three years, pushed to both ingest nodes at once; a worker is killed meanwhile"
"$kpr" simulate --municipalities 1103,1108,4601,4626,5001,5501 --from 2022-01-01 --to 2024-12-31 \
  --scale "${KPR_DEMO_SCALE:-0.3}" --out "$work/events"
"$kpr" push "$work"/events/{1103,1108,4601}.ndjson --server "127.0.0.1:$((port + 1))" --quiet &
first=$!
"$kpr" push "$work"/events/{4626,5001,5501}.ndjson --server "127.0.0.1:$((port + 2))" --quiet &
second=$!
sleep 1
{ kill -9 "${pid[worker1]}" && wait "${pid[worker1]}"; } 2>/dev/null || true
echo "worker1 killed"
wait $first $second
behind() { "$kpr" status --server "$query" --csv 2>/dev/null | awk -F, 'NR > 1 { behind += $4; end += $2 } END { print (end > 0 ? behind : 1) }'; }
began=$SECONDS
until [ "$(behind)" = 0 ]; do sleep 0.2; done
echo "all is in the figures $((SECONDS - began)) s after the last receipt; the others have worker1's partitions:"
for i in 2 3; do "$kpr" status --server "127.0.0.1:$((port + 10 + i))" --csv | awk -F, -v w=worker$i 'NR > 1 { print w ": partition " $1 ", " $6 }'; done

say "4. Figures, from a query node"
for indicator in user_experience relative_experience medication_review place_waiting_time; do
  "$kpr" indicators get $indicator --from 2023 --to 2024 --server "$query"
done

say "5. With every worker down, queries are answered"
{ kill -9 "${pid[worker2]}" "${pid[worker3]}" && wait "${pid[worker2]}" "${pid[worker3]}"; } 2>/dev/null || true
"$kpr" indicators get nursing_home_residents --from 2024 --level county --area 11 46 50 55 --server "127.0.0.1:$((port + 22))"

say "6. Every published cell against a naive batch over the log on Kafka"
kill "${pid[query1]}"
wait "${pid[query1]}" || true
"$kpr" verify --config "$work/query1.toml" 2>/dev/null
say "Done. The same on machines of your own: docs/kafka.md"
