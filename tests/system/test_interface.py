"""The interface as a client in another language meets it: default settings, page tokens, error details."""

import subprocess

import grpc
import pytest

from conftest import wait_until

DEFAULT_MESSAGE_BYTES = 4 * 1024 * 1024  # what a gRPC client takes unless told otherwise


@pytest.fixture
def server(new_server, simulated):
    server = new_server()
    for path in sorted(simulated.glob("*.ndjson")):
        server.push(path)
    server.wait_applied()
    return server


def details_of(error, stubs):
    """The google.rpc details of an error, by name."""
    packed = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = stubs.error_pb2.RpcStatus.FromString(packed)
    return {detail.type_url.rsplit(".", 1)[1]: detail.value for detail in status.details}


def test_everything_can_be_read_page_by_page_with_default_settings(server, stubs):
    indicators = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel())
    pb = stubs.indicator_pb2

    ids, token = [], ""
    while True:
        page = indicators.ListIndicators(pb.ListIndicatorsRequest(page_size=7, page_token=token))
        ids += [definition.id for definition in page.definitions]
        token = page.next_page_token
        if not token:
            break
    assert len(ids) == len(set(ids)) > 50

    request = pb.GetIndicatorValuesRequest(
        indicator="place_waiting_time", level="LEVEL_MUNICIPALITY", from_period="2020-01", to_period="2024-06",
        page_size=10_000)
    rows, positions = [], set()
    while True:
        table = indicators.GetIndicatorValues(request)
        assert table.ByteSize() < DEFAULT_MESSAGE_BYTES
        positions.add(table.position)
        rows += [(row.period, row.area.code, row.sex, row.age) for row in table.rows]
        if not table.next_page_token:
            break
        request.page_token = table.next_page_token
    assert len(positions) == 1, "all pages are of one position"
    assert len(rows) == len(set(rows)) > 15_000


def test_a_value_is_reproduced_at_its_position(server, stubs, simulated):
    indicators = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel())
    request = stubs.indicator_pb2.GetIndicatorValuesRequest(indicator="bed_days", from_period="2023", to_period="2023")
    before = indicators.GetIndicatorValues(request)
    assert before.rows[0].persons.numerator > 0, "persons behind the days"
    server.push(simulated / "1103.ndjson", "--sender", "again")
    request.position = before.position
    assert indicators.GetIndicatorValues(request).rows == before.rows


@pytest.mark.parametrize("change, field", [
    ({"from_period": "last year"}, "from_period"),
    ({"level": "LEVEL_MUNICIPALITY", "areas": ["31"]}, "areas"),
    ({"position": "zz"}, "position"),
    ({"page_token": "zz"}, "page_token"),
    ({"structure_year": 1814}, "structure_year"),
])
def test_what_is_wrong_with_a_request_is_said_by_field(server, stubs, change, field):
    indicators = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel())
    request = stubs.indicator_pb2.GetIndicatorValuesRequest(indicator="bed_days", **change)
    with pytest.raises(grpc.RpcError) as raised:
        indicators.GetIndicatorValues(request)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    details = details_of(raised.value, stubs)
    assert stubs.error_pb2.RpcErrorInfo.FromString(details["ErrorInfo"]).domain == "kpr"
    bad = stubs.error_pb2.RpcBadRequest.FromString(details["BadRequest"])
    assert bad.field_violations[0].field == field
    assert bad.field_violations[0].description


def test_an_unknown_indicator_is_not_found(server, stubs):
    indicators = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel())
    with pytest.raises(grpc.RpcError) as raised:
        indicators.GetIndicatorValues(stubs.indicator_pb2.GetIndicatorValuesRequest(indicator="happiness"))
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    assert "kpr indicators list" in raised.value.details()


def test_events_sent_by_hand_get_receipts_and_violations(server, stubs):
    pb, ingest = stubs.ingest_pb2, stubs.ingest_pb2_grpc.IngestStub(server.channel())
    state = ingest.GetSubmissionState(pb.GetSubmissionStateRequest(sender="1103"))
    assert state.contiguous_sequence == state.highest_sequence > 0
    batch = pb.EventBatch(batch=7, sender="by-hand", events=[b"\xff\xff", stubs.event_pb2.Event().SerializeToString()])
    receipt = next(ingest.SubmitEvents(iter([batch])))
    assert receipt.batch == 7 and receipt.accepted == 0
    codes = [result.violations[0].code for result in receipt.results]
    assert codes == ["NOT_AN_EVENT", "MISSING"]
    for result in receipt.results:
        assert result.violations[0].message_nb and result.violations[0].message_en


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["screen", "csv", "json"])
def test_a_watch_shows_each_answer_when_it_comes(server, tmp_path, form):
    shown = tmp_path / "shown"
    with open(shown, "w") as out:
        watch = subprocess.Popen([server.binary, "indicators", "watch", "bed_days", "--from", "2023", *form,
                                  "--server", server.address], stdout=out)
        try:
            wait_until(lambda: "Norge" in shown.read_text(), "the first answer is there while the watch runs", 20)
            assert watch.poll() is None
        finally:
            watch.terminate()
            assert watch.wait(20) == 0


def test_findings_are_followed_as_they_come(server, stubs):
    pb, ingest = stubs.ingest_pb2, stubs.ingest_pb2_grpc.IngestStub(server.channel())
    listed = ingest.ListFindings(pb.ListFindingsRequest(sender="1103", page_size=5))
    stream = ingest.WatchFindings(pb.WatchFindingsRequest(sender="1103"))
    changes = list(stream)
    assert len(changes) >= len(listed.findings)
    resumed = list(ingest.WatchFindings(pb.WatchFindingsRequest(sender="1103", cursor=changes[0].cursor)))
    assert [c.cursor for c in resumed] == [c.cursor for c in changes[1:]]
