"""What a person who asks is shown: everything that was sent on them, what was corrected, and who has received or read it; and that asking leaves no number."""

import base64
import hashlib
import json
import re
import subprocess
import uuid

import pytest

import naive_extract
from conftest import Server, events_of, wait_until
from extracts import build, make_keys, write_request


@pytest.fixture(scope="module")
def world(kpr_binary, simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("subject")
    server = Server(kpr_binary, folder).start()
    for file in sorted(simulated.glob("*.ndjson")):
        server.push(file, "--sender", file.stem)
    server.wait_applied()
    extract = build(server, write_request(folder, make_keys(folder)))
    events = [event for file in sorted(simulated.glob("*.ndjson")) for event in {e["event_id"]: e for e in events_of(file)}.values() if "person" in event["subject"]]
    yield server, extract, events
    server.stop()


def ask(server, number, *options, purpose="request 2026/17", kind=1):
    return subprocess.run([server.binary, "subject", "access", *server.where(), "--type", str(kind), "--purpose", purpose, "--as", "desk", *options],
                          input=number + "\n", capture_output=True, text=True, timeout=120)


def access(server, number, kind=1):
    done = ask(server, number, "--json", kind=kind)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def number_of(event):
    return event["subject"]["person"]["number"]


def test_everything_that_was_sent_is_shown(world):
    server, _, events = world
    corrected = {number_of(event) for event in events if event["status"] == "EVENT_STATUS_REPLACE"}
    changed = {number_of(event) for event in events if "identity_changed" in event}
    for number in sorted(corrected - changed)[:10]:
        own = [event for event in events if number_of(event) == number]
        held = access(server, number)
        assert len(held["pseudonyms"]) == 1
        assert {fact["event_id"] for fact in held["facts"]} == {event["event_id"] for event in own}
        in_force = {fact["event_id"] for fact in held["facts"] if fact["validity"] == "VALIDITY_IN_FORCE"}
        by_sender = {event["municipality"]: [other for other in own if other["municipality"] == event["municipality"]] for event in own}
        assert in_force == {event["event_id"] for one in by_sender.values() for event in naive_extract.effective(one)}
        assert {fact["sender"] for fact in held["facts"]} == set(by_sender)
        details = naive_extract.details_of(naive_extract.effective(own))
        assert (held["birth_date"], held["sex"]) == (details.get("birth_date", ""), details.get("sex", "SEX_UNSPECIFIED"))
    assert len(corrected - changed) >= 10


def test_a_former_number_leads_to_the_present_one(world):
    server, _, events = world
    change = next(event for event in naive_extract.effective(events) if "identity_changed" in event)
    former, present = (access(server, person["number"], person["type"]) for person in (change["subject"]["person"], change["identity_changed"]["new_identity"]))
    assert len(former["pseudonyms"]) == 2 and sorted(former["pseudonyms"]) == sorted(present["pseudonyms"])
    assert former["facts"] == present["facts"] and len(former["facts"]) > 1


def proved(proof):
    """The record, if its hash is a leaf under the checkpoint's root."""
    record, nonce = base64.b64decode(proof["record"]), base64.b64decode(proof["nonce"])
    head, note = proof["proof"].split("\n\n", 1)
    _, index, *path = head.splitlines()
    index, size, root = int(index.split()[1]), int(note.splitlines()[1]), base64.b64decode(note.splitlines()[2])
    node = hashlib.sha256(b"\0" + hashlib.sha256(nonce + record).digest()).digest()
    last = size - 1
    for other in map(base64.b64decode, path):  # RFC 6962, 2.1.1
        if index & 1 or index == last:
            node = hashlib.sha256(b"\1" + other + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + other).digest()
        index, last = index >> 1, last >> 1
    assert node == root
    return record


def test_who_has_received_and_read_is_shown_with_proofs(world):
    server, extract, events = world
    explained = json.loads(server.run("indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103", "--json", "--limit", "1000", "--purpose", "a case").stdout)
    seen = {one["subject"] for one in explained["contributions"]}
    residents = [number_of(event) for event in naive_extract.effective(events)
                 if event["municipality"] == "1103" and event.get("service_started", {}).get("service_type") in (18, 19) and event["occurred_on"] < "2023-06"]
    found = {}

    def both():
        for number in residents:
            held = access(server, number)
            # This question is a read too, and the next shows it, before it is in a checkpoint.
            case = [one for one in held["readings"] if one["purpose"] == "a case"]
            if seen & set(held["pseudonyms"]) and held["disclosures"] and case and all(one.get("proof") for one in held["disclosures"] + case):
                found.update(held)
                return True
        return False

    wait_until(both, "a resident was explained and is in the extract, and both are in a checkpoint")
    disclosure = found["disclosures"][0]
    assert (disclosure["extract"], disclosure["institution"], disclosure["over"]) == (extract, "University", False)
    assert extract.encode() in proved(disclosure["proof"])
    reading = next(one for one in found["readings"] if one["purpose"] == "a case")
    assert found["pseudonyms"][0].encode() in proved(reading["proof"])
    inside = {number_of(event) for event in events if event.get("service_started", {}).get("service_type") in (18, 19, 1, 15) or "identity_changed" in event}
    outside = sorted({number_of(event) for event in events if "service_started" in event} - inside)
    assert outside and not any(access(server, number)["disclosures"] for number in outside[:5]), "not everybody is in the extract"


def test_the_page_is_readable_norwegian(world, tmp_path):
    server, _, events = world
    event = next(event for event in naive_extract.effective(events) if "medication_review" in event)
    page = tmp_path / "innsyn.html"
    assert ask(server, number_of(event), "--out", page).returncode == 0
    text = page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    for words in ("Opplysninger om deg", "Legemidler gjennomgått eller samstemt", "Hvem som har fått eller sett", event["event_id"]):
        assert words in text
    assert number_of(event) not in text and "<script" not in text


def unused_number(after=900):
    """A birth number with right check digits of somebody who is in no event: nobody there has this individual number."""
    for individual in range(after, 999):
        digits = [int(digit) for digit in f"150540{individual}"]
        first = -sum(digit * weight for digit, weight in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        second = -sum(digit * weight for digit, weight in zip([*digits, first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if first < 10 and second < 10:
            return "".join(map(str, [*digits, first, second]))


def test_who_is_not_known_and_what_is_no_number(world):
    server, _, _ = world
    held = access(server, unused_number())
    assert not held["pseudonyms"] and not held["facts"]
    for number, kind, said in (("12345678901", 1, "right check digits"), ("", 1, "on standard input"), ("15054090012", 99, "kodeverk 9032")):
        done = ask(server, number, kind=kind)
        assert done.returncode == 2 and said in done.stderr and (not number or number not in done.stderr)
    assert ask(server, unused_number(), purpose="").returncode == 2


def test_no_number_is_left_anywhere(world):
    server, _, events = world
    numbers = sorted({number_of(event) for event in events})[:20]
    for number in numbers:
        access(server, number)
    kept = [path for path in server.folder.rglob("*") if path.is_file() and path.name not in ("kpr.toml",)]
    assert len(kept) > 20
    for path in kept:
        content = path.read_bytes()
        assert not any(number.encode() in content for number in numbers), path
    records = [json.loads(line)["record"] for line in server.run("audit", "list", "--json", "--kind", "persons_read").stdout.splitlines()]
    assert any(record["purpose"] == "request 2026/17" and record["principal"] == "desk" for record in records)
    assert all(re.fullmatch("[0-9a-f]{32}", person) for record in records for person in record["persons"])


def test_a_wrong_change_of_number_shows_nobody_the_other(kpr_binary, tmp_path):
    """Somebody's number was said to have become another's; that was wrong. Neither sees the other's, nor who has read it."""
    numbers = [unused_number()]
    while len(numbers) < 3:
        numbers.append(unused_number(int(numbers[-1][6:9]) + 1))
    mine, wrong, right = ({"type": 1, "number": number} for number in numbers)
    server = Server(kpr_binary, tmp_path).start()
    events = []

    def send(subject, fact, **more):
        previous = events[-1]["event_id"] if events else "00000000-0000-0000-0000-000000000000"
        events.append({"event_id": str(uuid.uuid4()), "status": "EVENT_STATUS_ORIGINAL", "sequence": str(len(events) + 1), "previous_event_id": previous, "municipality": "1103",
                       "subject": {"person": subject}, "occurred_on": "2024-01-02", "registered_at": "2024-02-01T00:00:00Z", "sent_at": "2024-02-01T00:00:00Z", **fact, **more})
        (tmp_path / "events.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
        server.push(tmp_path / "events.ndjson", "--sender", "1103")
        server.wait_applied()
        return events[-1]["event_id"]

    def facts(subject):
        return {fact["kind"] for fact in access(server, subject["number"])["facts"]}

    try:
        send(mine, {"doctor_assessment": {}})
        send(wrong, {"dental_assessment": {}})
        change = send(mine, {"identity_changed": {"new_identity": wrong}})
        assert facts(wrong) == facts(mine) == {"doctor_assessment", "dental_assessment", "identity_changed"}
        # Another number than that: what was said first holds no longer.
        send(mine, {"identity_changed": {"new_identity": right}}, status="EVENT_STATUS_REPLACE", refers_to=change)
        # That the change was said is a fact about both; what it brought is not.
        wait_until(lambda: facts(wrong) == {"dental_assessment", "identity_changed"}, "nothing of the other is left")
        wait_until(lambda: {"doctor_assessment"} <= facts(right) and facts(mine) == facts(right), "it is the right one's")
        assert "dental_assessment" not in facts(mine) and len(access(server, wrong["number"])["pseudonyms"]) == 1
        send(mine, {"identity_changed": {"new_identity": right}}, status="EVENT_STATUS_ANNUL", refers_to=change)
        wait_until(lambda: facts(right) <= {"identity_changed"}, "nor of that one")
        assert "doctor_assessment" in facts(mine) and "doctor_assessment" not in facts(wrong)
    finally:
        server.stop()
