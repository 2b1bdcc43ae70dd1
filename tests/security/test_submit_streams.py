"""What one sender can do to the others, and to the server's memory, with streams and batches that the policy allows."""

import socket
import struct
import time

import grpc
import hpack
import pytest
from google.protobuf import json_format
from hyperframe.frame import DataFrame, Frame, HeadersFrame, RstStreamFrame, SettingsFrame

from authority import Authority
from conftest import Front, Server, events_of, peak_kib, wait_until

POLICY = "".join(f'''
[[principal]]
name = "urn:kpr:sender:{code}"
roles = ["sender"]
municipalities = ["{code}"]
person_authority = true
''' for code in ("1103", "5001"))


def first_events(path, count):
    """Each once."""
    return list({event["event_id"]: event for event in events_of(path)}.values())[:count]


@pytest.fixture(scope="module", params=["bare", "front"])
def secure(request, kpr_binary, tmp_path_factory):
    """A server with certificates, and a channel for each of two senders: to its port, then through nginx."""
    folder = tmp_path_factory.mktemp("streams")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    (folder / "policy.toml").write_text(POLICY)
    server = Server(kpr_binary, folder, {
        "server": {"plaintext_loopback": False, "certificate": str(authority.crt("server")),
                   "private_key": str(authority.key("server")), "client_ca": str(authority.crt("ca")),
                   "policy": str(folder / "policy.toml"), "front_socket": str(folder / "front.sock")},
        "ingest": {"first_batch_seconds": 600}}).start()
    front = Front(folder, folder, folder / "front.sock")
    address = {"bare": server.address, "front": front.address}[request.param]

    def channel(code):
        authority.sign(code, [f"URI:urn:kpr:sender:{code}"])
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(
            authority.crt("ca").read_bytes(), authority.key(code).read_bytes(), authority.crt(code).read_bytes()))

    server.channels = {code: channel(code) for code in ("1103", "5001")}
    yield server
    front.stop()
    server.stop()


def batch_of(stubs, events, number=1, sender=""):
    protos = [json_format.ParseDict(event, stubs.event_pb2.Event()) for event in events]
    return stubs.ingest_pb2.EventBatch(batch=number, sender=sender, events=[p.SerializeToString() for p in protos])


def silence(stream):
    """The code that ends a stream on which nothing was sent."""
    try:
        next(stream)
    except grpc.RpcError as error:
        return error.code()
    except StopIteration:
        return grpc.StatusCode.OK
    pytest.fail("a receipt for nothing")


def silent_requests(until):
    while time.monotonic() < until:
        time.sleep(0.1)
    yield from ()


def test_silent_streams_lock_no_one_out(secure, stubs, simulated):
    until = time.monotonic() + 60
    stub = stubs.ingest_pb2_grpc.IngestStub(secure.channels["1103"])
    streams = [stub.SubmitEvents(silent_requests(until)) for _ in range(40)]
    wait_until(lambda: sum(not stream.is_active() for stream in streams) == 24, "all but 16 are refused")
    assert {s.code() for s in streams if not s.is_active()} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    other = stubs.ingest_pb2_grpc.IngestStub(secure.channels["5001"])
    batch = batch_of(stubs, first_events(simulated / "5001.ndjson", 10))
    assert next(other.SubmitEvents(iter([batch]))).accepted == 10, "another sender is not locked out"
    for stream in streams:
        stream.cancel()

    def free():
        try:
            return next(stub.SubmitEvents(iter([batch_of(stubs, [])]))).accepted == 0
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return False

    wait_until(free, "the server has seen that the streams were cancelled")


def test_a_silent_stream_ends_and_its_place_is_free(new_server_at_each_door, stubs, simulated):
    server = new_server_at_each_door({"ingest": {"first_batch_seconds": 1}})
    stub = stubs.ingest_pb2_grpc.IngestStub(server.channel())
    until = time.monotonic() + 60
    for _ in range(2):
        streams = [stub.SubmitEvents(silent_requests(until)) for _ in range(10)]
        assert {silence(stream) for stream in streams} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    batch = batch_of(stubs, first_events(simulated / "1103.ndjson", 10), sender=server.sender)
    assert next(stub.SubmitEvents(iter([batch]))).accepted == 10


def test_two_million_empty_events_are_refused_as_a_whole(secure, stubs):
    before = peak_kib(secure)
    head = stubs.ingest_pb2.EventBatch(batch=7).SerializeToString()
    empty = stubs.ingest_pb2.EventBatch(events=[b""]).SerializeToString()
    batch = head + empty * 2_000_000
    submit = secure.channels["1103"].stream_stream("/kpr.v1.Ingest/SubmitEvents",
                                                   request_serializer=lambda b: b,
                                                   response_deserializer=stubs.ingest_pb2.Receipt.FromString)
    receipts = list(submit(iter([batch, batch_of(stubs, []).SerializeToString()])))
    assert [r.state for r in receipts] == [stubs.ingest_pb2.Receipt.STATE_REFUSED, stubs.ingest_pb2.Receipt.STATE_DURABLE]
    assert receipts[0].batch == 7 and "2000000 events" in receipts[0].message and not receipts[0].results
    assert peak_kib(secure) - before < 64 << 10, "the batch was built"


def test_a_second_copy_on_the_stream_is_a_duplicate(new_server_at_each_door, stubs, simulated):
    server = new_server_at_each_door()
    events = first_events(simulated / "1103.ndjson", 20)
    stub = stubs.ingest_pb2_grpc.IngestStub(server.channel())
    answers = []

    def requests():
        for number in range(1, 6):
            yield batch_of(stubs, events, number, server.sender)
            wait_until(lambda: len(answers) == number, "the receipt")

    for receipt in stub.SubmitEvents(requests()):
        answers.append(receipt)
    assert [(r.accepted, r.duplicates) for r in answers] == [(20, 0)] + [(0, 20)] * 4
    server.wait_applied()
    server.stop()
    printed = server.run("log", "print", offline=True).stdout
    assert printed.count('{"event_id":"' + events[0]["event_id"]) == 1


def test_bytes_that_are_no_batch_end_the_stream(new_server_at_each_door, stubs):
    server = new_server_at_each_door()
    submit = server.channel().stream_stream("/kpr.v1.Ingest/SubmitEvents", request_serializer=lambda b: b,
                                            response_deserializer=stubs.ingest_pb2.Receipt.FromString)
    for bad in (b"\xff\xff\xff\xff", b"\x08", b"\x1a\x05ab", b"\x0b" * 1000):
        with pytest.raises(grpc.RpcError) as refused:
            list(submit(iter([bad])))
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_stream_whose_receipts_are_not_read_ends(new_server, stubs):
    """With a window of no bytes the receipt cannot be sent. Frames by hand: every library reads."""
    server = new_server({"ingest": {"first_batch_seconds": 1, "idle_seconds": 1}})
    message = batch_of(stubs, [], sender="1103").SerializeToString()
    call = hpack.Encoder().encode([
        (":method", "POST"), (":scheme", "http"), (":path", "/kpr.v1.Ingest/SubmitEvents"), (":authority", "kpr"),
        ("content-type", "application/grpc"), ("te", "trailers")])
    settings = SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0})
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:  # before a ping of the server is due
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings.serialize()
                           + HeadersFrame(1, data=call, flags=["END_HEADERS"]).serialize()
                           + DataFrame(1, data=b"\0" + struct.pack(">I", len(message)) + message).serialize())
        stream = connection.makefile("rb")
        while True:
            frame, length = Frame.parse_frame_header(memoryview(stream.read(9)))
            stream.read(length)
            if frame.stream_id == 1 and (isinstance(frame, RstStreamFrame) or "END_STREAM" in frame.flags):
                break
