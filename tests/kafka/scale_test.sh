#!/usr/bin/env bash
# Workers come and go while events stream: partitions move, freshness recovers, figures stay right. Prints how long
# taking over takes, and opening from a backup and from the log.
scale=${KPR_SCALE_SCALE:-2}
. "$(dirname "$0")/../support/server.sh"
. "$(dirname "$0")/../support/cluster.sh"
partitions=6 backup_seconds=5
"$kpr" simulate --municipalities 1103,5001 --from 2022-01-01 --to 2024-12-31 --scale "$scale" --out "$work/events" >/dev/null
start_kafka 1
for node in i1 w1 q1; do start_node $node; done

# Partitions that a worker has running or replaying.
held_by() { "$kpr" status --server "$(address "$1")" --csv 2>/dev/null | awk -F, 'NR > 1 && $6 ~ /running|replaying/ { ++n } END { print n + 0 }'; }
now_ms() { date +%s%3N; }
# Milliseconds since the worker furthest behind had what the query node answers.
age_ms() { echo $(($(now_ms) - $(fresh_at_ms q1))); }
wait_for() { # WHAT CONDITION...: leaves in `took` the milliseconds it took; ends only what hangs
  local began end
  began=$(now_ms) end=$(($(now_ms) + 600000))
  until "${@:2}"; do
    [ "$(now_ms)" -lt $end ] || { fail "$1: not within ten minutes"; break; }
    sleep 0.1
  done
  took=$(($(now_ms) - began))
}
holds() { [ "$(held_by "$1")" -ge "$2" ]; }
fresh() { [ "$(age_ms)" -lt 2500 ]; }

(
  while [ ! -e "$work/enough" ]; do
    "$kpr" push "$work"/events/*.ndjson --batch 50 --server "$(address i1)" --quiet --give-up 60 >/dev/null 2>>"$work/push.err"
  done
) &
pusher=$!
wait_for "the first worker has all" holds w1 6
start_node w2
wait_for "the second worker has its share" holds w2 3
shared=$took
wait_for "fresh with two" fresh
echo "second worker: $shared ms until it has 3 of 6 partitions, fresh again $took ms later"
start_node w3
wait_for "the third worker has its share" holds w3 2
shared=$took
wait_for "fresh with three" fresh
echo "third worker: $shared ms until it has 2 of 6 partitions, fresh again $took ms later"
[ "$(($(held_by w1) + $(held_by w2) + $(held_by w3)))" = 6 ] || fail "the partitions are not all held once"

sleep 8 # backups are made
kill_node w1
killed=$(now_ms)
sleep 3 # so that the figures grow old
wait_for "the others have the dead worker's partitions" eval '[ $(($(held_by w2) + $(held_by w3))) = 6 ] && fresh'
echo "after kill -9 of a worker: $(($(now_ms) - killed)) ms until all partitions are served and figures are fresh"
touch "$work/enough"
wait $pusher
wait_followed q1

# One worker alone with nothing of its own: from backups, and from the log.
for node in w2 w3; do stop_node $node; done
reopen() { # WHAT: leaves in `opened_at` how many records its stores had when they were opened
  rm -rf "$work"/data-kpr-w9
  start_node w9
  wait_for "$1" eval '[ "$("$kpr" status --server "$(address w9)" --csv | grep -c running)" = 6 ]'
  opened_at=$("$kpr" status --server "$(address w9)" --csv | awk -F, 'NR > 1 { n += $7 } END { print n + 0 }')
  wait_followed q1
  stop_node w9
}
reopen "from backups"
[ "$opened_at" -gt 0 ] || fail "no backup was restored"
echo "6 partitions of $("$kpr" status --server "$(address q1)" --csv | awk -F, 'NR > 1 { n += $2 } END { print n }') records from backups that had $opened_at of them: $took ms"
mv "$work/backups-kpr" "$work/put-aside"
reopen "from the log"
[ "$opened_at" = 0 ] || fail "the stores were opened at $opened_at, not made from the log"
echo "the same from the log alone: $took ms"
stop_node q1
stop_node i1
verified=$("$kpr" verify --config "$work/q1.toml" 2>&1) || fail "verify: $verified"
tail -n 1 <<<"$verified"
exit $((failures > 0))
