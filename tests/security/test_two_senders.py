"""What one sender can do to another's people, events and providers."""

import copy
import re

import grpc
import pytest

from authority import Authority
from conftest import SecureServer, events_of, wait_until, write_events

POLICY = '''
[[principal]]
name = "urn:kpr:sender:a"
roles = ["sender"]
municipalities = ["1103"]
[[principal]]
name = "urn:kpr:sender:b"
roles = ["sender"]
municipalities = ["1103", "5001"]
'''


@pytest.fixture
def secure(kpr_binary, tmp_path):
    authority = Authority(tmp_path)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {name: authority.sign(name, [f"URI:urn:kpr:sender:{name}"]) for name in "ab"}
    server = SecureServer(kpr_binary, tmp_path, POLICY, {"": tmp_path, **certificates})
    yield server
    server.server.stop()


def with_fact(events, fact):
    return copy.deepcopy(next(e for e in events if fact in e and e["status"] == "EVENT_STATUS_ORIGINAL"))


def feedback(secure, principal):
    return secure.ask(principal, "feedback")


def test_nobody_closes_the_gaps_of_another(secure, stubs):
    ingest = stubs.ingest_pb2_grpc.IngestStub(secure.channel("b"))
    with pytest.raises(grpc.RpcError) as refused:
        ingest.CloseChainGaps(stubs.ingest_pb2.CloseChainGapsRequest(
            sender="urn:kpr:sender:a", after_sequence=1, before_sequence=3))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "certificate" in refused.value.details()


def test_only_the_sender_of_an_event_or_its_successor_corrects_it(secure, simulated, tmp_path):
    event = with_fact(events_of(simulated / "1103.ndjson"), "service_started")
    assert "1 accepted" in secure.push("a", write_events(tmp_path / "a.ndjson", [event]))
    annulment = copy.deepcopy(event)
    annulment.update(event_id="10000000-0000-4000-8000-000000000001", status="EVENT_STATUS_ANNUL",
                     refers_to=event["event_id"], sequence=str(2**53 - 1))
    assert "1 accepted" in secure.push("b", write_events(tmp_path / "b.ndjson", [annulment]))
    wait_until(lambda: "NOT_YOUR_EVENT" in feedback(secure, "b"), "b is told")
    told = wait_until(lambda: "CORRECTED_BY_ANOTHER" in (text := feedback(secure, "a")) and text, "a is told")
    assert annulment["event_id"] not in told

    secure.policy.write_text(POLICY + 'continues = "urn:kpr:sender:a"\n')
    secure.reload("policy reloaded")
    annulment.update(event_id="10000000-0000-4000-8000-000000000002", sequence="4000")
    assert "1 accepted" in secure.push("b", write_events(tmp_path / "b.ndjson", [annulment]))
    # It counts: an end of the service, sent by the successor under the same local id, finds nothing running.
    end = copy.deepcopy(event)
    end.pop("service_started")
    end.update(event_id="10000000-0000-4000-8000-000000000003", sequence="4001", service_ended={
        "service_id": event["service_started"]["service_id"], "service_type": event["service_started"]["service_type"]})
    secure.push("b", write_events(tmp_path / "b.ndjson", [end]))
    wait_until(lambda: "END_WITHOUT_START" in feedback(secure, "b"), "the service was annulled")


@pytest.mark.parametrize("fact, code", [
    ("person_details", "NO_PERSON_AUTHORITY"), ("capacity", "NOT_YOUR_PROVIDER"), ("inhabitants", "WRONG_SUBJECT")])
def test_what_is_not_the_senders_to_tell_is_refused(secure, simulated, tmp_path, fact, code):
    event = with_fact(events_of(simulated / "1103.ndjson"), fact)
    if fact == "inhabitants":
        event["municipality"] = "5001"  # under the sender's own envelope, about another
    assert re.search(code, secure.push("b", write_events(tmp_path / "b.ndjson", [event])))
