#!/usr/bin/env bash
# What one would pick instead: PostgreSQL 15 computing five of the indicators from the same events, beside kpr in the
# same run. Arguments: number of municipalities (default 40), folder (default temporary), scale (default 1). Needs root, as the
# database server will not run as root and is started as its own user.
set -euo pipefail
cd "$(dirname "$0")/../.."
kpr=$PWD/build/release/app/kpr
first=${1:-40}
work=${2:-$(mktemp -d)}
scale=${3:-1}
mkdir -p "$work"
bin=/usr/lib/postgresql/15/bin
finish() {
  [ -d "$work/pg" ] && runuser -u postgres -- "$bin/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1
  jobs -p | xargs -r kill -9 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
now() { date +%s%N; }
seconds() { awk -v n=$(($(now) - $1)) 'BEGIN { printf "%.2f", n / 1e9 }'; }
row() { echo "| $1 | $2 | $3 |"; }

"$kpr" simulate --first "$first" --scale "$scale" --from 2021-01-01 --to 2024-12-31 --renumbered 0 --out "$work/events" >/dev/null 2>&1
port=$((20000 + RANDOM % 30000))
server=127.0.0.1:$port
"$kpr" serve --data "$work/kpr" --listen $server --insecure-loopback >"$work/out" 2>/dev/null &
until grep -q listening "$work/out"; do sleep 0.05; done
began=$(now)
"$kpr" push "$work"/events/*.ndjson --server $server --quiet >"$work/pushed"
until [ "$("$kpr" status --server $server --csv | awk -F, 'NR > 1 { s += $4 } END { print s + 0 }')" = 0 ]; do sleep 0.1; done
kpr_load=$(seconds "$began")
began=$(now)
for i in nursing_home_residents medication_review bed_days recipients_during_period nutrition_assessed; do
  "$kpr" indicators get $i --from 2024 --server $server --csv | tail -1 | cut -d, -f4,15,16
done >"$work/kpr.csv"
kpr_query=$(seconds "$began")
kill %1
wait %1 2>/dev/null || true
"$kpr" log print --data "$work/kpr" 2>/dev/null | grep '"event"' | sed 's/\\/\\\\/g' >"$work/log.ndjson"
events=$(wc -l <"$work/log.ndjson")

chmod 755 "$work" "$work/log.ndjson"
install -d -o postgres "$work/pg"
runuser -u postgres -- "$bin/initdb" -D "$work/pg" -A trust >/dev/null
cat >>"$work/pg/postgresql.conf" <<CONF
shared_buffers = 4GB
work_mem = 512MB
maintenance_work_mem = 2GB
max_wal_size = 8GB
max_parallel_workers_per_gather = 2
listen_addresses = ''
unix_socket_directories = '$work/pg'
CONF
runuser -u postgres -- "$bin/pg_ctl" -D "$work/pg" -l "$work/pg/log" -w start >/dev/null
sql() { psql -h "$work/pg" -U postgres -v ON_ERROR_STOP=1 -qAt "$@"; }

began=$(now)
sql <<SQL
create unlogged table raw (j jsonb);
\copy raw from '$work/log.ndjson'
create table events as
select (e->>'event_id')::uuid id,
       coalesce(nullif(e->>'refers_to', ''), e->>'event_id')::uuid original,
       e->>'status' status, coalesce((e->>'sequence')::bigint, 0) sequence, j->>'sender' sender,
       coalesce(e->'subject'->>'pseudonym', e->'subject'->>'provider', e->'subject'->>'municipality') subject,
       (e->>'occurred_on')::date on_day, e->>'municipality' municipality,
       coalesce(e->'service_started', e->'service_ended') service,
       e ? 'service_started' starts, e ? 'service_ended' ends, e->'person_details' details,
       e->'medication_review'->>'kind' = 'FULL_REVIEW' review, e ? 'nutrition_assessment' nutrition
from (select j, j->'event' e from raw) r;
SQL
pg_load=$(seconds "$began")
began=$(now)
sql <<SQL
create index on events (original, sequence);
create index on events (subject);
create index on events (id);
analyze events;
SQL
pg_index=$(seconds "$began")

cat >"$work/query.sql" <<'SQL'
create temp table effective as
select * from (select distinct on (original) * from events e
               where exists (select 1 from events o where o.id = e.original and o.status = 'ORIGINAL')
               order by original, sequence desc, id desc) v where status <> 'ANNUL';
create index on effective (subject);
analyze effective;
create temp table person as
select distinct on (subject) subject, nullif(details->>'birth_date', '')::date birth,
       coalesce(nullif(details->>'death_date', '')::date, 'infinity') death
from effective where details is not null order by subject, on_day desc, original desc;
analyze person;
create temp table spell as
select s.subject, (s.service->>'service_type')::int type, s.on_day first, coalesce(e.last, 'infinity') last,
       coalesce(p.death, 'infinity') death, p.birth
from effective s
left join lateral (select min(x.on_day) last from effective x where x.ends and x.subject = s.subject and x.sender = s.sender
                   and x.service->>'service_id' = s.service->>'service_id' and x.on_day >= s.on_day) e on true
left join person p on p.subject = s.subject
where s.starts;
analyze spell;
select 'nursing_home_residents', count(distinct subject), 0 from spell
where type in (18, 19, 20, 21) and first <= '2024-12-31' and least(last, death) >= '2024-12-31';
with resident as (select distinct subject from spell where type = 21 and first <= '2024-12-31'
                  and least(last, death) >= '2024-12-31' and birth <= '1957-12-31')
select 'medication_review', count(*) filter (where exists (select 1 from effective f where f.subject = r.subject and f.review
       and f.on_day > '2023-12-31' and f.on_day <= '2024-12-31')), count(*) from resident r;
select 'bed_days', count(*), 0 from (select distinct subject, d from spell,
  generate_series(greatest(first, '2024-01-01'), least(least(last, death) - 1, '2024-12-31'), interval '1 day') d
  where type in (18, 19, 20, 21) and first <= '2024-12-31' and least(last, death) > '2024-01-01') x;
select 'recipients_during_period', count(distinct subject), 0 from spell
where first <= '2024-12-31' and least(last, death) >= greatest(first, '2024-01-01');
with resident as (select distinct subject from spell where type = 21 and first <= '2024-12-31'
                  and least(last, death) >= '2024-12-31' and birth <= '1957-12-31')
select 'nutrition_assessed', count(*) filter (where exists (select 1 from effective f where f.subject = r.subject and f.nutrition
       and f.on_day > '2023-12-31' and f.on_day <= '2024-12-31')), count(*) from resident r;
SQL
began=$(now)
sql -f "$work/query.sql" >"$work/pg.csv"
pg_query=$(seconds "$began")
began=$(now)
sql <<'SQL'
insert into events select gen_random_uuid(), original, 'ANNUL', sequence + 1000000, sender, subject, on_day, municipality,
  service, starts, ends, details, review, nutrition from events where review and on_day between '2022-03-01' and '2022-12-31' limit 1;
SQL
sql -f "$work/query.sql" >/dev/null
pg_correct=$(seconds "$began")

echo "$events events of $first municipalities at scale $scale, four years; the five figures of 2024 for the country (kpr keeps every"
echo "indicator, municipality, provider, sex, age and month at the same time)"
echo
echo "| what | kpr | PostgreSQL 15 |"
echo "|---|---|---|"
row "load" "$kpr_load s, all figures computed" "$pg_load s"
row "index" "-" "$pg_index s"
row "the five figures" "$kpr_query s, five calls of the command line" "$pg_query s"
row "the five figures after one correction" "see 'one correction' above" "$pg_correct s"
echo
if diff <(tr '|' ',' <"$work/pg.csv" | cut -d, -f2,3) <(awk -F, '{ print int($2) "," int($3) }' "$work/kpr.csv") >"$work/diff"; then
  echo "The ten numbers are the same in both."
else
  echo "The numbers differ (PostgreSQL <, kpr >):"
  cat "$work/diff"
fi
