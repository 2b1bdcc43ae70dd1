"""Rare codes are given together as "other": which ones, in every table, and in a delta where other ones are rare than before."""

import gzip
import json

import pytest

import naive_extract
from conftest import Server, events_of
from extracts import FIRST, LAST, VARIABLES, apply_delta, as_bag, build, fetch, lines_of, make_keys, shown, tables_of, with_more, write_request

TYPES = {18, 19, 1, 15}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("key"))


def residents_of(events):
    """Those who are in the extract: a service that it names began within its months."""
    return sorted({event["subject"]["person"]["number"] for event in naive_extract.effective(events)
                   if event.get("service_started", {}).get("service_type") in TYPES and "2023-06" < event["occurred_on"] < "2024-01"})


def diagnose(server, folder, found):
    more = with_more(server.events, [{"subject": {"person": {"type": 1, "number": number}}, "occurred_on": "2024-05-01",
                                      "diagnosis": {"system": "SYSTEM_ICPC2", "code": code}} for number, code in found])
    (folder / "more.ndjson").write_text("".join(json.dumps(event) + "\n" for event in more))
    server.push(folder / "more.ndjson", "--sender", "1103")
    server.wait_applied()
    server.events += more


@pytest.fixture(scope="module")
def registry(kpr_binary, simulated, tmp_path_factory):
    server = Server(kpr_binary, tmp_path_factory.mktemp("codes"), {"extracts": {"k": 4, "l": 1}}).start()
    server.events = events_of(simulated / "1103.ndjson")
    server.push(simulated / "1103.ndjson", "--sender", "1103")
    # Two have one code, three another, six a third.
    residents = residents_of(server.events)
    diagnose(server, server.folder, [(number, code) for code, numbers in (("Z28", residents[:2]), ("A04", residents[1:4]), ("K77", residents[4:10])) for number in numbers])
    yield server
    server.stop()


def grouping(folder, keys, **options):
    return write_request(folder, keys, change=lambda text: text + "group_rare_codes: true\n", **options)


def test_a_code_that_few_have_is_other(registry, keys, tmp_path):
    events = [registry.events]
    extract = build(registry, grouping(tmp_path, keys))
    files = fetch(registry, extract, tmp_path / "got", keys)
    expected = naive_extract.extract(events, FIRST, LAST, TYPES, 10, k=4, fewest=4)
    assert as_bag(tables_of(files).values()) == as_bag(expected) and len(expected) > 50
    plain = naive_extract.extract(events, FIRST, LAST, TYPES, 10, k=4)
    assert as_bag(plain) != as_bag(expected)
    codes = {row[1] for person in expected for row in person["diagnosis"]}
    assert "other" in codes and "K77" in codes and not codes & {"Z28", "A04"}
    # Which codes are there and rare tells of somebody: those who decide see it (test_extract_roles.py: the researcher does not).
    assert any(one["variable"] == "diagnosis.code" for one in shown(registry, extract, "olav").get("grouped", []))
    labels = {variable["name"]: {str(code.get("code", 0)): code["label"]["nb"] for code in variable.get("codes", [])}
              for table in json.loads(files["codebook.json"])["tables"] for variable in table.get("variables", [])}
    assert labels["service_spells.service_type"]["-1"] == "Annet (sjeldne koder samlet)" and labels["persons.county"]["-1"] == labels["service_spells.service_type"]["-1"]


def test_a_delta_knows_what_was_rare_before(registry, keys, tmp_path):
    # Nothing that points to persons, so that nobody is left out for what the others told.
    tables = {**VARIABLES, "persons": ["death_place"]}
    file = grouping(tmp_path, keys, project="changing", tables=tables)
    first = build(registry, file)
    old = fetch(registry, first, tmp_path / "old", keys)
    diagnose(registry, tmp_path, [(number, "Z28") for number in residents_of(registry.events)[10:16]])
    change = fetch(registry, build(registry, file, options=("--delta-to", first)), tmp_path / "delta", keys)
    new = fetch(registry, build(registry, file), tmp_path / "new", keys)
    assert "Z28" not in gzip.decompress(old["diagnosis.csv.gz"]).decode() and "Z28" in gzip.decompress(new["diagnosis.csv.gz"]).decode()
    schemas = {resource["name"]: [field["type"] for field in resource["schema"]["fields"][1:]] for resource in json.loads(new["datapackage.json"])["resources"]}
    for table in tables:
        assert apply_delta(lines_of(old, f"{table}.csv.gz"), lines_of(change, f"{table}.delta.csv.gz"), schemas[table]) == lines_of(new, f"{table}.csv.gz"), table
