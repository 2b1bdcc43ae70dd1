"""The national message: what is simulated is schema-valid where the schema is at hand, reads back the same, and gives
the same indicators as NDJSON."""

import os
import pathlib
import re
import subprocess

import grpc
import pytest
from conftest import ROOT
from failing_sync import failing_sync


@pytest.fixture(scope="module")
def simulate(kpr_binary, tmp_path_factory):
    def run(*options):
        out = tmp_path_factory.mktemp("world")
        subprocess.run([kpr_binary, "simulate", "--scale", "0.05", "--to", "2024-06-30", *options, "--out", out], check=True,
                       capture_output=True)
        return sorted(out.iterdir())

    return run


TWO = ("--municipalities", "1103,5001", "--from", "2023-01-01", "--his1135-facts", "--seed", "5")


@pytest.fixture(scope="module")
def messages(simulate):
    return simulate("--format", "his1135", *TWO)


def comparable(export):
    """What is the same whoever sends it, under whatever key of pseudonyms: findings without sender and subject."""
    return sorted(re.sub(r"^finding [0-9a-f]{48}", "finding ", line) for line in export.splitlines())


def export_of(server, files, *options):
    server.run("push", *files, "--quiet", *options)
    server.wait_applied()
    server.stop()
    return comparable(server.run("export", offline=True).stdout)


def test_xml_and_ndjson_give_the_same_figures(new_server, simulate, messages, tmp_path):
    # Renumbering is no HIS 1135 fact; both worlds are without it.
    lines = simulate("--duplicated", "0", *TWO)
    from_json = export_of(new_server({"data": {"directory": str(tmp_path / "json")}}), lines)
    from_xml = export_of(new_server({"data": {"directory": str(tmp_path / "xml")}}), messages, "--his1135")
    assert from_json and from_json == from_xml


def test_messages_written_back_are_the_same(kpr_binary, messages):
    for message in messages:
        again = subprocess.run([kpr_binary, "convert", "--to", "his1135", message], check=True, capture_output=True)
        assert again.stdout == message.read_bytes(), message.name


def test_a_municipality_that_changes_its_code_writes_a_message_for_each(simulate):
    files = simulate("--municipalities", "5501", "--from", "2023-06-01", "--format", "his1135")
    assert [file.name for file in files] == ["5401.xml", "5501.xml"]


def test_messages_are_valid_by_the_national_schema(messages):
    folder = pathlib.Path(os.environ.get("KPR_HIS1135_SCHEMA", ROOT / "../shared/reference/his1135"))
    schema = folder / "XPR(ipl).xsd"
    if not schema.exists():
        pytest.skip("the national schema is not at hand (KPR_HIS1135_SCHEMA)")
    for message in messages:
        lint = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, message], capture_output=True, text=True)
        assert lint.returncode == 0, lint.stderr[:500]


def test_a_message_marked_deleted_says_why(new_server, messages, tmp_path):
    spoiled = tmp_path / "deleted.xml"
    spoiled.write_text(re.sub(r' fid="[0-9]*"', "", messages[0].read_text()))
    answer = new_server().run("push", "--his1135", spoiled, "--quiet", check=False)
    assert "Bruker/@fid is missing -> message marked deleted" in answer.stdout + answer.stderr


@pytest.fixture
def submit(new_server_at_each_door, stubs):
    server = new_server_at_each_door()
    stub = stubs.ingest_pb2_grpc.IngestStub(server.channel())
    submit = lambda message, message_id="m-1": stub.SubmitMessage(stubs.ingest_pb2.SubmitMessageRequest(  # noqa: E731
        message_id=message_id, message=message, sender=server.sender), timeout=60)
    submit.server = server
    return submit


def test_a_message_over_grpc_is_what_the_command_line_sends(submit, messages, new_server, tmp_path):
    for file in messages:
        receipt = submit(file.read_bytes(), file.stem)
        assert (receipt.outcome, receipt.message_id) == (1, file.stem) and re.fullmatch("[a-p]{16}", receipt.reference_id)
        assert receipt.accepted + receipt.duplicates == receipt.notifications > 0 and not receipt.errors
        again = submit(file.read_bytes(), "again")
        assert (again.accepted, again.reference_id) == (receipt.accepted, receipt.reference_id)
    submit.server.wait_applied()
    submit.server.stop()
    submit.server.run("scan", offline=True)  # fails where an identity number has got in
    figures = submit.server.run("export", offline=True).stdout
    pushed = export_of(new_server({"data": {"directory": str(tmp_path / "pushed")}}), messages, "--his1135")
    assert figures and comparable(figures) == pushed


def test_each_row_error_names_line_rule_and_what_was_done(submit, stubs, messages):
    text = messages[0].read_text()
    rows = text.count("<Notifikasjon ")
    spoilt = re.sub(r'brukerNr="[^"]*"', f'brukerNr="{"x" * 101}"', text, count=1)
    spoilt = re.sub(r'leverandor="[^"]*"', f'leverandor="{"x" * 101}"', spoilt, count=1)
    third = [match.start() for match in re.finditer("hendelseDato=", spoilt)][2]
    spoilt = spoilt[:third] + re.sub(r'hendelseDato="[^"]*"', 'hendelseDato="2023-02-30"', spoilt[third:], count=1)
    receipt = submit(spoilt.encode())
    assert receipt.outcome == 1 and (receipt.accepted + receipt.duplicates, receipt.refused) == (rows - 2, 2)
    action = stubs.ingest_pb2.RowError.Action
    assert [(error.violations[0].code, error.violations[0].field, action.Name(error.action)) for error in receipt.errors] == [
        ("MESSAGE_RULE", "Melding/@leverandor", "ACTION_VALUE_CLEARED"),
        ("MESSAGE_RULE", "Bruker/@brukerNr", "ACTION_ROW_REFUSED"),
        ("NO_SUCH_DATE", "occurred_on", "ACTION_ROW_REFUSED")]
    lines = spoilt.splitlines()
    assert "<Notifikasjon " in lines[receipt.errors[2].line - 1] and receipt.errors[2].event_id in lines[receipt.errors[2].line - 1]


@pytest.mark.parametrize("spoil, said", [
    (lambda text: "", "message:"),
    (lambda text: text[:len(text) // 2], "message:"),
    (lambda text: text.replace("<Melding", '<!DOCTYPE Melding [<!ENTITY e SYSTEM "file:///etc/passwd">]><Melding', 1), "document type"),
    (lambda text: text.replace("56.0.0", "57.0.0"), "this reads 56.0.0"),
    (lambda text: text.replace(' fid="', ' fidd="'), "marked deleted"),
    (lambda text: text.replace("</Melding>", '<Kommune kommuneNr="0301"/></Melding>'), "one municipality only"),
    (lambda text: re.sub('kommuneNr="[0-9]*"', f'kommuneNr="{"5" * 4000}"', text), "expected four digits"),
    (lambda text: text.replace("<Notifikasjon ", "<N05834100055/><Notifikasjon ", 1), "an element that does not belong"),
    (lambda text: text.replace("56.0.0", "05834100055"), "this reads 56.0.0"),
    (lambda text: text.replace("<Kommune ", "&x05834100055;<Kommune ", 1), "message:"),
    (lambda text: text.replace("</Melding>", "<Notifikasjon/>" * 10_001 + "</Melding>"), "at most 10000|marked deleted"),
])
def test_what_is_no_such_message_is_refused_whole(submit, messages, spoil, said):
    receipt = submit(spoil(messages[0].read_text()).encode())
    assert receipt.outcome == 2 and re.search(said, receipt.reason) and receipt.accepted == 0, receipt
    assert "05834100055" not in receipt.reason


def test_the_largest_message_is_looked_into(submit):
    assert "message:1" in submit(b"x" * 4_190_000, "m" * 100).reason


def test_a_message_over_the_limit_or_without_id_is_an_error(submit):
    for message, name, code in ((b"x" * (4 << 20), "m", grpc.StatusCode.RESOURCE_EXHAUSTED), (b"", "", grpc.StatusCode.INVALID_ARGUMENT)):
        with pytest.raises(grpc.RpcError) as refused:
            submit(message, name)
        assert refused.value.code() == code


def test_the_answer_to_ten_thousand_bad_rows_fits(submit):
    row = ('<Notifikasjon statusNotifikasjon="X" notifikasjonTid="" notifikasjonGUID="{:08}-0d2f-4a58-9c61-2f3a4b5c6d7e" '
           'notifikasjonForrigeGUID="x" notifikasjonLopeNr="x"><TjenesteStart tjenesteType="x" hendelseRegTid="" tjenesteOrgNr="x" '
           'hendelseDato="2023-01-01" tjenesteID="" hendelseGUID="x"><Bruker pasientGUID="x" brukerNr="b" fid="1" typeID="1"/>'
           '</TjenesteStart></Notifikasjon>')
    message = ('<Melding versjon="56.0.0">' + "".join(row.format(i) for i in range(10_000)) +
               '<Kommune kommuneNr="1103"/></Melding>')
    assert 3 << 20 < len(message) < 4 << 20
    receipt = submit(message.encode())
    assert (receipt.outcome, receipt.refused, receipt.errors_in_all) == (1, 10_000, 10_000)
    assert 1_000 < len(receipt.errors) and receipt.ByteSize() < 3 << 20


def test_a_message_that_is_not_durable_has_no_receipt(new_server, stubs, messages, tmp_path):
    shim, failing = failing_sync(tmp_path), tmp_path / "failing"
    server = new_server(environment={"LD_PRELOAD": str(shim), "KPR_FAILING_SYNC": str(failing)})
    failing.touch()
    with pytest.raises(grpc.RpcError) as lost:
        stubs.ingest_pb2_grpc.IngestStub(server.channel()).SubmitMessage(stubs.ingest_pb2.SubmitMessageRequest(
            message_id="m", message=messages[0].read_bytes(), sender="1103"), timeout=60)
    assert lost.value.code() == grpc.StatusCode.UNAVAILABLE and server.process.wait(60) == 1
