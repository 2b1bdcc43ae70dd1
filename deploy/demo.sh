#!/usr/bin/env bash
# The main job, end to end, on the embedded default: a synthetic country in, live indicators out, and what one
# correction of an old event does to them. Ends by itself; with --keep the server stays until Ctrl-C. KPR_DEMO_SCALE makes
# the country larger.
set -euo pipefail
kpr=$PWD/build/release/app/kpr
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
page=127.0.0.1:$((port + 1))
server=127.0.0.1:$port
trap 'kill %1 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
get() { "$kpr" indicators get "$@" --server "$server"; }

say "1. Six municipalities over three years, with late, corrected, annulled, duplicated and lost events"
"$kpr" simulate --municipalities 1103,1108,4601,4626,5001,5501 --from 2022-01-01 --to 2024-12-31 \
  --scale "${KPR_DEMO_SCALE:-0.6}" --contacts 2 --out "$work/events"

say "2. The register serves; six senders push at once over gRPC"
printf '[data]\ndirectory = "%s/data"\n[server]\nlisten = "%s"\nplaintext_loopback = true\n[http]\nlisten = "%s"\n[operation]\nmetrics_listen = ""\n' \
  "$work" "$server" "$page" >"$work/kpr.toml"
"$kpr" serve --config "$work/kpr.toml" >"$work/serve.out" 2>"$work/serve.log" &
"$kpr" push "$work"/events/*.ndjson --parallel 6 --server "$server"
until [ "$("$kpr" status --server "$server" --csv | awk -F, 'NR > 1 { behind += $4 } END { print behind }')" = 0 ]; do sleep 0.1; done

say "3. Experience of users and of relatives (index 0-100, with response rate)"
get user_experience --from 2022 --to 2024
get relative_experience --from 2022 --to 2024
say "   Medication reviews"
get medication_review --from 2024 --level municipality --area 1103 1108 4601 4626 5001 5501
say "   Use of places"
get occupancy --from 2024-10 --to 2024-12 --level county --area 11 46 50 55
get place_waiting_time --from 2022 --to 2024

say "4. One correction: a long stay of 2022 that never was is annulled"
# Every yearly figure of the country and the municipalities, one a line.
figures() {
  "$kpr" indicators list --csv --server "$server" | tail -n +2 | cut -d, -f1 | while read -r id; do
    for level in country municipality; do
      get "$id" --from 2022 --to 2024 --level "$level" --csv | tr -d '\r' | awk -F, -v id="$id" 'NR > 1 { print id "," $4 "," $5 "," $6 "\t" $10 " (" $15 "/" $16 ")" }'
    done
  done | sort
}
figures >"$work/before"
file=$work/events/4601.ndjson
event=$(grep -m1 -E '"occurred_on":"2022-0[3-9].*"service_type":21' <(grep '"EVENT_STATUS_ORIGINAL".*service_started' "$file"))
sequence=$(($(tail -n 1 "$file" | grep -o '"sequence":"[0-9]*"' | tr -dc 0-9) + 100))
id=$(sed -E 's/.*"event_id":"([^"]*)".*/\1/' <<<"$event")
echo "$event" | sed -E "s/\"event_id\":\"[^\"]*\"/\"event_id\":\"00000000-0000-4000-8000-0000000000a1\",\"refers_to\":\"$id\"/; s/\"EVENT_STATUS_ORIGINAL\"/\"EVENT_STATUS_ANNUL\"/; s/\"sequence\":\"[0-9]*\"/\"sequence\":\"$sequence\"/" >"$work/4601.ndjson"
echo "annuls event $id: $(grep -o '"occurred_on":"[^"]*"' <<<"$event") $(grep -o '"service_started":.*' <<<"$event" | tr -d '{}')"
"$kpr" push "$work/4601.ndjson" --server "$server"
sleep 1
figures >"$work/after"
printf '%-30s %-6s %-22s %s\n' indicator period area "from -> to: value (numerator/denominator)"
join -t $'\t' "$work/before" "$work/after" | awk -F '\t' '$2 != $3 { split($1, k, ","); printf "%-30s %-6s %-22s %s -> %s\n", k[1], k[2], k[3] " " k[4], $2, $3 }'
echo "because the subject of that event no longer has a stay from that day on; the correction's finding:"
"$kpr" quality --sender 4601 --server "$server" --csv | grep -v CHAIN_GAP

say "5. What is behind a value: one of its subjects, with the events"
"$kpr" indicators explain medication_review --period 2024 --area 4601 --limit 1 --purpose "the demo looks behind a value" --server "$server"

say "6. Every cell against a naive batch over the log"
kill %1
wait %1 || true
"$kpr" verify --config "$work/kpr.toml" 2>/dev/null

say "7. A publication: a draft by a plan, previewed by a municipality, signed off by all 357"
"$kpr" serve --config "$work/kpr.toml" >>"$work/serve.out" 2>>"$work/serve.log" &
until "$kpr" status --server "$server" >/dev/null 2>&1; do sleep 0.1; done
release() { "$kpr" release "$@" --server "$server"; }
plan=deploy/publications/care.textproto
# A draft, the answers of all municipalities, a second person's approval, the release.
publish() {
  release draft "$plan" --as anna >"$work/draft"
  release review care --json | sed -n '/[nN]ot_*[sS]igned/,/\]/p' | grep -oE '"[0-9]{4}"' | tr -d '"' >"$work/codes"
  [ -z "${1:-}" ] || release sign-off care --municipality "$1" --object "stays of March are missing"
  grep -vx "${1:-none}" "$work/codes" | xargs -P2 -n1 "$kpr" release sign-off care --server "$server" --municipality | sort | uniq -c | awk '{ n += $1 } END { print n " municipalities approved" }'
  release review care
  release approve care --content "$(release review care | awk '/^content/ { print $2 }')" --as berit
  release publish care --as anna | tail -n 3
}
"$kpr" release plan "$plan"
release draft "$plan" --as anna | tail -n 3
release preview care --municipality 4601
publish

say "8. Twenty stays of 2024 in Bergen turn out to be none, and one in Trondheim; Sandnes objects to the next release"
annul() { # FILE COUNT
  local municipality
  municipality=$(basename "$1" .ndjson)
  local sequence=$(($(tail -n 1 "$1" | grep -o '"sequence":"[0-9]*"' | tr -dc 0-9) + 200))
  grep '"EVENT_STATUS_ORIGINAL".*service_started' "$1" | grep -E '"occurred_on":"202[34]-.*"service_type":21' | awk -v most="$2" 'NR <= most' |
    while read -r event; do
      sequence=$((sequence + 1))
      id=$(sed -E 's/.*"event_id":"([^"]*)".*/\1/' <<<"$event")
      sed -E "s/\"event_id\":\"[^\"]*\"/\"event_id\":\"$(printf '00000000-0000-4000-8000-%012d' "$((10#$municipality * 1000 + sequence % 1000))")\",\"refers_to\":\"$id\"/; s/\"EVENT_STATUS_ORIGINAL\"/\"EVENT_STATUS_ANNUL\"/; s/\"sequence\":\"[0-9]*\"/\"sequence\":\"$sequence\"/" <<<"$event"
    done >"$work/annul-$municipality.ndjson"
  "$kpr" push "$work/annul-$municipality.ndjson" --server "$server"
}
annul "$work/events/4601.ndjson" 20
annul "$work/events/5001.ndjson" 1
until [ "$("$kpr" status --server "$server" --csv | awk -F, 'NR > 1 { behind += $4 } END { print behind }')" = 0 ]; do sleep 0.1; done
publish 1108
echo "what readers see of it, and why (a change of one to four persons is held):"
release diff care 2

say "9. Anybody checks both from their files: hashes, signature, chain, and the attack on what is hidden"
for number in 1 2; do release save care "$number" --out "$work/release-$number"; done
"$kpr" release check "$work/release-1" "$work/release-2"
head -n 4 "$work/release-2/tables/nursing_home_residents.csv"
say "10. Who has looked at data on persons, and that nobody can change what is recorded of it"
"$kpr" audit list --kind persons_read --server "$server"
key=$("$kpr" audit prove 0 --out "$work" --server "$server" | grep -oE '[^ ]+\+[0-9a-f]{8}\+[^ ]+')
"$kpr" audit verify "$work/data.audit/public" --verifier-key "$key"
say "11. An extract for research: dummy files at once, two approvals, files that only the researcher can read"
age-keygen -o "$work/researcher.key" 2>/dev/null
request=$work/medicines.textproto
sed -e "s/^recipients: .*/recipients: \"$(age-keygen -y "$work/researcher.key")\"/" -e "s/^expires_on: .*/expires_on: \"$(date -d '+90 days' +%F)\"/" \
  deploy/extracts/medicines.textproto >"$request"
extract() { "$kpr" extract "$@" --server "$server"; }
"$kpr" extract dummy "$request" --out "$work/dummy"
extract check "$request"
extract propose "$request" --as anna | tail -n 1
sha256=$(extract show medicines-2026-1 | awk '/^request/ { print $2 }')
extract approve medicines-2026-1 --request "$sha256" --as olav --role case_officer | tail -n 1
extract approve medicines-2026-1 --request "$sha256" --as dagny --role data_protection_officer | tail -n 1
extract build medicines-2026-1 --as olav | sed -n '1p; /^risk/,/^file/p' | head -n -1
extract fetch medicines-2026-1 --as anna --out "$work/extract"
for file in persons medication_review; do age -d -i "$work/researcher.key" "$work/extract/$file.csv.gz.age" | zcat | sed -n 1,3p; done
say "12. What the public sees: the page and the API behind it"
curl -sS "http://$page/api/open/v1/kpr/table/care.medication_review/data.csv?GEO=0,46,4601&AAR=*&MEASURE_TYPE=value&lang=en"
echo "the web page: http://$page/"
if [ "${1:-}" = --keep ]; then
  say "It stays until Ctrl-C. Ask it: kpr indicators list --server $server"
  trap 'exit 0' INT TERM
  wait
fi
say "Done. The same with your own events: README.md; with the page: ./run demo --keep"
