"""Events that a sender whom the policy lets in can send and must not get through with: each is refused for its own reason, at
the bare port and behind nginx, and all of them leave no trace in log and figures."""

import copy
import uuid

import grpc
import pytest
from google.protobuf import json_format

from authority import Authority
from conftest import Front, SecureServer, peak_kib

POLICY = '''
[[principal]]
name = "urn:kpr:sender"
roles = ["sender"]
municipalities = ["5001"]
service_types = [1, 15, 21]
providers = ["900000006"]
[[principal]]
name = "urn:kpr:reader"
roles = ["national_reader", "operator"]
'''

PERSON = {"person": {"type": 1, "number": "05834100055"}}
NUMBER = PERSON["person"]["number"]
PROVIDER = {"provider": "900000006"}
TOWN = {"municipality": "5001"}
HUGE = 2**31 - 1

# A sound fact of each kind that is spoilt below, and whom it is about.
SOUND = {
    "service_started": ({"service_id": "a", "service_type": 15, "provider": "900000006", "hours_per_week": 1}, PERSON),
    "service_paused": ({"service_id": "a", "service_type": 15, "pause_id": "p"}, PERSON),
    "provider_changed": ({"service_id": "a", "service_type": 15, "provider": "900000006"}, PERSON),
    "person_details": ({"birth_date": "1941-03-05"}, PERSON),
    "identity_changed": ({"new_identity": {"type": 1, "number": "11885100068"}}, PERSON),
    "reservation": ({"purpose": "PURPOSE_RESEARCH"}, PERSON),
    "medication_review": ({"kind": "KIND_FULL_REVIEW"}, PERSON),
    "nutrition_assessment": ({"at_risk": True, "has_plan": True}, PERSON),
    "function_assessment": ({"scores": [1, 2, 3]}, PERSON),
    "diagnosis": ({"system": "SYSTEM_ICPC2", "code": "P70"}, PERSON),
    "room_taken": ({"kind": "KIND_DOUBLE", "service_id": "a"}, PERSON),
    "place_applied": ({"application_id": "a", "service_type": 21}, PERSON),
    "survey_invitation": ({"instrument": "residents-4", "respondent": "RESPONDENT_USER", "provider": "900000006"},
                          {"respondent": "token"}),
    "survey_response": ({"instrument": "residents-4", "respondent": "RESPONDENT_USER", "answers": [1]},
                        {"respondent": "token"}),
    "capacity": ({"places": 2.5, "rooms": 2}, PROVIDER),
    "workforce": ({"full_time_equivalents": 10, "with_health_education": 7}, TOWN),
    "period_complete": ({"first_month": "2023-01", "last_month": "2023-02"}, TOWN),
    "inhabitants": ({"men": [1] * 6, "women": [1] * 6}, TOWN),
}

# (fact, path of the field and what it becomes, code). None takes the field away.
ENVELOPE = [
    ("event_id", "", "MISSING"),
    ("event_id", "x", "BAD_FORMAT"),
    ("event_id", "0" * 4_000, "BAD_FORMAT"),
    ("event_id", "00000000-0000-0000-0000-000000000000", "OUT_OF_RANGE"),
    ("event_id", "9b1deb4d-3b7d-1bad-9bdd-2b0d7b3dcb6d", "BAD_FORMAT"),  # version 1: a clock and a network card
    ("event_id", "9b1deb4d-3b7d-4bad-1bdd-2b0d7b3dcb6d", "BAD_FORMAT"),
    ("event_id", f"00000000-0000-4000-8000-0{NUMBER}", "IDENTITY_IN_TEXT"),
    ("event_id", f"{NUMBER[:8]}-{NUMBER[8:]}0-4000-8000-000000000000", "IDENTITY_IN_TEXT"),
    ("event_id", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6\u0661", "BAD_FORMAT"),
    ("status", "EVENT_STATUS_UNSPECIFIED", "UNKNOWN_CODE"),
    ("status", "EVENT_STATUS_SUPPLEMENT", "STATUS_NOT_IN_USE"),
    ("status", 99, "UNKNOWN_CODE"),
    ("status", -1, "UNKNOWN_CODE"),
    ("status", "EVENT_STATUS_REPLACE", "MISSING"),
    ("status", "EVENT_STATUS_ANNUL", "MISSING"),
    ("refers_to", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "REFERENCE_NOT_ALLOWED"),
    ("sequence", 0, "MISSING"),
    ("sequence", 2**53, "OUT_OF_RANGE"),
    ("sequence", 2**64 - 1, "OUT_OF_RANGE"),
    ("previous_event_id", None, "MISSING"),
    ("previous_event_id", "x", "BAD_FORMAT"),
    ("municipality", None, "MISSING"),
    ("municipality", "5001 ", "BAD_FORMAT"),
    ("municipality", "50O1", "BAD_FORMAT"),
    ("municipality", "\u0665\u0660\u0660\u0661", "BAD_FORMAT"),
    ("municipality", "9998", "UNKNOWN_CODE"),
    ("municipality", "1601", "MUNICIPALITY_NOT_IN_FORCE"),
    ("municipality", "1103", "NOT_YOUR_MUNICIPALITY"),
    ("occurred_on", None, "MISSING"),
    ("occurred_on", "2023-02-30", "NO_SUCH_DATE"),
    ("occurred_on", "2023-2-1", "NO_SUCH_DATE"),
    ("occurred_on", "-023-02-01", "NO_SUCH_DATE"),
    ("occurred_on", "1899-12-31", "OUT_OF_RANGE"),
    ("occurred_on", "9999-12-31", "OUT_OF_RANGE"),
    ("registered_at", None, "MISSING"),
    ("registered_at", "0001-01-01T00:00:00Z", "OUT_OF_RANGE"),
    ("registered_at", "9999-12-31T23:59:59Z", "OUT_OF_RANGE"),
    ("sent_at", None, "MISSING"),
    ("sent_at", "2036-01-01T00:00:00Z", "OUT_OF_RANGE"),
    ("subject", None, "MISSING"),
    ("subject", {"pseudonym": "AAAAAAAAAAAAAAAAAAAAAA=="}, "PSEUDONYM_NOT_ALLOWED"),
    ("subject", {"person": {"type": 1, "number": "05834100056"}}, "IDENTITY_CHECK_DIGIT"),
    ("subject", {"person": {"type": 1, "number": "00000000000"}}, "IDENTITY_DATE"),
    ("subject", {"person": {"type": 1, "number": "0583410005"}}, "BAD_FORMAT"),
    ("subject", {"person": {"type": 1, "number": "\u0660" * 11}}, "BAD_FORMAT"),
    ("subject", {"person": {"type": 2, "number": NUMBER}}, "IDENTITY_DATE"),
    ("subject", {"person": {"type": 0, "number": NUMBER}}, "UNKNOWN_CODE"),
    ("subject", {"person": {"type": HUGE, "number": NUMBER}}, "UNKNOWN_CODE"),
    ("subject", {"person": {"type": 1}}, "BAD_FORMAT"),
    ("subject", {"person": {"type": 9, "number": "050341"}}, "LOCAL_NUMBER_REQUIRED"),
    ("subject", PROVIDER, "WRONG_SUBJECT"),
    ("subject", TOWN, "WRONG_SUBJECT"),
    ("subject", {"respondent": "token"}, "WRONG_SUBJECT"),
]
FACTS = [
    ("service_started", "service_id", "", "MISSING"),
    ("service_started", "service_id", "x" * 101, "OUT_OF_RANGE"),
    ("service_started", "service_id", NUMBER, "IDENTITY_IN_TEXT"),
    ("service_started", "service_id", f"{NUMBER[:6]} {NUMBER[6:]}", "IDENTITY_IN_TEXT"),
    ("service_started", "service_type", 0, "UNKNOWN_CODE"),
    ("service_started", "service_type", HUGE, "UNKNOWN_CODE"),
    ("service_started", "service_type", 2, "NOT_YOUR_SERVICE_TYPE"),
    ("service_started", "provider", None, "MISSING"),
    ("service_started", "provider", "900000007", "PROVIDER_CHECK_DIGIT"),
    ("service_started", "provider", "9000000060", "PROVIDER_CHECK_DIGIT"),
    ("service_started", "hours_per_week", -1, "OUT_OF_RANGE"),
    ("service_started", "hours_per_week", 168.01, "OUT_OF_RANGE"),
    ("service_started", "hours_per_week", "NaN", "OUT_OF_RANGE"),
    ("service_started", "hours_per_week", "Infinity", "OUT_OF_RANGE"),
    ("service_started", "hours_per_week", 1e308, "OUT_OF_RANGE"),
    ("service_started", "hours_per_week", 0.001, "OUT_OF_RANGE"),
    ("service_paused", "pause_id", None, "MISSING"),
    ("service_paused", "pause_id", NUMBER, "IDENTITY_IN_TEXT"),
    ("provider_changed", "provider", None, "MISSING"),
    ("person_details", "birth_date", "1941-03-05", "NO_PERSON_AUTHORITY"),
    ("person_details", "birth_date", "1941-13-05", "NO_SUCH_DATE"),
    ("person_details", "sex", 7, "UNKNOWN_CODE"),
    ("identity_changed", "new_identity", {"type": 1, "number": "11885100068"}, "NO_PERSON_AUTHORITY"),
    ("identity_changed", "new_identity", {"type": 1, "number": "11885100069"}, "IDENTITY_CHECK_DIGIT"),
    ("identity_changed", "new_pseudonym", "AAAAAAAAAAAAAAAAAAAAAA==", "PSEUDONYM_NOT_ALLOWED"),
    ("reservation", "purpose", "PURPOSE_UNSPECIFIED", "UNKNOWN_CODE"),
    ("medication_review", "kind", 9, "UNKNOWN_CODE"),
    ("nutrition_assessment", "at_risk", False, "OUT_OF_RANGE"),
    ("function_assessment", "scores", [], "OUT_OF_RANGE"),
    ("function_assessment", "scores", [1] * 25, "OUT_OF_RANGE"),
    ("function_assessment", "scores", [6], "OUT_OF_RANGE"),
    ("function_assessment", "scores", [HUGE], "OUT_OF_RANGE"),
    ("diagnosis", "system", "SYSTEM_UNSPECIFIED", "UNKNOWN_CODE"),
    ("diagnosis", "code", "P", "OUT_OF_RANGE"),
    ("diagnosis", "code", NUMBER, "OUT_OF_RANGE"),
    ("room_taken", "kind", 0, "UNKNOWN_CODE"),
    ("room_taken", "service_id", None, "MISSING"),
    ("place_applied", "service_type", 1, "OUT_OF_RANGE"),
    ("place_applied", "application_id", NUMBER, "IDENTITY_IN_TEXT"),
    ("survey_invitation", "instrument", "nobody's", "UNKNOWN_INSTRUMENT"),
    ("survey_invitation", "respondent", 0, "UNKNOWN_CODE"),
    ("survey_response", "answers", [7] * 12, "OUT_OF_RANGE"),
    ("survey_response", "answers", [], "OUT_OF_RANGE"),
    ("survey_response", "answers", [1] * 4_000, "OUT_OF_RANGE"),
    ("capacity", "places", -1, "OUT_OF_RANGE"),
    ("capacity", "places", "NaN", "OUT_OF_RANGE"),
    ("capacity", "single_rooms_with_bath", 3, "OUT_OF_RANGE"),
    ("capacity", "subject.provider", "974760673", "NOT_YOUR_PROVIDER"),
    ("workforce", "with_health_education", 11, "OUT_OF_RANGE"),
    ("workforce", "doctor_hours_per_week", -0.01, "OUT_OF_RANGE"),
    ("workforce", "subject.municipality", "1103", "WRONG_SUBJECT"),
    ("period_complete", "first_month", "2023-13", "BAD_FORMAT"),
    ("period_complete", "last_month", "2022-12", "OUT_OF_RANGE"),
    ("period_complete", "last_month", "9999-12", "OUT_OF_RANGE"),
    ("inhabitants", "men", [1] * 5, "OUT_OF_RANGE"),
    ("inhabitants", "women", [2**32 - 1] * 6, "OUT_OF_RANGE"),
]
CASES = [("medication_review", *case) for case in ENVELOPE] + FACTS


def sound(fact):
    content, subject = SOUND[fact]
    return copy.deepcopy({
        "event_id": str(uuid.uuid4()), "status": "EVENT_STATUS_ORIGINAL", "sequence": 1, "previous_event_id": str(uuid.UUID(int=0)),
        "municipality": "5001", "subject": subject, "occurred_on": "2023-02-01", "registered_at": "2023-02-01T10:00:00Z",
        "sent_at": "2023-02-01T10:00:00Z", fact: content})


def spoilt(fact, path, value):
    event = sound(fact)
    names = path.split(".")
    holder = event if names[0] in event or path in ("refers_to",) else event[fact]
    for name in names[:-1]:
        holder = holder[name]
    if value is None:
        holder.pop(names[-1], None)
    else:
        holder[names[-1]] = value
    return event


# Bytes that are no event, or one too large.
RAW = [
    ("nothing", b"", "MISSING"),
    ("zeros", bytes(100), "NOT_AN_EVENT"),
    ("a length that runs over the end", b"\x0a\x7f", "NOT_AN_EVENT"),
    ("a length of 2^64", b"\x0a" + b"\xff" * 9 + b"\x01", "NOT_AN_EVENT"),
    ("text that is not UTF-8", b"\x0a\x02\xff\xfe", "NOT_AN_EVENT"),
    ("groups in groups", b"\xfb\x07" * 5_000, "NOT_AN_EVENT"),
    ("JSON", b'{"event_id": "x"}', "NOT_AN_EVENT"),
    ("over the limit", b"\x1a" + b"\xa0\x9c\x01" + b"x" * 20_000, "EVENT_TOO_LARGE"),
]


@pytest.fixture(scope="module")
def doors(kpr_binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    options = {name: authority.sign(name, [f"URI:urn:kpr:{name}"]) for name in ("sender", "reader")}
    secure = SecureServer(kpr_binary, folder, POLICY, {"": folder, **options},
                          {"server": {"front_socket": str(folder / "front.sock")}})
    front = Front(folder, folder, folder / "front.sock")
    secure.addresses = {"bare": secure.server.address, "front": front.address}
    yield secure
    front.stop()
    secure.server.stop()


@pytest.fixture(params=["bare", "front"])
def submit(request, doors, stubs):
    """Sends serialized events through a door; gives the receipt."""
    files = doors.certificates["sender"]
    credentials = grpc.ssl_channel_credentials(*(files[files.index(name) + 1].read_bytes() for name in ("--ca", "--key", "--cert")))
    with grpc.secure_channel(doors.addresses[request.param], credentials) as channel:
        stub = stubs.ingest_pb2_grpc.IngestStub(channel)

        def send(events):
            return next(stub.SubmitEvents(iter([stubs.ingest_pb2.EventBatch(batch=1, events=events)]), timeout=60))

        send.stub = stub
        yield send


def serialized(stubs, event):
    return json_format.ParseDict(event, stubs.event_pb2.Event()).SerializeToString()


def test_each_is_refused_for_its_own_reason(submit, stubs, doors):
    before = peak_kib(doors.server)
    receipt = submit([serialized(stubs, spoilt(*case[:3])) for case in CASES] + [raw for _, raw, _ in RAW])
    refused = {result.index: {violation.code for violation in result.violations} for result in receipt.results}
    expected = [(f"{fact} {path} = {value!r:.60}", code) for fact, path, value, code in CASES] + [
        (name, code) for name, _, code in RAW]
    wrong = [(what, code, refused.get(index)) for index, (what, code) in enumerate(expected)
             if code not in refused.get(index, ())]
    assert not wrong and receipt.accepted == 0
    assert all(violation.message_nb and violation.message_en for result in receipt.results for violation in result.violations)
    assert not [violation for result in receipt.results for violation in result.violations
                if NUMBER in violation.message_nb + violation.message_en + violation.field], "an identity number is told back"
    assert peak_kib(doors.server) - before < 32 << 10
    assert len(expected) >= 100


def test_none_of_them_left_a_trace(submit, stubs, doors):
    """Each kind that was spoilt is accepted when it is sound and the policy allows it."""
    submit([serialized(stubs, spoilt(*case[:3])) for case in CASES])
    status = doors.ask("reader", "status", "--csv")
    ends = [line.split(",")[1] for line in status.splitlines()[1:]]
    submit([serialized(stubs, spoilt(*case[:3])) for case in CASES])
    assert [line.split(",")[1] for line in doors.ask("reader", "status", "--csv").splitlines()[1:]] == ends
    allowed = [fact for fact in SOUND if fact not in ("person_details", "identity_changed", "survey_response")]
    receipt = submit([serialized(stubs, sound(fact)) for fact in allowed])
    assert receipt.accepted == len(allowed), receipt
    assert NUMBER not in doors.server.log.read_text()


def test_a_message_is_judged_by_the_same_policy(doors, stubs, submit):
    """A national message of another municipality, and one with a service type that is not the sender's."""
    row = ('<Notifikasjon statusNotifikasjon="N" notifikasjonTid="2023-02-01T10:00:00Z" notifikasjonGUID="{id}" '
           'notifikasjonForrigeGUID="00000000-0000-0000-0000-000000000000" notifikasjonLopeNr="1"><TjenesteStart tjenesteType="{type}" '
           'hendelseRegTid="2023-02-01T10:00:00Z" tjenesteOrgNr="900000006" hendelseDato="2023-02-01" tjenesteID="a" hendelseGUID="x">'
           '<Bruker pasientGUID="x" brukerNr="b" fid="{number}" typeID="1"/></TjenesteStart></Notifikasjon>')
    for municipality, service, expected in (("1103", 15, "NOT_YOUR_MUNICIPALITY"), ("5001", 2, "NOT_YOUR_SERVICE_TYPE"),
                                            ("5001", 15, None)):
        message = ('<Melding versjon="56.0.0">' + row.format(id=uuid.uuid4(), type=service, number=NUMBER) +
                   f'<Kommune kommuneNr="{municipality}"/></Melding>')
        receipt = submit.stub.SubmitMessage(stubs.ingest_pb2.SubmitMessageRequest(message_id="m", message=message.encode()),
                                            timeout=60)
        assert {violation.code for error in receipt.errors for violation in error.violations} == {expected} - {None}
        assert receipt.accepted == (expected is None)
