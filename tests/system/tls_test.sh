#!/usr/bin/env bash
# Who may connect and send: certificates and the policy file.
. "$(dirname "$0")/../support/server.sh"
examples=$(realpath "$(dirname "$0")/../../deploy")
cd "$work"
authority() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.crt" -subj "/CN=$1" -days 2 2>/dev/null; }
certificate() { # name, subjectAltName, authority
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 2 -out "$1.crt" \
    -extfile <(printf 'subjectAltName=%s' "$2") 2>/dev/null
}
authority ca
authority other
certificate server IP:127.0.0.1 ca
certificate stavanger URI:urn:kpr:sender:1103 ca
certificate stranger URI:urn:kpr:sender:stranger ca
certificate two URI:urn:kpr:sender:1103,URI:urn:kpr:sender:5001 ca
certificate forged URI:urn:kpr:sender:1103 other
certificate reader URI:urn:kpr:reader ca
certificate municipal URI:urn:kpr:municipal ca
cat >policy.toml <<'TOML'
[[principal]]
name = "urn:kpr:reader"
roles = ["national_reader", "operator"]
[[principal]]
name = "urn:kpr:municipal"
roles = ["municipal_reader"]
municipalities = ["1103"]
[[principal]]
name = "urn:kpr:sender:1103"
roles = ["sender"]
municipalities = ["1103"]
TOML
config_server="certificate = \"$work/server.crt\"
private_key = \"$work/server.key\"
client_ca = \"$work/ca.crt\"
policy = \"$work/policy.toml\""
write_config
simulate --out "$work/events"
start_server || fail "no start: $(cat "$work/serve.log")"
as() {
  local who=$1
  shift
  "$@" --server "$server" --ca ca.crt --cert "$who.crt" --key "$who.key" 2>&1
}
push() { as "$1" "$kpr" push "$2" --quiet --give-up 2; }
expect "the sender's own municipality" "$(push stavanger events/1103.ndjson)" ' 0 refused'
expect "another's municipality" "$(push stavanger events/5001.ndjson)" 'NOT_YOUR_MUNICIPALITY.*kommune 5001'
expect "a stranger" "$(push stranger events/1103.ndjson)" "not in the policy"
expect "two names" "$(push two events/1103.ndjson)" 'exactly one URI SAN'
expect "another authority" "$(push forged events/1103.ndjson)" 'certificate the right one'
expect "plaintext" "$("$kpr" push events/1103.ndjson --quiet --give-up 2 --server "$server" 2>&1)" 'certificate the right one'
expect "a sender is no reader" "$(as stavanger "$kpr" indicators list)" 'the method is open to'
for question in "get medication_review" "explain medication_review --period 2023" "revisions medication_review --period 2023" \
  "compare medication_review --period 2023" "watch medication_review"; do
  # shellcheck disable=SC2086
  expect "a sender asks: $question" "$(as stavanger "$kpr" indicators $question)" 'the method is open to'
done
expect "a sender asks how the register stands" "$(as stavanger "$kpr" status)" 'the method is open to'
expect "a reader" "$(as reader "$kpr" indicators list)" 'medication_review'
# A municipal reader: its own municipality, and the country to compare with; no persons, no events of others.
get_as() { as municipal "$kpr" indicators "$1" medication_review "${@:2}"; }
expect "its own" "$(get_as get --level municipality --area 1103 --from 2024)" 'Stavanger'
expect "the country" "$(get_as get --from 2024)" 'Norge'
expect "another's" "$(get_as get --level municipality --area 5001 --from 2024)" "municipality 5001 is not the principal's"
expect "all" "$(get_as get --level municipality --from 2024)" "only the principal's own municipalities"
expect "a county" "$(get_as get --level county --area 11 --from 2024)" "only the principal's own municipalities"
expect "own and another's" "$(get_as get --level municipality --area 1103 5001 --from 2024)" "5001 is not the principal's"
expect "own revisions" "$(get_as revisions --period 2023 --area 1103)" '->'
expect "the country's revisions name events of others" "$(get_as revisions --period 2023 --area 0)" "only the principal's own municipalities"
expect "no explanations" "$(get_as explain --period 2023 --area 1103)" 'the method is open to national_reader'
expect "a comparison of its own" "$(get_as compare --period 2023 --area 1103)" '1103'
expect "a comparison of all" "$(get_as compare --period 2023)" "only the principal's own municipalities"
expect "a reader is no sender" "$(push reader events/1103.ndjson)" 'the method is open to sender'
expect "own standing" "$(as stavanger "$kpr" quality)" 'events; contiguous'
# A policy replaced on SIGHUP counts for streams that are open; a broken one changes nothing.
replace_policy() { # PATTERN: until the server's log has it
  kill -HUP "$server_pid"
  for _ in $(seq 200); do
    grep -q "$1" serve.log && return
    sleep 0.1
  done
  fail "no '$1' in the log"
}
as reader "$kpr" indicators watch medication_review >watched 2>&1 &
watcher=$!
for _ in $(seq 200); do [ -s watched ] && break; sleep 0.1; done
echo 'readers = []' >policy.toml
replace_policy "policy not reloaded, the one in use stays: .*policy.toml:1: readers"
expect "a broken policy changes nothing" "$(as reader "$kpr" indicators list)" 'medication_review'
cat >policy.toml <<'TOML'
[[principal]]
name = "urn:kpr:sender:1103"
roles = ["sender"]
municipalities = ["1103", "5001"]
[[forbid]]
principal = "urn:kpr:sender:1103"
municipality = "1103"
TOML
replace_policy "policy reloaded principals=1"
expect "a reader no more" "$(as reader "$kpr" indicators list)" 'not in the policy'
expect "a forbid wins over the grant" "$(push stavanger events/1103.ndjson)" 'NOT_YOUR_MUNICIPALITY.*kommune 1103'
expect "what is granted beside it" "$(push stavanger events/5001.ndjson)" 'accepted'
for _ in $(seq 200); do kill -0 $watcher 2>/dev/null || break; sleep 0.1; done
kill $watcher 2>/dev/null && fail "an open watch went on after its reader was gone"
expect "the watch says why" "$(cat watched)" 'not in the policy'
expect "refused calls are in the log" "$(cat serve.log)" 'urn:kpr:reader.*not in the policy'
stop_server || fail "exit code after SIGTERM"
# Plaintext is for loopback; a broken configuration says where.
config() { printf '%b' "$1" >bad.toml; "$kpr" serve --config bad.toml 2>&1; }
expect "plaintext elsewhere" "$(config '[server]\nlisten = "0.0.0.0:1"\nplaintext_loopback = true\n')" 'plaintext is for loopback only'
expect "no certificate" "$(config '')" 'server.certificate is missing'
expect "unknown option" "$(config '[server]\nlisden = "x"\n')" 'bad.toml:2: no option server.lisden'
expect "wrong type" "$(config '[data]\npartitions = "four"\n')" 'bad.toml:2: data.partitions: expected a whole number'
expect "the documented configuration is whole" "$("$kpr" serve --config "$examples/kpr.toml" 2>&1)" 'server.certificate is missing'
expect "no toml" "$(config '[data\n')" 'bad.toml:1:'
# So does a broken policy.
policy() { printf '%b' "$1" >policy.toml; "$kpr" serve --config kpr.toml 2>&1; }
expect "single brackets" "$(policy '[principal]\nname = "urn:a"\n')" 'policy.toml:1: principal: expected \[\[principal\]\]'
expect "roles" "$(policy '[[principal]]\nname = "urn:a"\nroles = "sender"\n')" 'policy.toml:3: roles: expected a list'
expect "municipality" "$(policy '[[principal]]\nname = "urn:a"\nroles = ["sender"]\nmunicipalities = ["301"]\n')" 'policy.toml:4: municipalities: expected a municipality of four digits'
expect "unknown key" "$(policy '[[principal]]\nname = "urn:a"\nroles = ["sender"]\nmunicipalities = ["0301"]\nmunicipality = "x"\n')" 'policy.toml:5: municipality'
exit $((failures > 0))
