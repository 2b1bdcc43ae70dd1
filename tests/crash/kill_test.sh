#!/usr/bin/env bash
# I1 and I3 under kill -9: while senders push, the server is killed again and again. An oracle outside of it, the
# senders' own files of receipts, says what was acknowledged: all of it must be in the log, once in every figure.
# KPR_KILLS sets the cycles.
scale=0.5
. "$(dirname "$0")/../support/server.sh"
kills=${KPR_KILLS:-50}
write_config
simulate --out "$work/events"
# Small batches and few at once, so that there is load for every kill.
start_server || fail "no start"
pushers=()
push_all() {
  for file in "$work"/events/*.ndjson; do
    "$kpr" push "$file" --batch 2 --receipts "$work/acked-$(basename "$file")" --server "$server" --give-up 120 --quiet \
      >>"$work/push.out" 2>>"$work/push.err" &
    pushers+=($!)
  done
}
push_all
for ((i = 1; i <= kills; i++)); do
  sleep 0.$((RANDOM % 4))$((RANDOM % 10))
  kill_server
  start_server || { fail "no start after kill $i: $(tail -3 "$work/serve.log")"; break; }
  # When all is sent, it is sent again: duplicates are part of the load.
  kill -0 "${pushers[@]}" 2>/dev/null || { pushers=(); push_all; }
done
for pusher in "${pushers[@]}"; do wait "$pusher" || fail "a sender gave up: $(tail -3 "$work/push.err")"; done
wait_applied
stop_server || fail "exit code after SIGTERM"
sort -u "$work"/acked-* >"$work/acked"
"$kpr" log print --config "$work/kpr.toml" --ids | sort -u >"$work/logged"
lost=$(comm -23 "$work/acked" "$work/logged" | wc -l)
equal "acknowledged events that are not in the log" "$lost" 0
[ "$(wc -l <"$work/acked")" -gt 1000 ] || fail "too little load: $(wc -l <"$work/acked") events"
verified=$("$kpr" verify --config "$work/kpr.toml" 2>&1) || fail "verify: $verified"
"$kpr" export --config "$work/kpr.toml" 2>/dev/null >"$work/live"
"$kpr" rebuild --config "$work/kpr.toml" 2>/dev/null || fail "rebuild"
"$kpr" export --config "$work/kpr.toml" 2>/dev/null >"$work/rebuilt"
cmp -s "$work/live" "$work/rebuilt" || fail "the rebuilt export differs"
echo "$kills kills, $(wc -l <"$work/acked") events acknowledged, $lost lost; $(tail -1 <<<"$verified")"
exit $((failures > 0))
