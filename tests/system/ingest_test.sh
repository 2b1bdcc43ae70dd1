#!/usr/bin/env bash
# Bad input of every kind at a running server: a clear answer, nothing lost, server up.
config_ingest='events_per_second_per_sender = 100000'
. "$(dirname "$0")/../support/server.sh"
write_config
simulate --out "$work/events" --lost 0
start_server || fail "no start"
file=$work/events/1103.ndjson
spoiled() { # name, sed expression: the first event, spoiled
  head -n 1 "$file" | sed -E "$2" >"$work/$1.ndjson"
  "$kpr" push "$work/$1.ndjson" --server "$server" --quiet 2>&1
}
expect "unknown code" "$(spoiled code 's/"service_type":[0-9]+/"service_type":10/; s/"person_details".*/"service_started":{"service_id":"x","service_type":10}}/')" 'UNKNOWN_CODE at service_started.service_type.*kodeverk 9151'
expect "impossible date" "$(spoiled date 's/"occurred_on":"[^"]*"/"occurred_on":"2023-02-30"/')" 'NO_SUCH_DATE at occurred_on'
expect "not in force" "$(spoiled force 's/"municipality":"1103"/"municipality":"0101"/')" 'MUNICIPALITY_NOT_IN_FORCE.*ikke i kraft.*not in force'
expect "check digit" "$(spoiled digit 's/("number":"[0-9]{10})([0-8])"/\19"/; s/("number":"[0-9]{10})9(")/\18\2/')" 'IDENTITY_CHECK_DIGIT|accepted, 0'
expect "wrong type" "$(spoiled type 's/"sequence":"[0-9]*"/"sequence":"many"/')" 'type.ndjson:1: not an event'
expect "no json" "$(spoiled json 's/^.*$/{"event_id":/')" 'json.ndjson:1: not an event'
head -c 3000 /dev/urandom >"$work/random.ndjson"
expect "random bytes" "$("$kpr" push "$work/random.ndjson" --server "$server" --quiet 2>&1)" 'random.ndjson:[0-9]+: not an event'
refute "errors without identity numbers" "$(cat "$work/serve.log")$(spoiled again 's/"occurred_on"/"unknown_field":1,"occurred_on"/')" '"number"|[0-9]{11}'
expect "no such file" "$("$kpr" push "$work/none.ndjson" --server "$server" --quiet 2>&1)" 'cannot be read'
"$kpr" push "$work/none.ndjson" --server "$server" --quiet 2>/dev/null; equal "exit code of failure" $? 1
"$kpr" push 2>/dev/null; equal "exit code of usage" $? 2
expect "no server" "$("$kpr" status --server 127.0.0.1:1 2>&1)" "Is 'kpr serve' running there"

# Cut anywhere, resumed, sent twice: every event is there once.
"$kpr" push "$file" --server "$server" --batch 7 --quiet >/dev/null 2>&1 &
pusher=$!
sleep 0.15
kill -9 $pusher
wait $pusher 2>/dev/null
expect "resume" "$("$kpr" push "$file" --server "$server" --resume --quiet)" ' 0 refused'
expect "several streams of one sender" "$(for _ in 1 2 3; do "$kpr" push "$file" --server "$server" --quiet & done; wait)" 'accepted'
"$kpr" push "$work/events/5001.ndjson" --server "$server" --quiet >/dev/null || fail "push"
quality=$("$kpr" quality --sender 1103 --server "$server")
expect "contiguous chain" "$quality" "^$(grep -o '"sequence":"[0-9]*"' "$file" | sort -u | wc -l) events; contiguous up to.* 0 gaps"
sed -n '5,$p' "$work/events/5001.ndjson" >"$work/gap.ndjson"
"$kpr" push "$work/gap.ndjson" --server "$server" --quiet >/dev/null
expect "a chain without its beginning" "$("$kpr" quality --sender gap --server "$server" --csv)" 'CHAIN_GAP between 0 and'
expect "feedback" "$("$kpr" feedback --sender 5001 --server "$server" | head -3)" '"cursor":.*"code":"[A-Z_]+".*"message_nb"|^$'
# A correction whose original never came, and an end without a start, come back as findings, in both languages.
grep -m1 '"service_ended"' "$file" | sed -E 's/"event_id":"[^"]*"/"event_id":"00000000-0000-4000-8000-00000000000b"/; s/"EVENT_STATUS_ORIGINAL"/"EVENT_STATUS_REPLACE"/; s/"refers_to":"[^"]*",//; s/"status"/"refers_to":"00000000-0000-4000-8000-00000000000c","status"/' >"$work/findings.ndjson"
grep -m1 '"service_ended".*service_type":15' "$file" | sed -E 's/"event_id":"[^"]*"/"event_id":"00000000-0000-4000-8000-00000000000d"/; s/"EVENT_STATUS_REPLACE"/"EVENT_STATUS_ORIGINAL"/; s/"refers_to":"[^"]*",//; s/"service_id":"[^"]*"/"service_id":"never-started"/' >>"$work/findings.ndjson"
"$kpr" push "$work/findings.ndjson" --sender findings --server "$server" --quiet >/dev/null || fail "findings push"
wait_applied
expect "findings" "$("$kpr" feedback --sender findings --server "$server")" 'UNKNOWN_ORIGINAL.*Rettelsen venter'
expect "findings" "$("$kpr" feedback --sender findings --server "$server")" 'END_WITHOUT_START.*not running'
# A month said to be whole, with one event more than has come.
declare_march() { # EVENT SEQUENCE EVENTS
  grep -m1 period_complete "$work/events/1103.ndjson" |
    sed -E "s/\"event_id\":\"[^\"]*\"/\"event_id\":\"00000000-0000-4000-8000-0000000000$1\"/; s/\"sequence\":\"[0-9]*\"/\"sequence\":\"$2\"/; s/\"period_complete\":\{[^}]*\}/\"period_complete\":{\"first_month\":\"2023-03\",\"last_month\":\"2023-03\",\"events\":\"$3\"}/"
}
received=$(grep '"occurred_on":"2023-03' "$work/events/1103.ndjson" | grep -v period_complete | grep -oE '"event_id":"[^"]*"' | sort -u | wc -l)
declare_march e0 9000001 "$received" >"$work/1103.ndjson"
"$kpr" push "$work/1103.ndjson" --server "$server" --quiet >/dev/null || fail "declaration"
refute "a control total that agrees" "$("$kpr" quality --sender 1103 --server "$server")" 'CONTROL_TOTAL'
declare_march e1 9000002 $((received + 1)) >"$work/1103.ndjson"
"$kpr" push "$work/1103.ndjson" --server "$server" --quiet >/dev/null || fail "declaration"
expect "a control total that does not" "$("$kpr" quality --sender 1103 --server "$server")" "CONTROL_TOTAL 1103 2023-03 to 2023-03: declared $((received + 1)), received $received"
wait_applied
expect "server up" "$("$kpr" status --server "$server")" 'takes events'
stop_server || fail "exit code after SIGTERM"
verified=$("$kpr" verify --config "$work/kpr.toml" 2>&1) || fail "verify: $verified"
# I7: no identity number anywhere in the data directory.
grep -oh '"number":"[0-9]*"' "$work"/events/*.ndjson | tr -dc '0-9\n' | sort -u | head -300 >"$work/numbers"
if grep -rqaFf "$work/numbers" "$work/data" "$work/serve.log"; then fail "an identity number is in the data"; fi
"$kpr" log print --config "$work/kpr.toml" | grep -qFf "$work/numbers" && fail "an identity number is in the log"
exit $((failures > 0))
