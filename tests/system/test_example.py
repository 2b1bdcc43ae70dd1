"""The client of docs/examples, as docs/senders.md tells to use it."""

import os
import re
import subprocess
import sys

import pytest
from authority import Authority
from conftest import ROOT, SecureServer, events_of, free_port, write_events

EXAMPLE = ROOT / "docs/examples/send_events.py"


@pytest.fixture
def example(stubs):
    """example(file, arguments...) starts it; the messages are on its path."""
    folder = next(path for path in sys.path if (os.path.isdir(os.path.join(path, "kpr/v1"))))

    def start(*arguments):
        return subprocess.Popen([sys.executable, EXAMPLE, *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": folder})

    return start


def all_accepted(file, out):
    """Of events that the simulator's senders send twice, the second is a duplicate only if the first was durable by then."""
    sent = [event["event_id"] for event in events_of(file)]
    accepted = re.search(r"(\d+) accepted, 0 refused", out)
    return accepted is not None and len(set(sent)) <= int(accepted.group(1)) <= len(sent)


def test_it_sends_all_and_a_second_time_nothing(new_server, example, simulated):
    server, file = new_server(), simulated / "1103.ndjson"
    arguments = (file, "--server", server.address, "--sender", "1103")
    first = example(*arguments)
    out, err = first.communicate()
    assert first.returncode == 0 and all_accepted(file, out), out + err
    assert "0 accepted, 0 refused" in example(*arguments).communicate()[0]
    assert " 0 gaps" in server.run("gaps", "--sender", "1103").stdout


def test_it_waits_for_a_server_that_is_away(new_server, example, simulated):
    file = simulated / "5001.ndjson"
    server = new_server({"server": {"listen": f"127.0.0.1:{free_port()}"}})
    server.stop()
    sending = example(file, "--server", server.address, "--sender", "5001")
    said = sending.stderr.readline()
    assert "UNAVAILABLE" in said and "again in 1 s" in said
    server.start()
    out, err = sending.communicate()
    assert sending.returncode == 0 and all_accepted(file, out), out + err


def test_a_refused_event_is_corrected_under_its_own_id_and_sequence(kpr_binary, example, simulated, tmp_path):
    authority = Authority(tmp_path)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {"": tmp_path, "a": authority.sign("a", ["URI:urn:kpr:sender:a"]),
                    "other": authority.sign("other", ["URI:urn:kpr:sender:other"])}
    policy = '[[principal]]\nname = "urn:kpr:sender:a"\nroles = ["sender"]\nmunicipalities = ["1103"]\n'
    secure = SecureServer(kpr_binary, tmp_path, policy, certificates)
    try:
        events = [e for e in events_of(simulated / "1103.ndjson") if "medication_review" in e][:20]
        for number, event in enumerate(events):
            event.update(sequence=str(number + 1), previous_event_id=events[number - 1]["event_id"] if number else
                         "00000000-0000-0000-0000-000000000000")
        keys = ["--server", secure.server.address, "--ca", tmp_path / "ca.crt", "--cert", tmp_path / "a.crt", "--key",
                tmp_path / "a.key"]
        wrong = [{**e, "municipality": "5001"} if n == 7 else e for n, e in enumerate(events)]
        sending = example(write_events(tmp_path / "events.ndjson", wrong), *keys)
        out, err = sending.communicate()
        assert sending.returncode == 1 and "19 accepted, 1 refused" in out and "NOT_YOUR_MUNICIPALITY" in err, err
        assert "7,9,1," in secure.ask("a", "gaps", "--csv")
        sending = example(write_events(tmp_path / "events.ndjson", events), *keys)
        assert "1 accepted, 0 refused" in sending.communicate()[0]
        assert secure.ask("a", "gaps", "--csv").count("\n") == 1  # the heading

        unknown = [str(k).replace("a.crt", "other.crt").replace("a.key", "other.key") for k in keys]
        unknown[unknown.index("--ca") + 1] = str(tmp_path / "ca.crt")
        sending = example(tmp_path / "events.ndjson", *unknown)
        assert sending.wait(60) == 1 and "PERMISSION_DENIED" in sending.stderr.read()
    finally:
        secure.server.stop()
