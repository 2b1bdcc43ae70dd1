"""A named linker learns which of its persons are in an extract and by which pseudonym; nobody else does, and nobody who objects is linked."""

import csv
import json
import subprocess

import pytest

import naive_extract
from conftest import events_of, wait_until
from extracts import approve, build, fetch, make_keys, start_registry, tables_of, with_more, write_request

LINKAGE = 'linkage { linker: "lise" purpose: "Causes of death, for the mortality of residents" most_persons: 5000 }\n'


@pytest.fixture(scope="module")
def simulated(kpr_binary, tmp_path_factory):
    """As the others', with many whose number changes."""
    out = tmp_path_factory.mktemp("renumbered")
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2023-01-01", "--to", "2024-06-30",
                    "--scale", "0.05", "--lost", "0", "--renumbered", "0.1", "--out", out], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("key"))


def reserve(server, folder, number, kind, purpose):
    server.events += with_more(server.events, [
        {"subject": {"person": {"type": kind, "number": number}}, "occurred_on": "2024-05-01", "reservation": {"purpose": purpose}}])
    (folder / "more.ndjson").write_text(json.dumps(server.events[-1]) + "\n")
    server.push(folder / "more.ndjson", "--sender", "1103")
    server.wait_applied()


@pytest.fixture(scope="module")
def registry(kpr_binary, simulated, tmp_path_factory):
    server = start_registry(kpr_binary, simulated, tmp_path_factory.mktemp("linkage"))
    server.events = events_of(simulated / "1103.ndjson")
    residents = sorted({event["subject"]["person"]["number"] for event in naive_extract.effective(server.events)
                        if event.get("service_started", {}).get("service_type") in (18, 19, 1, 15) and "2023-06" < event["occurred_on"] < "2024-01"})
    server.objecting = residents[3]
    reserve(server, server.folder, server.objecting, 1, "PURPOSE_DISCLOSURE_WITH_IDENTITY")
    yield server
    server.stop()


def unknown_numbers(count):
    """Synthetic ones with right check digits; the simulator's are of other days."""
    found = []
    for individual in range(500, 1000):
        digits = [int(digit) for digit in f"018199{individual}"]
        first = -sum(d * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        second = -sum(d * w for d, w in zip([*digits, first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if first < 10 and second < 10:
            found.append("".join(map(str, [*digits, first, second])))
    return found[:count]


def persons_of(files):
    """Identity numbers, each with its type."""
    return {event["subject"]["person"]["number"]: event["subject"]["person"]["type"] for file in files for event in events_of(file) if "person" in event["subject"]}


def link(server, extract, persons, folder, who="lise", check=True):
    asked = folder / "numbers.csv"
    asked.write_text("type,number\n" + "".join(f"{kind},{number}\n" for number, kind in persons.items()))
    done = server.run("extract", "link", extract, "--persons", asked, "--out", folder / "key.csv", "--as", who, check=check)
    if not check:
        return done
    with open(folder / "key.csv", newline="") as file:
        return {row["number"]: row["person"] for row in csv.DictReader(file)}


def requested(folder, keys, project):
    return write_request(folder, keys, project, change=lambda text: text + LINKAGE)


def test_the_linker_gets_who_is_in_it_and_under_which_pseudonym(registry, simulated, keys, tmp_path):
    files = sorted(simulated.glob("*.ndjson"))
    extract = build(registry, requested(tmp_path, keys, "linked"))
    rows = tables_of(fetch(registry, extract, tmp_path / "got", keys))
    persons = persons_of(files)
    unknown = unknown_numbers(5)
    assert len(unknown) == 5 and not set(unknown) & set(persons) and len(persons) > 300
    key = link(registry, extract, {**dict.fromkeys(unknown, 1), **persons}, tmp_path)
    assert not set(key) & set(unknown)
    # By what the events say: the rows under the pseudonym are the person's. Who objects to being given out by number is not linked.
    facts = naive_extract.by_person([events_of(file) for file in files])
    now = {event["subject"]["person"]["number"]: event["identity_changed"]["new_identity"]["number"]
           for file in files for event in naive_extract.effective(events_of(file)) if "identity_changed" in event}
    for number, token in key.items():
        present = number
        while present in now:
            present = now[present]
        details = naive_extract.details_of(facts[present])
        assert rows[token]["persons"][0][0] == naive_extract.SEX.get(details.get("sex"), "")
        starts = {event["occurred_on"] for event in facts[present] if "service_started" in event}
        assert {row[1] for row in rows[token]["service_spells"]} <= starts and present != registry.objecting
    # Everybody else of whom there are rows is linked.
    unlinked = set(rows) - set(key.values())
    assert len(unlinked) == 1 and len(set(key.values())) > 100
    renumbered = [number for number in now if number in key]
    assert renumbered and all(key[number] == key[now[number]] for number in renumbered if now[number] in key)

    def records():
        lines = registry.run("audit", "list", "--json", "--kind", "linkage_key_given").stdout.splitlines()
        return [record for record in (json.loads(line)["record"] for line in lines) if record["subject"] == extract]

    wait_until(records, "what was given is recorded")
    # Everybody asked for: that somebody is not in it is an answer as well.
    assert sum(len(record["persons"]) for record in records()) == len(persons) + len(unknown)
    assert {(record["principal"], record["purpose"]) for record in records()} == {("lise", "Causes of death, for the mortality of residents")}
    content = b"".join(path.read_bytes() for path in registry.folder.rglob("*") if path.is_file())
    assert not any(number.encode() in content for number in [*unknown, *list(key)[:50]])


@pytest.mark.parametrize("purpose", ["PURPOSE_DISCLOSURE_WITH_IDENTITY", "PURPOSE_RESEARCH"])
def test_whoever_objects_after_the_build_is_linked_no_more(registry, simulated, keys, tmp_path, purpose):
    extract = build(registry, requested(tmp_path, keys, purpose.lower().replace("_", "-")))
    persons = persons_of([simulated / "1103.ndjson"])
    key = link(registry, extract, persons, tmp_path)
    objects = sorted(key)[0 if purpose == "PURPOSE_RESEARCH" else 1]
    reserve(registry, tmp_path, objects, persons[objects], purpose)
    later = link(registry, extract, persons, tmp_path)
    gone = {number for number, token in key.items() if token == key[objects]}
    assert objects in gone and later == {number: token for number, token in key.items() if number not in gone}


def test_nobody_else_links(registry, simulated, keys, tmp_path):
    file = requested(tmp_path, keys, "named")
    persons = dict(list(persons_of([simulated / "1103.ndjson"]).items())[:3])
    own = write_request(tmp_path, keys, "own", change=lambda text: text + LINKAGE.replace("lise", "anna"))
    assert "does not link them" in registry.run("extract", "propose", own, "--as", "anna", check=False).stderr
    extract = json.loads(registry.run("extract", "propose", file, "--as", "anna", "--json").stdout)["id"]
    assert "does not approve it" in approve(registry, extract, "lise", "case_officer", check=False).stderr
    assert "not ready" in link(registry, extract, persons, tmp_path, check=False).stderr
    approve(registry, extract, "olav", "case_officer")
    approve(registry, extract, "dagny", "data_protection_officer")
    registry.run("extract", "build", extract, "--as", "olav")
    assert "names you as its linker" in link(registry, extract, persons, tmp_path, who="anna", check=False).stderr
    assert "names you as its linker" in link(registry, build(registry, write_request(tmp_path, keys, "unnamed")), persons, tmp_path, check=False).stderr
    wrong = link(registry, extract, {"12345678901": 1}, tmp_path, check=False)
    assert wrong.returncode == 2 and "persons 0" in wrong.stderr and "12345678901" not in wrong.stderr
    registry.run("extract", "revoke", extract, "--as", "dagny", "--role", "data_protection_officer", "--text", "ended")
    assert "REVOKED" in link(registry, extract, persons, tmp_path, check=False).stderr


def test_a_project_has_one_linker_who_asks_for_no_more_than_was_approved(registry, simulated, keys, tmp_path):
    persons = list(persons_of([simulated / "1103.ndjson"]).items())
    few = write_request(tmp_path, keys, "few", change=lambda text: text + LINKAGE.replace("5000", "5"))
    extract = build(registry, few)
    link(registry, extract, dict(persons[:3]), tmp_path)
    assert "3 of 5 persons" in link(registry, extract, dict(persons[:3]), tmp_path, check=False).stderr
    link(registry, extract, dict(persons[3:5]), tmp_path)
    registry.process.kill()
    registry.process.wait()
    registry.start()
    assert "5 of 5 persons" in link(registry, extract, dict(persons[5:6]), tmp_path, check=False).stderr
    # Pseudonyms are the project's: another extract's linker could join this one too.
    other = write_request(tmp_path, keys, "few", change=lambda text: text + LINKAGE.replace("lise", "lars"))
    assert "names another linker" in registry.run("extract", "propose", other, "--as", "anna", check=False).stderr
    decided = write_request(tmp_path, keys, "few", change=lambda text: text.replace("EXACT", "MONTH").replace('variables { name: "service_spells.days" aims: "reviews" }', ""))
    later = json.loads(registry.run("extract", "propose", decided, "--as", "anna", "--json").stdout)["id"]
    assert f"{extract} names you" in approve(registry, later, "lise", "case_officer", check=False).stderr
    # A request that was rejected binds nobody.
    mistaken = write_request(tmp_path, keys, "mistaken", change=lambda text: text + LINKAGE.replace("lise", "lars"))
    rejected = json.loads(registry.run("extract", "propose", mistaken, "--as", "anna", "--json").stdout)["id"]
    right = requested(tmp_path, keys, "mistaken")
    assert "names another linker" in registry.run("extract", "propose", right, "--as", "anna", check=False).stderr
    registry.run("extract", "reject", rejected, "--as", "olav", "--role", "case_officer", "--text", "the linker is another")
    registry.run("extract", "propose", right, "--as", "anna")
    unlinked = write_request(tmp_path, keys, "first")
    build(registry, unlinked)
    named = write_request(tmp_path, keys, "first", change=lambda text: text + LINKAGE.replace("lise", "olav"))
    assert "olav has decided on first-1" in registry.run("extract", "propose", named, "--as", "anna", check=False).stderr


def test_a_lost_list_says_of_nobody_that_they_are_not_in_it(registry, simulated, keys, tmp_path):
    extract = build(registry, requested(tmp_path, keys, "lost"))
    persons = dict(list(persons_of([simulated / "1103.ndjson"]).items())[:3])
    file = registry.folder / "data.extracts" / extract / "persons"
    whole = file.read_bytes()
    file.write_bytes(whole[:-16])
    assert "the list of persons has" in link(registry, extract, persons, tmp_path, check=False).stderr
    file.unlink()
    assert link(registry, extract, persons, tmp_path, check=False).returncode == 1
    number, kind = next(iter(persons.items()))
    desk = subprocess.run([registry.binary, "subject", "access", *registry.where(), "--type", str(kind), "--purpose", "request", "--as", "desk", "--json"],
                          input=number + "\n", capture_output=True, text=True, timeout=120)
    assert desk.returncode != 0 and "is lost" in desk.stderr
    file.write_bytes(whole)
