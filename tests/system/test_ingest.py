"""Bad input of every kind at a running server: a clear answer, nothing lost, no identity number kept."""

import copy
import json
import re
import signal
import subprocess

import pytest

from conftest import events_of, wait_until, write_events

ZERO = "00000000-0000-0000-0000-000000000000"


def uuid(n):
    return f"00000000-0000-4000-8000-{n:012x}"


@pytest.fixture
def server(new_server):
    return new_server({"ingest": {"events_per_second_per_sender": 100000}})


def first_with(events, fact):
    return copy.deepcopy(next(event for event in events if fact in event))


def spoil_service_type(event):
    event["service_started"]["service_type"] = 10


def spoil_check_digit(event):
    number = event["subject"]["person"]["number"]
    event["subject"]["person"]["number"] = number[:10] + str((int(number[10]) + 1) % 10)


@pytest.mark.parametrize("spoil, answer", [
    (spoil_service_type, r"UNKNOWN_CODE at service_started.service_type.*kodeverk 9151"),
    (lambda e: e.update(occurred_on="2023-02-30"), r"NO_SUCH_DATE at occurred_on"),
    (lambda e: e.update(municipality="0101"), r"MUNICIPALITY_NOT_IN_FORCE.*ikke i kraft.*not in force"),
    (spoil_check_digit, r"IDENTITY_CHECK_DIGIT"),
    (lambda e: e.update(sequence="many"), r"spoiled.ndjson:1: not an event"),
    (lambda e: e["service_started"].update(service_id="12893900088"), r"IDENTITY_IN_TEXT"),
])
def test_a_spoiled_event_is_refused_with_its_reason(server, simulated, tmp_path, spoil, answer):
    event = first_with(events_of(simulated / "1103.ndjson"), "service_started")
    event["subject"]["person"] = {"type": 1, "number": "12893900088"}
    spoil(event)
    result = server.push(write_events(tmp_path / "spoiled.ndjson", [event]), check=False)
    assert result.returncode in (1, 2)  # refused by the server, or no event at all
    assert re.search(answer, result.stderr + result.stdout), result.stderr
    assert not re.search(r"\d{11}", result.stderr + result.stdout + server.log.read_text()), "an identity number"


@pytest.mark.parametrize("content", [b'{"event_id":', bytes(range(128, 256)) * 12 + b"\n", b"\x00\n"],
                         ids=["cut off", "not UTF-8", "zero"])
def test_what_is_no_json_is_named_by_file_and_line(server, tmp_path, content):
    (tmp_path / "bad.ndjson").write_bytes(content)
    result = server.push(tmp_path / "bad.ndjson", check=False)
    assert result.returncode == 2
    assert re.search(r"bad.ndjson:\d+: not an event", result.stderr)


def test_what_stands_before_a_line_that_is_no_event_is_sent(server, simulated, tmp_path):
    lines = (simulated / "5001.ndjson").read_text().splitlines()
    event = first_with(events_of(simulated / "5001.ndjson"), "service_started")
    event["individual_plan"] = {}  # two facts
    (tmp_path / "two.ndjson").write_text("\n".join([*lines[:7], json.dumps(event), *lines[7:]]))
    result = server.push(tmp_path / "two.ndjson", check=False)
    assert result.returncode == 2
    assert re.search(r"two.ndjson:8: not an event.*The 7 events before it are sent.*--resume", result.stderr), result.stderr
    assert "events; contiguous" in server.run("quality", "--sender", "two").stdout
    (tmp_path / "two.ndjson").write_text("\n".join(lines))
    assert " 0 refused" in server.push(tmp_path / "two.ndjson", "--resume").stdout


def test_exit_codes_of_the_command_line(server, kpr_binary, tmp_path):
    result = server.push(tmp_path / "none.ndjson", check=False)
    assert result.returncode == 1 and "cannot be read" in result.stderr
    assert subprocess.run([kpr_binary, "push"], capture_output=True).returncode == 2
    gone = subprocess.run([kpr_binary, "status", "--server", "127.0.0.1:1"], capture_output=True, text=True)
    assert gone.returncode == 1 and "Is 'kpr serve' running there" in gone.stderr


def test_cut_resumed_and_sent_twice_every_event_is_there_once(server, simulated, tmp_path):
    path = simulated / "1103.ndjson"
    receipts = tmp_path / "receipts"
    pusher = subprocess.Popen([server.binary, "push", path, "--server", server.address, "--batch", "7", "--quiet",
                               "--receipts", receipts], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: receipts.exists() and receipts.stat().st_size > 0, "the first receipts")
    pusher.send_signal(signal.SIGKILL)
    pusher.wait()
    assert " 0 refused" in server.push(path, "--resume").stdout
    streams = [subprocess.Popen([server.binary, "push", path, "--server", server.address, "--quiet"],
                                stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for stream in streams:
        assert " 0 refused" in stream.communicate()[0]
    chain = {event["sequence"] for event in events_of(path)}
    quality = server.run("quality", "--sender", "1103").stdout
    assert re.search(rf"^{len(chain)} events; contiguous up to.* 0 gaps", quality), quality


def test_resume_sends_only_what_is_missing(server, simulated, tmp_path):
    events = events_of(simulated / "5001.ndjson")
    numbers = sorted({int(event["sequence"]) for event in events})
    lost = {numbers[0], numbers[9], numbers[10], numbers[40], numbers[-1]}
    write_events(tmp_path / "holes.ndjson", [e for e in events if int(e["sequence"]) not in lost])
    server.push(tmp_path / "holes.ndjson")
    gaps = server.run("gaps", "--sender", "holes", "--csv").stdout.splitlines()[1:]
    assert [row.split(",")[:3] for row in gaps] == [
        ["0", str(numbers[1]), "1"], [str(numbers[8]), str(numbers[11]), "2"], [str(numbers[39]), str(numbers[41]), "1"]]
    write_events(tmp_path / "holes.ndjson", events)
    resumed = server.push(tmp_path / "holes.ndjson", "--resume").stdout
    there = len([e for e in events if int(e["sequence"]) not in lost])
    assert f"{len(events) - there} events: {len(events) - there} accepted" in resumed and f"{there} were there" in resumed
    assert " 0 gaps" in server.run("gaps", "--sender", "holes").stdout


def test_a_gap_is_closed_by_its_sender_for_good(server, simulated, tmp_path):
    events = events_of(simulated / "5001.ndjson")
    numbers = sorted({int(event["sequence"]) for event in events})
    lost, later = numbers[9], numbers[40]
    write_events(tmp_path / "closed.ndjson", [e for e in events if int(e["sequence"]) not in (lost, later)])
    server.push(tmp_path / "closed.ndjson")
    assert f"contiguous up to sequence {numbers[8]}," in server.run("gaps", "--sender", "closed").stdout
    for close in ("x", "17", "19-17", "1-99999999999999999999", f"{numbers[8]}-{2**53}",
                  f"{numbers[8]}-{numbers[-1] + 1}"):
        wrong = server.run("gaps", "--sender", "closed", "--close", close, check=False)
        assert wrong.returncode == 2 and re.search("expected|nothing with so high", wrong.stderr), wrong.stderr
    for _ in range(2):
        closed = server.run("gaps", "--sender", "closed", "--close", f"{numbers[8]}-{numbers[10]}").stdout
        assert f"contiguous up to sequence {numbers[39]}," in closed and " 1 gap\n" in closed
    assert "gap" in server.run("gaps", "--sender", "another").stdout, "it is the sender's own"
    server.stop()
    server.start()
    assert " 1 gap\n" in server.run("gaps", "--sender", "closed").stdout
    # An event that comes all the same counts.
    write_events(tmp_path / "closed.ndjson", [e for e in events if int(e["sequence"]) == lost])
    assert "1 accepted" in server.push(tmp_path / "closed.ndjson").stdout


def test_a_chain_without_its_beginning_is_a_gap(server, simulated, tmp_path):
    write_events(tmp_path / "gap.ndjson", events_of(simulated / "5001.ndjson")[4:])
    server.push(tmp_path / "gap.ndjson")
    assert "CHAIN_GAP between 0 and" in server.run("quality", "--sender", "gap", "--csv").stdout


def test_what_other_events_show_comes_back_as_a_finding_in_both_languages(server, simulated, tmp_path):
    events = events_of(simulated / "1103.ndjson")
    orphan, end = first_with(events, "service_ended"), first_with(events, "service_ended")
    orphan.update(event_id=uuid(11), status="EVENT_STATUS_REPLACE", refers_to=uuid(12))
    end.pop("refers_to", None)
    end.update(event_id=uuid(13), status="EVENT_STATUS_ORIGINAL")
    end["service_ended"]["service_id"] = "never-started"
    write_events(tmp_path / "findings.ndjson", [orphan, end])
    server.push(tmp_path / "findings.ndjson")
    server.wait_applied()
    feedback = server.run("feedback", "--sender", "findings").stdout
    assert re.search(r"UNKNOWN_ORIGINAL.*Rettelsen venter", feedback)
    assert re.search(r"END_WITHOUT_START.*not running", feedback)


def test_a_control_total_is_compared_with_what_came(server, simulated, tmp_path):
    events = events_of(simulated / "1103.ndjson")
    server.push(simulated / "1103.ndjson")
    received = len({e["event_id"] for e in events
                    if e["occurred_on"].startswith("2023-03") and "period_complete" not in e})

    def declare(number, total):
        declaration = first_with(events, "period_complete")
        declaration.update(event_id=uuid(number), sequence=str(9_000_000 + number), occurred_on="2023-04-01", period_complete={
            "first_month": "2023-03", "last_month": "2023-03", "events": str(total)})
        write_events(tmp_path / "1103.ndjson", [declaration])
        server.push(tmp_path / "1103.ndjson")
        return server.run("quality", "--sender", "1103").stdout

    assert "CONTROL_TOTAL" not in declare(14, received)
    assert (f"CONTROL_TOTAL 1103 2023-03 to 2023-03: declared {received + 1}, received {received}"
            in declare(15, received + 1))


def test_no_identity_number_leaves_the_ingest_edge(server, simulated):
    for path in sorted(simulated.glob("*.ndjson")):
        server.push(path)
    server.wait_applied()
    assert "takes events" in server.run("status").stdout
    assert server.stop() == 0
    server.run("verify", offline=True)
    numbers = {event["subject"]["person"]["number"].encode() for path in simulated.glob("*.ndjson")
               for event in events_of(path) if "person" in event["subject"]}
    written = [path for path in server.folder.rglob("*") if path.is_file() and path.name != "kpr.toml"]
    assert len(numbers) > 50 and any(path.suffix == ".log" for path in written)
    for path in written:
        content = path.read_bytes()
        assert not [number for number in numbers if number in content], path
    log = server.run("log", "print", offline=True).stdout
    assert not [number for number in numbers if number.decode() in log]


def test_a_scan_finds_no_identity_number_unless_there_is_one(server, simulated):
    server.push(simulated / "5001.ndjson")
    server.wait_applied()
    assert server.stop() == 0
    assert "no identity number in" in server.run("scan", offline=True).stdout
    server.start()
    server.push(simulated / "5001.ndjson", "--sender", "10915596784")  # the one text that a trial on loopback chooses
    server.wait_applied()
    assert server.stop() == 0
    scanned = server.run("scan", offline=True, check=False)
    assert scanned.returncode == 1 and "hold an identity number" in scanned.stderr
    assert re.search("log partition . offset", scanned.stdout) and "10915596784" not in scanned.stdout + scanned.stderr
