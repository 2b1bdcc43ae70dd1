"""Extracts: from a request to files that hold what the events say, and no more; decided by two people, and nobody else's."""

import collections
import gzip
import hashlib
import hmac
import json
import re
import subprocess

import pytest

import naive_extract
from conftest import Server, events_of, wait_until
from extracts import (FIRST, LAST, VARIABLES, apply_delta, approve, as_bag, build, fetch, lines_of, make_keys, shown, start_registry, tables_of,
                      with_more, write_anonymous_request, write_request)

@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def registry(kpr_binary, simulated, tmp_path_factory):
    server = start_registry(kpr_binary, simulated, tmp_path_factory.mktemp("extracts"))
    yield server
    server.stop()


def test_files_hold_what_the_events_say(registry, simulated, keys, tmp_path):
    extract = build(registry, write_request(tmp_path, keys))
    files = fetch(registry, extract, tmp_path / "got", keys)
    persons = tables_of(files)
    events = [events_of(file) for file in sorted(simulated.glob("*.ndjson"))]
    expected = naive_extract.extract(events, FIRST, LAST, {18, 19, 1, 15}, 10, k=3)
    assert len(expected) > 100 and sum(len(person["medication_review"]) for person in expected) > 50
    assert as_bag(persons.values()) == as_bag(expected)
    everybody = naive_extract.extract(events, FIRST, LAST, {18, 19, 1, 15}, 10)
    risk = shown(registry, extract)["risk"]
    assert (int(risk["persons"]), int(risk["withheld"])) == (len(everybody), len(everybody) - len(expected)) and len(everybody) > len(expected)
    manifest = json.loads(files["manifest.json"])
    assert manifest["persons"] == len(expected)
    assert all(hashlib.sha256(files[file["name"]]).hexdigest() == file["sha256"] for file in manifest["files"])
    assert {file["name"] for file in manifest["files"]} | {"manifest.json"} == set(files)
    # Tokens in order: nothing tells in which order the register has the persons.
    assert list(persons) == sorted(persons) and all(re.fullmatch("[a-p]{16}", token) for token in persons)


def letters(digest):
    return "".join("abcdefghijklmnop"[byte >> 4] + "abcdefghijklmnop"[byte & 15] for byte in digest[:8])


def test_no_number_is_in_the_files_and_none_leads_to_a_token(registry, simulated, keys, tmp_path):
    files = fetch(registry, build(registry, write_request(tmp_path, keys, "numbers")), tmp_path / "got", keys)
    numbers = {event["subject"]["person"]["number"] for file in simulated.glob("*.ndjson") for event in events_of(file) if "person" in event["subject"]}
    for name, content in files.items():
        text = gzip.decompress(content) if name.endswith(".gz") else content
        assert not any(number.encode() in text for number in numbers), name
    # Whoever has all numbers and not the key: plain hashes, and keys that could be guessed.
    guesses = {letters(hashlib.sha256(number.encode()).digest()) for number in numbers}
    for key in (b"", b"numbers", bytes(32), b"project|numbers"):
        for form in ("{}", "1|{}", "person|1|{}|", "p{}"):
            guesses |= {letters(hmac.digest(key, form.format(number).encode(), "sha256")) for number in numbers}
    assert len(numbers) > 300 and not guesses & set(tables_of(files))


def test_a_second_build_has_the_same_bytes_and_another_project_no_token_of_it(registry, keys, tmp_path):
    first = fetch(registry, build(registry, write_request(tmp_path, keys, "twice")), tmp_path / "a", keys)
    second = fetch(registry, build(registry, write_request(tmp_path, keys, "twice")), tmp_path / "b", keys)
    tables = [name for name in first if name.endswith(".csv.gz")]
    assert [first[name] for name in tables] == [second[name] for name in tables]
    other = fetch(registry, build(registry, write_request(tmp_path, keys, "other")), tmp_path / "c", keys)
    mine, theirs = tables_of(first), tables_of(other)
    assert not set(mine) & set(theirs) and as_bag(mine.values()) == as_bag(theirs.values())
    # Not the same order either: who comes before whom is chance.
    unique = [bag for bag, count in as_bag(mine.values()).items() if count == 1]
    places = [{json.dumps({n: sorted(r) for n, r in person.items()}, sort_keys=True): i for i, person in enumerate(one.values())} for one in (mine, theirs)]
    same = sum((places[0][a] < places[0][b]) == (places[1][a] < places[1][b]) for a, b in zip(unique, unique[1:]))
    assert 0.4 < same / (len(unique) - 1) < 0.6


def test_two_people_decide_and_the_proposer_alone_fetches(registry, keys, tmp_path):
    file = write_request(tmp_path, keys, "decided")
    extract = json.loads(registry.run("extract", "propose", file, "--as", "anna", "--json").stdout)["id"]
    assert "not approved by two people" in registry.run("extract", "build", extract, "--as", "olav", check=False).stderr
    wrong = registry.run("extract", "approve", extract, "--as", "olav", "--role", "case_officer", "--request", "0" * 64, check=False)
    assert "approve what you have read" in wrong.stderr
    assert "does not approve it" in approve(registry, extract, "anna", "case_officer", check=False).stderr
    approve(registry, extract, "olav", "case_officer")
    assert "another person's" in approve(registry, extract, "olav", "data_protection_officer", check=False).stderr
    assert "a case_officer has approved it" in approve(registry, extract, "dagny", "case_officer", check=False).stderr
    approve(registry, extract, "dagny", "data_protection_officer")
    registry.run("extract", "build", extract, "--as", "olav")
    assert "of yours" in registry.run("extract", "fetch", extract, "--as", "per", "--out", tmp_path / "no", check=False).stderr
    assert "another name" in registry.run("extract", "propose", file, "--as", "per", check=False).stderr
    registry.run("extract", "revoke", extract, "--as", "dagny", "--role", "data_protection_officer", "--text", "ended")
    assert "REVOKED" in registry.run("extract", "fetch", extract, "--as", "anna", "--out", tmp_path / "no", check=False).stderr
    assert not list((registry.folder / "data.extracts" / extract).glob("files/*"))


def test_whoever_is_at_risk_is_not_given(registry, keys, tmp_path):
    extract = build(registry, write_request(tmp_path, keys, "refused", withhold="false"), check=False)
    refused = shown(registry, extract)
    assert refused["state"] == "STATE_REFUSED" and "withhold_small_classes" in refused["failure"]
    assert not refused["files"] and not list((registry.folder / "data.extracts" / extract).glob("files/*"))
    fewer = {variable["variable"]: int(variable["below"]) for variable in refused["risk"]["without"]}
    assert set(fewer) == {"persons.sex", "persons.birth_year", "persons.death_date", "persons.county", "releases.municipality"}
    assert all(below <= int(refused["risk"]["below"]) for below in fewer.values()) and int(refused["risk"]["below"]) > 0


@pytest.mark.parametrize("change, said", [
    (lambda text: text.replace('legal_basis: "GDPR art. 6(1)(e) and 9(2)(j)"', ""), "legal_basis: missing"),
    (lambda text: text.replace('"persons.sex"', '"persons.shoe_size"'), "there is no 'persons.shoe_size'"),
    (lambda text: text.replace('"persons.sex" aims: "reviews"', '"persons.sex"'), "'persons.sex' is more than is needed"),
    (lambda text: text + 'aims { id: "more" text: "What else?" }', "no variable is for 'more'"),
    (lambda text: text + 'variables { name: "persons.birth_date" aims: "reviews" }', "tells 'persons.birth_year' as well"),
    (lambda text: text.replace("population { service_active", "population { age { from: 80 } } # "), "population: expected"),
    (lambda text: re.sub("recipients: .*", 'recipients: "AGE-SECRET-KEY-1ABC"', text), "a secret key: keep it"),
    (lambda text: re.sub("expires_on: .*", 'expires_on: "2020-01-01"', text), "expires_on: expected a day"),
    (lambda text: text.replace('"2024-05"', '"2023-02"'), "last_month: expected first_month or later"),
    (lambda text: text + 'areas: "9898"', "'9898' is no municipality"),
    (lambda text: text.replace('project: "', 'project: "../'), "project: expected"),
    (lambda text: text + "colour: 3", "colour"),
    (lambda text: text.replace("PRECISION_EXACT", "PRECISION_MONTH").replace('"service_spells.days"', '"indicator_bed_days.numerator"'),
     "'indicator_bed_days.numerator' tells the days"),
    (lambda text: text.replace("To learn how", r"To \xff learn how"), "not UTF-8"),
], ids=lambda value: "" if callable(value) else value.split(":")[0][:24].replace(" ", "-"))
def test_what_is_wrong_with_a_request_is_named(registry, keys, tmp_path, change, said):
    file = write_request(tmp_path, keys, "wrong", change=change)
    dummy = [] if said.split(":")[0] in ("a secret key", "expires_on") else [("dummy", "--out", tmp_path / "dummy")]
    for command in (("check",), ("propose",), *dummy):
        run = subprocess.run([str(part) for part in (registry.binary, "extract", command[0], file, *command[1:], *(registry.where() if command[0] != "dummy" else []))],
                             capture_output=True, text=True, timeout=120)
        assert run.returncode == 2 and said in run.stdout + run.stderr
    assert not list((registry.folder / "data.extracts").glob("wrong*"))


def test_anonymous_tables_show_the_figures_and_hide_the_few(registry, keys, tmp_path):
    request = write_anonymous_request(tmp_path, keys)
    checked = registry.run("extract", "check", request, "--as", "anna").stdout
    assert "how much of the tables is hidden is known when they are built" in checked
    extract = build(registry, request)
    files = fetch(registry, extract, tmp_path / "got", keys)
    assert set(files) == {"plan.json", "certificate.json", "nursing_home_residents.csv", "nursing_home_residents.json", "manifest.json"}
    manifest = json.loads(files["manifest.json"])
    assert {file["name"]: file["sha256"] for file in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"}
    live = json.loads(registry.run("indicators", "get", "nursing_home_residents", "--from", "2023", "--to", "2023", "--level", "municipality", "--by-age",
                                   "--structure-year", "2024", "--json").stdout)["rows"]
    count = {(row["area"]["code"], row["age"]): int(row.get("numerator", 0)) for row in live}
    table = json.loads(files["nursing_home_residents.json"])
    states = collections.Counter()
    for row in table["rows"]:
        if len(row["area"]) != 4 or row["age"] == "all":
            continue
        states[row["states"][0]] += 1
        if row["states"][0] == "FIGURE_STATE_SHOWN":
            amount = int(row["amounts"][0])
            assert amount == count.get((row["area"], row["age"]), 0) and not 1 <= amount <= 4
    assert states["FIGURE_STATE_SHOWN"] > 5 and states["FIGURE_STATE_HIDDEN"] > 5
    again = build(registry, write_anonymous_request(tmp_path, keys, "others"))
    same = fetch(registry, again, tmp_path / "again", keys)
    assert same["nursing_home_residents.csv"] == files["nursing_home_residents.csv"]
    # The last day of December is that of the year: hidden in one, it could be read in the other.
    months = build(registry, write_anonymous_request(tmp_path, keys, "months", change=lambda text: text.replace('"2023"', '"2023-12"')), check=False)
    refused = shown(registry, months)
    assert refused["state"] == "STATE_REFUSED" and "in other periods" in refused["failure"] and not refused["files"]


def test_tables_need_no_key_and_rows_make_theirs_afterwards(kpr_binary, simulated, keys, tmp_path):
    server = Server(kpr_binary, tmp_path, {"extracts": {"k": 3, "l": 1}}).start()
    try:
        file = min(simulated.glob("*.ndjson"))
        server.push(file, "--sender", file.stem)
        server.wait_applied()
        for request in (write_anonymous_request(tmp_path, keys), write_request(tmp_path, keys)):
            assert shown(server, build(server, request))["state"] == "STATE_READY"
    finally:
        server.stop()


@pytest.mark.parametrize("change, said", [
    (lambda text: text.replace("nursing_home_residents", "nursing_homes"), "anonymous: nursing_homes: indicator: expected"),
    (lambda text: text.replace('periods: "2023"', 'periods: "2031"'), "periods: expected some that have ended in the data"),
    (lambda text: text.replace("statistics_norway", "none"), "named_policy: expected"),
    (lambda text: text.replace(' aims: "who" }', " }"), "no aim names it"),
    (lambda text: text + 'first_month: "2023-01"\n', "first_month: is of rows on persons"),
    (lambda text: text.replace("CSV", "STATA"), "formats: expected CSV"),
    (lambda text: text.replace("statistics_norway", "rounded"), "named_policy: expected one that hides"),
    (lambda text: text.replace("by_age", "levels: LEVEL_COUNTRY levels: LEVEL_COUNTRY by_age"), "each level once"),
])
def test_what_is_wrong_with_a_request_for_tables_is_named(registry, keys, tmp_path, change, said):
    checked = registry.run("extract", "check", write_anonymous_request(tmp_path, keys, change=change), "--as", "anna", check=False)
    assert checked.returncode != 0 and said in checked.stdout + checked.stderr


def test_dummy_files_have_the_form_of_the_real_ones(registry, keys, tmp_path):
    file = write_request(tmp_path, keys, "form")
    real = fetch(registry, build(registry, file), tmp_path / "real", keys)
    subprocess.run([registry.binary, "extract", "dummy", file, "--out", tmp_path / "dummy"], check=True, capture_output=True)
    dummy = {path.name: path.read_bytes() for path in (tmp_path / "dummy").iterdir()}
    assert set(dummy) == set(real) and dummy["codebook.json"] == real["codebook.json"]
    assert json.loads(dummy["manifest.json"])["dummy"] and not set(tables_of(dummy)) & set(tables_of(real))
    schema = [[resource["schema"] for resource in json.loads(files["datapackage.json"])["resources"]] for files in (dummy, real)]
    assert schema[0] == schema[1]


def test_a_build_continues_after_the_server_was_killed(registry, keys, tmp_path):
    file = write_request(tmp_path, keys, "killed")
    before = fetch(registry, build(registry, file), tmp_path / "before", keys)
    extract = json.loads(registry.run("extract", "propose", file, "--as", "anna", "--json").stdout)["id"]
    approve(registry, extract, "olav", "case_officer")
    approve(registry, extract, "dagny", "data_protection_officer")
    registry.run("extract", "build", extract, "--as", "olav", "--no-wait")
    registry.process.kill()
    registry.process.wait()
    registry.start()
    wait_until(lambda: shown(registry, extract)["state"] == "STATE_READY", "it is built without being asked again")
    after = fetch(registry, extract, tmp_path / "after", keys)
    assert {name: after[name] for name in after if name.endswith(".gz")} == {name: before[name] for name in before if name.endswith(".gz")}


def test_a_fetch_continues_where_it_ended_and_finds_what_was_changed(registry, keys, tmp_path):
    extract = build(registry, write_request(tmp_path, keys, "fetched"))
    fetch(registry, extract, tmp_path / "whole", keys)
    whole = (tmp_path / "whole/service_spells.csv.gz.age").read_bytes()
    (tmp_path / "part").mkdir()
    (tmp_path / "part/service_spells.csv.gz.age.part").write_bytes(whole[:1000])
    (tmp_path / "part/persons.csv.gz.age.part").write_bytes(b"not what was built")
    failed = registry.run("extract", "fetch", extract, "--as", "anna", "--out", tmp_path / "part", check=False)
    assert failed.returncode == 1 and "persons.csv.gz.age: not what was built" in failed.stderr
    registry.run("extract", "fetch", extract, "--as", "anna", "--out", tmp_path / "part")
    assert (tmp_path / "part/service_spells.csv.gz.age").read_bytes() == whole


def test_a_long_purpose_cannot_spoil_the_audit_log(registry, keys, tmp_path):
    purpose = "x" * 499 + "åååå"
    file = write_request(tmp_path, keys, "long", change=lambda text: text.replace("To learn how often medicines are reviewed", purpose))
    fetch(registry, build(registry, file), tmp_path / "got", keys)

    def purposes():
        return {json.loads(line)["record"]["purpose"] for line in registry.run("audit", "list", "--json").stdout.splitlines()}

    wait_until(lambda: "x" * 499 in purposes(), "the record is whole up to the letter that does not fit")


def test_an_extract_ends_before_its_day(registry, keys, tmp_path):
    extract = build(registry, write_request(tmp_path, keys, "ended"))
    assert "EXPIRED" in registry.run("extract", "expire", extract, "--as", "anna").stdout
    assert not list((registry.folder / "data.extracts" / extract).glob("files/*"))
    assert registry.run("extract", "fetch", extract, "--as", "anna", "--out", tmp_path / "no", check=False).returncode == 1
    assert "not ready" in registry.run("extract", "expire", extract, "--as", "anna", check=False).stderr


def test_every_step_is_in_the_audit_log(registry, keys, tmp_path):
    extract = build(registry, write_request(tmp_path, keys, "audited"))
    fetch(registry, extract, tmp_path / "got", keys)

    def records():
        lines = registry.run("audit", "list", "--json").stdout.splitlines()
        return [record for record in (json.loads(line)["record"] for line in lines) if extract in record["subject"]]

    files = len(shown(registry, extract)["files"])
    wait_until(lambda: len(records()) >= 7 + files, "all steps are signed for")
    kinds = collections.Counter(record["kind"] for record in records())
    assert kinds == {"KIND_EXTRACT_DECIDED": 4, "KIND_EXTRACT_BUILT": 3, "KIND_EXTRACT_FETCHED": files}
    built = next(record for record in records() if "built:" in record["outcome"])
    persons = (registry.folder / "data.extracts" / extract / "persons").read_bytes()
    assert hashlib.sha256(persons).hexdigest() in built["outcome"] and len(persons) == 16 * int(shown(registry, extract)["persons"])


def test_a_delta_makes_the_new_extract_of_the_old_one(kpr_binary, simulated, keys, tmp_path):
    server = Server(kpr_binary, tmp_path, {"extracts": {"k": 2, "l": 1}}).start()
    events = events_of(simulated / "1103.ndjson")
    server.push(simulated / "1103.ndjson", "--sender", "1103")
    server.wait_applied()
    # Nothing that points to persons, so that nobody is left out of one of the three for what the others told.
    tables = {**VARIABLES, "persons": ["death_place"]}
    file = write_request(tmp_path, keys, tables=tables)
    first = build(server, file)
    old = fetch(server, first, tmp_path / "old", keys)
    residents = [event["subject"]["person"]["number"] for event in naive_extract.effective(events)
                 if event.get("service_started", {}).get("service_type") in (18, 19, 1, 15) and "2023-06" < event["occurred_on"] < "2024-01"]
    reviews = list({event["subject"]["person"]["number"]: event for event in naive_extract.effective(events)
                    if "medication_review" in event and event["subject"]["person"]["number"] in residents}.values())  # of different persons
    reserved, renumbered, other, *_ = sorted(set(residents) - {review["subject"]["person"]["number"] for review in reviews[:3]})
    # Numbers that this register does not know. Two, since who is new alone is left out.
    elsewhere = sorted({event["subject"]["person"]["number"] for event in events_of(simulated / "5001.ndjson") if "person" in event["subject"]})
    more = with_more(events, [
        {"subject": {"person": {"type": 1, "number": reserved}}, "occurred_on": "2024-05-01", "reservation": {"purpose": "PURPOSE_RESEARCH"}},
        *({"subject": {"person": {"type": 1, "number": number}}, "occurred_on": "2024-05-01",
           "identity_changed": {"new_identity": {"type": 1, "number": new}}} for number, new in ((renumbered, elsewhere[0]), (other, elsewhere[1]))),
        {"subject": reviews[0]["subject"], "occurred_on": "2024-05-02", "status": "EVENT_STATUS_REPLACE", "refers_to": reviews[0].get("refers_to") or reviews[0]["event_id"],
         "medication_review": {"kind": "KIND_FULL_REVIEW"}},
        {"subject": reviews[1]["subject"], "occurred_on": reviews[1]["occurred_on"], "status": "EVENT_STATUS_ANNUL",
         "refers_to": reviews[1].get("refers_to") or reviews[1]["event_id"], "medication_review": {"kind": "KIND_FULL_REVIEW"}},
        {"subject": reviews[2]["subject"], "occurred_on": "2024-05-03", "medication_review": {"kind": "KIND_FULL_REVIEW"}},
    ])
    (tmp_path / "more.ndjson").write_text("".join(json.dumps(event) + "\n" for event in more))
    server.push(tmp_path / "more.ndjson", "--sender", "1103")
    server.wait_applied()
    refused = server.run("extract", "propose", write_request(tmp_path, keys), "--as", "anna", "--delta-to", first, check=False)
    assert "is of another request" in refused.stderr
    change = fetch(server, build(server, write_request(tmp_path, keys, tables=tables), options=("--delta-to", first)), tmp_path / "delta", keys)
    new = fetch(server, build(server, write_request(tmp_path, keys, tables=tables)), tmp_path / "new", keys)
    assert new["medication_review.csv.gz"] != old["medication_review.csv.gz"]
    schemas = {resource["name"]: [field["type"] for field in resource["schema"]["fields"][1:]] for resource in json.loads(new["datapackage.json"])["resources"]}
    for table in VARIABLES:
        applied = apply_delta(lines_of(old, f"{table}.csv.gz"), lines_of(change, f"{table}.delta.csv.gz"), schemas[table])
        assert applied == lines_of(new, f"{table}.csv.gz"), table
    said = json.loads(change["manifest.json"])["delta"]
    # Whose number changed is another person for who has the tokens: two go with the reserved one, two come.
    assert said["to"] == first and (said["withdrawn_persons"], said["new_persons"], said["changed_persons"]) == (3, 2, 3)
    server.stop()


def test_a_damaged_extract_stops_nothing_else(kpr_binary, simulated, keys, tmp_path):
    server = Server(kpr_binary, tmp_path).start()
    server.push(simulated / "1103.ndjson", "--sender", "1103")
    server.wait_applied()
    extract = build(server, write_request(tmp_path, keys))
    server.stop()
    (tmp_path / "data.extracts" / extract / "extract.pb").write_bytes(b"no extract")
    server.start()
    assert "restore it from a backup" in server.run("extract", "list", check=False).stderr
    assert "restore it from a backup" in server.log.read_text()
    server.push(simulated / "5001.ndjson", "--sender", "5001")
    assert server.run("indicators", "list").stdout
    server.stop()
