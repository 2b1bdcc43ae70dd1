"""DuckDB as the batch that one would write instead: loads events, asks for five figures, takes in one correction and asks
again. Arguments: events and correction as 'kpr log print' has them, one record a line."""
import pathlib
import sys

import duckdb

from timed import timed

COLUMNS = """{sender: 'VARCHAR', event: 'STRUCT(event_id UUID, refers_to VARCHAR, status VARCHAR, sequence BIGINT, occurred_on DATE,
    subject STRUCT(pseudonym VARCHAR, provider VARCHAR, municipality VARCHAR),
    service_started STRUCT(service_id VARCHAR, service_type INTEGER), service_ended STRUCT(service_id VARCHAR),
    person_details STRUCT(birth_date VARCHAR, death_date VARCHAR), medication_review STRUCT(kind VARCHAR),
    nutrition_assessment JSON)'}"""
EVENTS = f"""select event.event_id id, coalesce(nullif(event.refers_to, '')::uuid, event.event_id) original, event.status status,
    coalesce(event.sequence, 0) "sequence", sender, event.occurred_on on_day,
    coalesce(event.subject.pseudonym, event.subject.provider, event.subject.municipality) subject,
    coalesce(event.service_started.service_id, event.service_ended.service_id) service_id,
    event.service_started.service_type service_type, event.service_started is not null starts, event.service_ended is not null ends,
    event.person_details is not null details, nullif(event.person_details.birth_date, '')::date birth,
    nullif(event.person_details.death_date, '')::date death,
    coalesce(event.medication_review.kind = 'KIND_FULL_REVIEW', false) review, event.nutrition_assessment is not null nutrition
    from read_json(?, format = 'newline_delimited', columns = {COLUMNS}, maximum_object_size = 67108864)"""


def main():
    events, correction = sys.argv[1:]
    database = duckdb.connect()
    statements = pathlib.Path(__file__).with_name("figures.sql").read_text().split(";\n")

    def figures(when):
        for statement in filter(str.strip, statements):
            last = database.execute(statement)
        return [(when, *row) for row in last.fetchall()]

    def load():
        database.execute("create table day as select d::date d from range(date '2024-01-01', date '2025-01-01', interval 1 day) t(d)")
        database.execute("create table events as " + EVENTS, [events])

    def correct():
        database.execute("insert into events " + EVENTS, [correction])
        return figures("after")

    timed("load_s", load)
    rows = timed("first_s", lambda: figures("before")) + timed("correction_s", correct)
    peak = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print("memory_mib", int(peak.split()[1]) // 1024)
    for row in rows:
        print(*row)


main()
