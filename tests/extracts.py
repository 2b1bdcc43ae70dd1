"""What the tests of extracts share: a request, the way to its files, and whose keys they are for."""

import datetime
import json
import subprocess

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
