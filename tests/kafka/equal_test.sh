#!/usr/bin/env bash
# The same events through one machine and through Kafka with 1, 3 and 12 partitions: every cell and finding the same,
# and every answer. Then a log moved from one machine to Kafka and back.
scale=${KPR_EQUAL_SCALE:-0.2}
. "$(dirname "$0")/../support/server.sh"
. "$(dirname "$0")/../support/cluster.sh"
simulate --out "$work/events"
start_kafka 1

partitions=4 prefix=one start_node machine
"$kpr" push "$work"/events/*.ndjson --server "$(address machine)" --quiet >/dev/null
wait_followed machine
answers() { # NODE: what a dashboard asks
  local ask=("$kpr" indicators)
  "${ask[@]}" list --csv --server "$(address "$1")"
  for id in medication_review nursing_home_residents occupancy place_waiting_time user_experience home_services_recipients; do
    "${ask[@]}" get "$id" --from 2023 --to 2024 --level municipality --csv --server "$(address "$1")" 2>/dev/null | cut -d, -f1,2,4- # a position is of its log
  done
  "${ask[@]}" explain medication_review --period 2024 --area 1103 --limit 0 --csv --server "$(address "$1")" 2>/dev/null | head -n 1
  "$kpr" quality --sender 1103 --server "$(address "$1")" --csv | sort
  "$kpr" gaps --sender 1103 --server "$(address "$1")" --csv
}
gap=$("$kpr" gaps --sender 1103 --server "$(address machine)" --csv | sed -n 2p | cut -d, -f1,2 | tr , -)
[ -n "$gap" ] || fail "no gap to close"
"$kpr" gaps --sender 1103 --close "$gap" --server "$(address machine)" >/dev/null || fail "close a gap"
answers machine >"$work/answers"
[ "$(wc -l <"$work/answers")" -gt 60 ] || fail "too few answers to compare: $(wc -l <"$work/answers")"
# A wrong clock's days are taken back everywhere.
stop_node machine
"$kpr" log set-back 2023-12-31 --config "$work/machine.toml" >/dev/null || fail "set back"
partitions=4 prefix=one start_node machine
wait_followed machine
answers machine >"$work/answers-back"
cmp -s "$work/answers" "$work/answers-back" && fail "the calendar was not set back"
stop_node machine
export_of machine >"$work/export"
[ "$(wc -l <"$work/export")" -gt 1000 ] || fail "too few cells to compare: $(wc -l <"$work/export")"
grep -q ^finding "$work/export" || fail "no finding to compare"

for partitions in 1 3 12; do
  prefix=p$partitions
  for node in i1 i2 w1 w2 q1; do start_node $node; done
  "$kpr" push "$work"/events/1103.ndjson --server "$(address i1)" --quiet >/dev/null || fail "push"
  "$kpr" push "$work"/events/5001.ndjson --server "$(address i2)" --quiet >/dev/null || fail "push"
  "$kpr" gaps --sender 1103 --close "$gap" --server "$(address i2)" >/dev/null || fail "close a gap"
  wait_followed q1
  answers q1 >"$work/answers-$partitions"
  diff "$work/answers" "$work/answers-$partitions" >"$work/difference" ||
    fail "answers with $partitions partitions differ: $(head -n 4 "$work/difference")"
  stop_node i1
  stop_node i2
  "$kpr" log set-back 2023-12-31 --config "$work/i1.toml" >/dev/null || fail "set back with $partitions partitions"
  wait_followed q1
  answers q1 >"$work/answers-$partitions"
  diff "$work/answers-back" "$work/answers-$partitions" >"$work/difference" ||
    fail "answers after the calendar was set back differ with $partitions partitions: $(head -n 4 "$work/difference")"
  stop_cluster w1 w2 q1
  export_of q1 >"$work/export-$partitions"
  cmp "$work/export" "$work/export-$partitions" || fail "the export with $partitions partitions differs"
  echo "$partitions partitions: $(wc -l <"$work/export-$partitions") cells and findings are the same"
done

# To Kafka and back: the same bytes at the same offsets, and the same register.
partitions=4 prefix=one configure_node machine
partitions=4 prefix=moved configure_node i3
partitions=4 prefix=back configure_node machine2
copied=$("$kpr" log copy --from "$work/machine.toml" --to "$work/i3.toml" 2>&1) || fail "copy: $copied"
copied=$("$kpr" log copy --from "$work/i3.toml" --to "$work/machine2.toml" 2>&1) || fail "copy back: $copied"
expect "copy" "$copied" "both logs are the same"
export_of machine2 >"$work/export-back"
cmp "$work/export" "$work/export-back" || fail "the register moved to Kafka and back differs"
again=$("$kpr" log copy --from "$work/machine.toml" --to "$work/i3.toml" 2>&1) && fail "a log that is not empty was copied to"
expect "copy onto a log" "$again" "not empty"

# What is wrong is refused with the reason.
partitions=5 prefix=moved configure_node i4
expect "another number of partitions" "$(timeout 60 "$kpr" serve --config "$work/i4.toml" 2>&1)" "has 4 partitions, the configuration asks for 5"
(umask 077; openssl rand -hex 32 >"$work/other.key")
partitions=4 prefix=moved key=$work/other.key configure_node i5
expect "another pseudonym key" "$(timeout 60 "$kpr" serve --config "$work/i5.toml" 2>&1)" "not the key the log was begun with"
"$kafka" tool "$work/kafka" kafka.admin.ConfigCommand --alter --topic moved.events --add-config retention.ms=1000 >/dev/null 2>&1
partitions=4 prefix=moved configure_node i6
expect "a short retention" "$(timeout 60 "$kpr" serve --config "$work/i6.toml" 2>&1)" "retention.ms = 1000"
"$kafka" tool "$work/kafka" org.apache.kafka.tools.TopicCommand --alter --topic p3.events --partitions 6 >/dev/null 2>&1
partitions=6 prefix=p3 configure_node i7
expect "partitions added later" "$(timeout 60 "$kpr" serve --config "$work/i7.toml" 2>&1)" "p3.cells has 3 partitions|begun with 3 partitions"
bootstrap=127.0.0.1:1 partitions=4 prefix=moved configure_node i8
sed -i '/^bootstrap/a client = { "socket.connection.setup.timeout.ms" = "1000" }' "$work/i8.toml"
expect "no cluster" "$(timeout 60 "$kpr" serve --config "$work/i8.toml" 2>&1)" "no Kafka broker answers"
exit $((failures > 0))
