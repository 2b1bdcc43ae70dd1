#!/usr/bin/env bash
# A full disk: new events are refused with the reason, questions are still answered, and it continues when there
# is room again. On a small file system of its own; needs root, as all set-up does.
on_finish=clean_up
mounted=
clean_up() { [ -n "$mounted" ] && umount -l "$mounted" 2>/dev/null; }
. "$(dirname "$0")/../support/server.sh"
disk=$work/disk
mkdir "$disk"
truncate -s 120M "$work/image"
mkfs.ext4 -q -m 0 "$work/image"
if mount -o loop "$work/image" "$disk" 2>/dev/null; then :; else mount -t tmpfs -o size=120m tmpfs "$disk" || { fail "no file system to fill"; exit 1; }; fi
mounted=$disk
data=$disk/data
config_data='reserve_mb = 32'
write_config
scale=0.3 simulate --out "$work/events"
start_server || fail "no start: $(cat "$work/serve.log")"
"$kpr" push "$work/events/5001.ndjson" --server "$server" --quiet >/dev/null || fail "push"
wait_applied
before=$("$kpr" indicators get nursing_home_residents --from 2023 --server "$server")
free=$(df --output=avail -B1M "$disk" | tail -1)
fallocate -l "$((free - 20))M" "$disk/filler" || fail "filler"
"$kpr" push "$work/events/1103.ndjson" --server "$server" --batch 200 --receipts "$work/acked" --quiet --give-up 60 >"$work/push.out" 2>&1 &
pusher=$!
sleep 2
expect "status says it" "$("$kpr" status --server "$server")" 'REFUSES'
equal "questions are answered" "$("$kpr" indicators get nursing_home_residents --from 2023 --server "$server")" "$before"
kill -0 $pusher || fail "the sender did not wait: $(cat "$work/push.out")"
[ -s "$work/acked" ] && fail "events were acknowledged on a full disk"
rm "$disk/filler"
wait $pusher || fail "the sender gave up: $(cat "$work/push.out")"
expect "taken up again" "$(cat "$work/push.out")" 'accepted.* 0 refused'
wait_applied
stop_server || fail "exit code"
"$kpr" verify --config "$work/kpr.toml" >"$work/verified" 2>&1 || fail "verify: $(cat "$work/verified")"
exit $((failures > 0))
