#!/usr/bin/env bash
# What an operator relies on: health, reflection, metrics, logs, drain, damage refused, broken catalogues.
metrics=127.0.0.1:$((20000 + RANDOM % 30000))
. "$(dirname "$0")/../support/server.sh"
write_config
simulate --out "$work/events"
start_server || fail "no start: $(cat "$work/serve.log")"
"$kpr" push "$work"/events/*.ndjson --server "$server" --quiet >/dev/null
wait_applied
scraped=$(curl -s "http://$metrics/metrics")
for series in kpr_ingest_events_total kpr_ingest_durable_seconds_bucket kpr_apply_lag_records kpr_disk_free_bytes kpr_accepting \
  kpr_apply_failing_partitions kpr_backup_failing_partitions kpr_ingest_streams kpr_query_seconds_count; do
  expect "metric" "$scraped" "^$series"
done
refute "metrics name no municipality, sender or person" "$scraped" '1103|5001|[0-9a-f]{32}'
[ "$(grep -vc '^#' <<<"$scraped")" -lt 200 ] || fail "too many series"
# Health and reflection speak gRPC; a request with the services' paths is answered, not unimplemented.
for path in grpc.health.v1.Health/Check grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo; do
  head=$(printf '\0\0\0\0\0' | curl -s --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' --data-binary @- \
    --max-time 5 -D - -o /dev/null "http://$server/$path")
  expect "$path" "$head" 'grpc-status: 0|HTTP/2 200'
  refute "$path" "$head" 'grpc-status: 12'
done
expect "a second server is told so" "$("$kpr" serve --config "$work/kpr.toml" 2>&1)" 'another process holds the log|metrics_listen'
watched=$(timeout 5 "$kpr" indicators watch nursing_home_residents --unit month --server "$server" --csv | head -3)
expect "watch" "$watched" ',202[34]-'
expect "explain adds up" "$("$kpr" indicators explain nursing_home_residents --period 2023 --area 1103 --server "$server" --json --limit 100000 |
  awk -F: '/"subject":/ { n++ } /"numerator":/ && !seen { v = $2; seen = 1 } END { print (n + 0 == v + 0 && n > 0) ? "yes" : "no " n " " v }')" yes
expect "no such indicator" "$("$kpr" indicators get nothing --server "$server" 2>&1)" "no indicator 'nothing': 'kpr indicators list' shows them"
expect "bad period" "$("$kpr" indicators get occupancy --from 2024-13 --server "$server" 2>&1)" 'expected 2024, 2024-T1 or 2024-02'
expect "bad area" "$("$kpr" indicators explain occupancy --period 2024 --area Oslo --server "$server" 2>&1)" "'Oslo': expected"
cursor=$("$kpr" feedback --sender 1103 --server "$server" | tail -1 | sed -E 's/.*"cursor":"([^"]*)".*/\1/')
[ -z "$cursor" ] || equal "nothing after the last cursor" "$("$kpr" feedback --sender 1103 --cursor "$cursor" --server "$server" | wc -l)" 0
expect "a broken cursor" "$("$kpr" feedback --sender 1103 --cursor abc --server "$server" 2>&1)" 'cursor: expected'
# Drain under load: the sender is told, everything with a receipt is kept, the exit code is 0.
"$kpr" push "$work"/events/*.ndjson --server "$server" --batch 3 --receipts "$work/acked" --quiet --give-up 1 >/dev/null 2>&1 &
pusher=$!
sleep 0.4
stop_server || fail "exit code of a drained server: $?"
wait $pusher
"$kpr" log print --config "$work/kpr.toml" --ids | sort -u >"$work/logged"
equal "lost in the drain" "$(sort -u "$work/acked" | comm -23 - "$work/logged" | wc -l)" 0
refute "the log has no identity numbers" "$(cat "$work/serve.log")" '[0-9]{11}'
# Another or a broken catalogue.
mkdir "$work/catalogue"
catalogue=$(dirname "$0")/../../indicators/catalogue
cp "$catalogue/occupancy.textproto" "$catalogue/nursing_home_residents.textproto" "$work/catalogue/"
expect "another catalogue" "$("$kpr" verify --config "$work/kpr.toml" --catalogue "$work/catalogue" 2>&1)" 'equal the naive batch'
# New definitions and versions come while the server runs; a broken one changes nothing.
echo "[indicators]
catalogue = \"$work/catalogue\"" >>"$work/kpr.toml"
start_server
has() { "$kpr" indicators list --server "$server" --csv | cut -d, -f1,2 | grep -qx "$1"; }
has medication_review,1 && fail "an indicator that the catalogue does not have"
cp "$catalogue/medication_review.textproto" "$work/catalogue/"
sed 's/^version: 1/version: 2/; s/types: \[ 18, 19, 20, 21 \]/types: 21/' "$catalogue/nursing_home_residents.textproto" \
  >"$work/catalogue/nursing_home_residents_v2.textproto"
sed -i 's/kind: KIND_RATIO/kind: KIND_RATION/' "$work/catalogue/occupancy.textproto"
kill -HUP "$server_pid"
sleep 0.5
has medication_review,1 && fail "a catalogue with a mistake was taken over"
has occupancy,1 || fail "the running catalogue went away"
expect "a broken definition" "$(cat "$work/serve.log")" 'occupancy.textproto:[0-9]+:[0-9]+: .*RATION'
sed -i 's/kind: KIND_RATION/kind: KIND_RATIO/' "$work/catalogue/occupancy.textproto"
kill -HUP "$server_pid"
for _ in $(seq 100); do has nursing_home_residents,2 && break; sleep 0.1; done
has medication_review,1 || fail "a new definition"
get() { "$kpr" indicators get nursing_home_residents --from 2023 --server "$server" --csv "$@" | tail -1 | cut -d, -f10; }
[ "$(get)" -lt "$(get --definition 1)" ] || fail "the second version counts fewer: $(get) of $(get --definition 1)"
expect "as of a day" "$("$kpr" indicators get nursing_home_residents --from 2023 --as-of 2024-12-30 --server "$server")" 'data up to 2024-'
expect "a revision" "$("$kpr" indicators revisions nursing_home_residents --period 2023 --area 1103 --server "$server")" '^2024-.*->'
expect "no ranking without limits" "$("$kpr" indicators compare medication_review --period 2023 --server "$server")" '1103 .*(WITHIN|HIGH|LOW|TOO_FEW)'
expect "only shares are compared" "$("$kpr" indicators compare occupancy --period 2023 --server "$server" 2>&1)" 'only a PROPORTION or RATE'
stop_server || fail "exit code after a reload: $?"
sed -i '/^\[indicators\]/,$d' "$work/kpr.toml"
expect "all of it is exact" "$("$kpr" verify --config "$work/kpr.toml" 2>&1)" 'equal the naive batch'
# A damaged registry or log is named, not served.
"$kpr" rebuild --config "$work/kpr.toml" 2>/dev/null || fail "rebuild"
"$kpr" export --config "$work/kpr.toml" >/dev/null 2>&1 || fail "export"
log=$(ls "$work"/data/log/*.log | tail -1)
size=$(stat -c %s "$log")
if [ "$size" -gt 1000 ]; then
  printf '\xff' | dd of="$log" bs=1 seek=$((size / 3)) conv=notrunc 2>/dev/null
  expect "a damaged log" "$("$kpr" serve --config "$work/kpr.toml" 2>&1)" 'damaged before its tail'
fi
expect "no data" "$("$kpr" verify --data "$work/none" 2>&1)" 'no log there'
exit $((failures > 0))
