"""What the tests of extracts share: a request, the way to its files, and whose keys they are for."""

import collections
import csv
import datetime
import gzip
import io
import json
import subprocess
import uuid

from conftest import Server

FIRST, LAST = "2023-03-01", "2024-05-31"
VARIABLES = {
    "persons": ["sex", "birth_year", "death_date", "county"], "service_spells": ["service_type", "start", "end", "days"],
    "medication_review": ["date", "kind"], "function_assessment": ["date", "mean_score"], "diagnosis": ["system", "code"]}
REQUEST = """
project: "{project}"
title: "Medication reviews"
institution: "University"
legal_basis: "GDPR art. 6(1)(e) and 9(2)(j)"
purpose: "To learn how often medicines are reviewed"
aims {{ id: "reviews" text: "How often are medicines reviewed?" }}
population {{ service_active {{ types: 18 types: 19 types: 1 types: 15 }} }}
{variables}
first_month: "2023-03"
last_month: "2024-05"
dates: DATE_PRECISION_EXACT
birth_years: 10
{formats}
recipients: "{recipient}"
expires_on: "{expires}"
withhold_small_classes: {withhold}
"""

ANONYMOUS = """
project: "{project}"
title: "Residents"
institution: "University"
legal_basis: "statistics"
purpose: "To learn who lives in nursing homes"
aims {{ id: "who" text: "Who lives in nursing homes?" }}
anonymous {{
  structure_year: 2024
  named_policy: "statistics_norway"
  tables {{ table {{ indicator: "nursing_home_residents" periods: "2023" by_age: true }} aims: "who" }}
}}
formats: FILE_FORMAT_CSV
recipients: "{recipient}"
expires_on: "{expires}"
"""


def start_registry(binary, simulated, folder):
    """A server that has everything which the simulated municipalities have sent."""
    server = Server(binary, folder, {"extracts": {"k": 3, "l": 1}}).start()
    for file in sorted(simulated.glob("*.ndjson")):
        server.push(file, "--sender", file.stem)
    server.wait_applied()
    return server


def make_keys(folder):
    """A secret key's file and the public key."""
    file = folder / "key.txt"
    subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)
    return file, subprocess.run(["age-keygen", "-y", file], check=True, capture_output=True, text=True).stdout.strip()


def write_request(folder, keys, project="reviews", withhold="true", tables=VARIABLES, formats=("CSV",), change=lambda text: text):
    variables = "\n".join(f'variables {{ name: "{table}.{column}" aims: "reviews" }}' for table, columns in tables.items() for column in columns)
    expires = datetime.date.today() + datetime.timedelta(days=100)
    file = folder / f"{project}.textproto"
    file.write_text(change(REQUEST.format(project=project, variables=variables, recipient=keys[1], withhold=withhold, expires=expires,
                                          formats="\n".join(f"formats: FILE_FORMAT_{name}" for name in formats))))
    return file


def write_anonymous_request(folder, keys, project="residents", change=lambda text: text):
    file = folder / f"{project}.textproto"
    file.write_text(change(ANONYMOUS.format(project=project, recipient=keys[1], expires=datetime.date.today() + datetime.timedelta(days=100))))
    return file


def shown(server, extract, who="anna"):
    return json.loads(server.run("extract", "show", extract, "--as", who, "--json").stdout)


def approve(server, extract, who, role, check=True):
    return server.run("extract", "approve", extract, "--as", who, "--role", role, "--request", shown(server, extract)["request_sha256"], check=check)


def build(server, file, check=True, options=()):
    """From the request to the end of its build. Its id."""
    proposed = json.loads(server.run("extract", "propose", file, "--as", "anna", "--json", *options).stdout)
    approve(server, proposed["id"], "olav", "case_officer")
    approve(server, proposed["id"], "dagny", "data_protection_officer")
    server.run("extract", "build", proposed["id"], "--as", "olav", check=check)
    return proposed["id"]


def fetch(server, extract, folder, keys):
    """The decrypted files, by name."""
    server.run("extract", "fetch", extract, "--as", "anna", "--out", folder)
    return {file.stem: subprocess.run(["age", "-d", "-i", keys[0], file], check=True, capture_output=True).stdout for file in folder.glob("*.age")}


def tables_of(files):
    """Rows by person and table."""
    persons = collections.defaultdict(lambda: {name: [] for name in VARIABLES})
    for name, columns in VARIABLES.items():
        rows = csv.DictReader(io.TextIOWrapper(gzip.GzipFile(fileobj=io.BytesIO(files[f"{name}.csv.gz"])), newline=""))
        assert rows.fieldnames == ["person", *columns]
        for row in rows:
            persons[row["person"]][name].append(tuple(row[column] for column in columns))
    return persons


def as_bag(persons):
    return collections.Counter(json.dumps({name: sorted(rows) for name, rows in person.items()}, sort_keys=True) for person in persons)


def with_more(events, more):
    """The sender's further events, at the end of its chain."""
    sequence, previous, sent = int(events[-1]["sequence"]), events[-1]["event_id"], max(event["sent_at"] for event in events)
    made = []
    for event in more:
        sequence += 1
        made.append({"event_id": str(uuid.uuid4()), "status": "EVENT_STATUS_ORIGINAL", "sequence": str(sequence), "previous_event_id": previous,
                     "municipality": "1103", "registered_at": sent, "sent_at": sent, **event})
        previous = made[-1]["event_id"]
    return made


def lines_of(files, name):
    return gzip.decompress(files[name]).decode().split("\r\n")[:-1]


def apply_delta(old, delta, types):
    """As docs/researchers.md tells it: what is withdrawn goes, what is new comes, and the rows are put in order."""
    header, *rows = [line.split(",") for line in old]
    left = collections.Counter(map(tuple, rows))
    for person, change, *values in (line.split(",") for line in delta[1:]):
        left[(person, *values)] += 1 if change == "1" else -1
    assert min(left.values(), default=0) >= 0

    def order(row):
        return [row[0], *((value != "", float(value or 0) if kind in ("integer", "number") else value) for value, kind in zip(row[1:], types))]

    return [",".join(header), *(",".join(row) for row in sorted(left.elements(), key=order))]
