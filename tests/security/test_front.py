"""The doors: nginx in front as it is deployed, and the bare port. The same certificates are let in and refused at both; the
attacks that end the bare port do not end what is behind nginx."""

import re
import socket
import ssl
import subprocess
import urllib.parse

import grpc
import hpack
import pytest
from hyperframe.frame import ContinuationFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from authority import DAY, Authority
from conftest import Front, SecureServer, Server, peak_kib, reported_providers, wait_until

POLICY = '''
[[principal]]
name = "urn:kpr:operator"
roles = ["operator"]
[[principal]]
name = "urn:kpr:reader"
roles = ["national_reader"]
[[principal]]
name = "urn:kpr:sender"
roles = ["sender"]
municipalities = ["5001"]
person_authority = true
providers = {providers}
'''


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Options of the command line by principal, and of two whose certificates are refused (test_handshakes.py has the rest)."""
    folder = tmp_path_factory.mktemp("keys")
    authority, other = Authority(folder), Authority(folder, "other")
    authority.sign("server", ["IP:127.0.0.1"])
    options = {name: authority.sign(name, [f"URI:urn:kpr:{name}"]) for name in ("operator", "reader", "sender", "stranger")}
    options["of-another-authority"] = other.sign("forged", ["URI:urn:kpr:operator"])
    options["expired"] = authority.sign("expired", ["URI:urn:kpr:operator"], begins=-2 * DAY, ends=-DAY)
    options[""] = folder
    return options


class Doors:
    """A server with nginx before it; `bare` and `front` are their addresses."""

    def __init__(self, binary, folder, policy, certificates):
        self.certificates, keys = certificates, certificates[""]
        socket_path = folder / "front.sock"
        self.secure = SecureServer(binary, folder, policy, certificates, {"server": {"front_socket": str(socket_path)}})
        self.server, self.socket_path = self.secure.server, socket_path
        self.front_process = Front(folder, keys, socket_path)
        self.addresses = {"bare": self.server.address, "front": self.front_process.address}

    def ask(self, door, principal, *arguments):
        done = subprocess.run([str(a) for a in (self.server.binary, *arguments, "--server", self.addresses[door],
                                                *self.certificates[principal])], capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    def works(self, door):
        return "takes events" in self.ask(door, "operator", "status")

    def connect(self, door, principal):
        """A TLS connection that speaks HTTP/2."""
        context = ssl.create_default_context(cafile=self.certificates[""] / "ca.crt")
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        options = self.certificates[principal]
        context.load_cert_chain(options[options.index("--cert") + 1], options[options.index("--key") + 1])
        host, port = self.addresses[door].split(":")
        return context.wrap_socket(socket.create_connection((host, int(port)), timeout=20))

    def stop(self):
        self.front_process.stop()
        self.server.stop()


@pytest.fixture(scope="module")
def doors(kpr_binary, certificates, simulated, tmp_path_factory):
    policy = POLICY.format(providers=reported_providers(simulated / "5001.ndjson"))
    doors = Doors(kpr_binary, tmp_path_factory.mktemp("doors"), policy, certificates)
    yield doors
    doors.stop()


@pytest.fixture
def fresh_doors(kpr_binary, certificates, tmp_path):
    """For attacks: what one leaves in memory is not another's."""
    doors = Doors(kpr_binary, tmp_path, POLICY.format(providers=[]), certificates)
    yield doors
    doors.stop()


both = pytest.mark.parametrize("door", ["bare", "front"])


@both
def test_the_right_certificate_is_let_in_and_its_roles_count(doors, door):
    assert doors.works(door)
    assert "the method is open to" in doors.ask(door, "operator", "indicators", "list")


def metadata_call(doors, stubs, door, principal, metadata):
    options = doors.certificates[principal]
    credentials = grpc.ssl_channel_credentials(*(open(options[options.index(n) + 1], "rb").read() for n in ("--ca", "--key", "--cert")))
    with grpc.secure_channel(doors.addresses[door], credentials) as channel:
        stub = stubs.operations_pb2_grpc.OperationsStub(channel)
        try:
            return stub.GetStatus(stubs.operations_pb2.GetStatusRequest(), metadata=metadata, timeout=20), None
        except grpc.RpcError as error:
            return None, error


def escaped(doors, principal):
    options = doors.certificates[principal]
    return urllib.parse.quote(open(options[options.index("--cert") + 1]).read())


@both
def test_nobody_sends_anothers_certificate(doors, stubs, door):
    stolen = (("kpr-client-certificate", escaped(doors, "operator")),)
    answer, error = metadata_call(doors, stubs, door, "stranger", stolen)
    assert answer is None and error.code() == grpc.StatusCode.PERMISSION_DENIED
    answer, error = metadata_call(doors, stubs, door, "stranger", stolen * 2)
    assert answer is None


def test_the_bare_port_takes_no_certificate_in_a_header(doors, stubs):
    answer, error = metadata_call(doors, stubs, "bare", "operator", (("kpr-client-certificate", escaped(doors, "reader")),))
    assert answer is None and "only a front may send" in error.details()


def test_the_socket_is_for_its_group_and_asks_for_a_certificate(doors, stubs):
    assert doors.socket_path.stat().st_mode & 0o007 == 0
    with grpc.insecure_channel(f"unix:{doors.socket_path}") as channel:
        stub = stubs.operations_pb2_grpc.OperationsStub(channel)
        for metadata in ((), (("kpr-client-certificate", "x"),), (("kpr-client-certificate", escaped(doors, "expired")),),
                         (("kpr-client-certificate", escaped(doors, "of-another-authority")),)):
            with pytest.raises(grpc.RpcError) as refused:
                stub.GetStatus(stubs.operations_pb2.GetStatusRequest(), metadata=metadata, timeout=20)
            assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED


# Attacks. Frames are made by hand, as no client library would send them.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize()
CALL = [(":method", "POST"), (":scheme", "https"), (":path", "/kpr.v1.Operations/GetStatus"), (":authority", "kpr"),
        ("content-type", "application/grpc"), ("te", "trailers")]


def send_until_cut(connection, chunks, most):
    """How many bytes could be sent before the other side closed; all is read away meanwhile."""
    sent = 0
    connection.settimeout(0.001)
    for chunk in chunks:
        try:
            connection.settimeout(20)
            connection.sendall(chunk)
            sent += len(chunk)
            connection.settimeout(0.001)
            while connection.recv(1 << 16):
                pass
            return sent
        except (TimeoutError, ssl.SSLWantReadError):
            pass
        except OSError:
            return sent
        if sent >= most:
            break
    return sent


def rapid_reset(calls):
    encoder = hpack.Encoder()
    yield PREFACE
    for number in range(calls // 100):
        chunk = b""
        for stream in range(number * 200 + 1, number * 200 + 201, 2):
            headers = HeadersFrame(stream, data=encoder.encode(CALL), flags=["END_HEADERS"])
            chunk += headers.serialize() + RstStreamFrame(stream, error_code=8).serialize()
        yield chunk


def continuation_flood(most):
    yield PREFACE + HeadersFrame(1, data=hpack.Encoder().encode(CALL)).serialize()
    field = hpack.Encoder(), [("x-filler", "y" * 4000)]
    frame = ContinuationFrame(1, data=field[0].encode(field[1])).serialize()
    for _ in range(most // len(frame)):
        yield frame


def attack(doors, door, chunks, most):
    """Bytes sent, what the server's memory grew by in MiB, and whether an operator was answered meanwhile."""
    before = peak_kib(doors.server)
    with doors.connect(door, "stranger") as connection:
        sent = send_until_cut(connection, chunks, most)
        answered = doors.works(door)
    return sent, (peak_kib(doors.server) - before) >> 10, answered


@both
def test_rapid_reset(fresh_doors, door):
    sent, grown, answered = attack(fresh_doors, door, rapid_reset(100_000), 1 << 30)
    print(f"{door}: rapid reset: {sent} bytes sent, server grew by {grown} MiB, operator answered: {answered}")
    if door == "front":
        assert answered and grown < 64


@both
def test_continuation_flood(fresh_doors, door):
    sent, grown, answered = attack(fresh_doors, door, continuation_flood(64 << 20), 64 << 20)
    print(f"{door}: CONTINUATION flood: {sent} bytes sent, server grew by {grown} MiB, operator answered: {answered}")
    if door == "front":
        assert answered and grown < 16 and sent < 8 << 20


def test_a_server_that_is_away_is_told_as_grpc_clients_expect(fresh_doors, stubs):
    fresh_doors.server.stop()
    answer, error = metadata_call(fresh_doors, stubs, "front", "operator", ())
    assert answer is None and error.code() == grpc.StatusCode.UNAVAILABLE and "does not answer" in error.details()
    fresh_doors.server.start()
    assert fresh_doors.works("front")


@both
def test_two_thousand_connections_that_say_nothing(doors, door):
    host, port = doors.addresses[door].split(":")
    silent = []
    try:
        for _ in range(2000):
            silent.append(socket.create_connection((host, int(port)), timeout=20))
        assert doors.works(door)
    finally:
        for connection in silent:
            connection.close()
    assert doors.works(door)


def test_a_listener_that_has_run_out_of_descriptors_ends_the_server(kpr_binary, tmp_path):
    server = Server(kpr_binary, tmp_path, prefix=["prlimit", "--nofile=300"]).start()
    host, port = server.address.split(":")
    silent = []
    try:
        for _ in range(400):
            silent.append(socket.create_connection((host, int(port)), timeout=20))
        assert server.process.wait(120) == 1
        assert "the port does not answer any more" in server.log.read_text()
    finally:
        for connection in silent:
            connection.close()


def test_a_sender_streams_through_the_front_and_a_reader_watches(doors, simulated, tmp_path):
    watched = tmp_path / "watched"
    with open(watched, "w") as out:
        watch = subprocess.Popen([str(a) for a in (
            doors.server.binary, "indicators", "watch", "nursing_home_residents", "--server", doors.addresses["front"],
            *doors.certificates["reader"])], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: watched.stat().st_size > 0, "the watch has its first answer")
        before = watched.read_text()
        said = doors.ask("front", "sender", "push", simulated / "5001.ndjson", "--quiet", "--batch", "100")
        assert re.search(r"[1-9]\d* accepted.* 0 refused", said), said
        wait_until(lambda: watched.read_text() != before, "the watch shows what came")
    finally:
        watch.kill()
        watch.wait()
    assert "events; contiguous" in doors.ask("front", "sender", "quality")


def test_a_revoked_certificate_is_refused_behind_nginx_too(kpr_binary, certificates, tmp_path):
    keys, revoked = certificates[""], tmp_path / "revoked"
    revoked.mkdir()
    secure = SecureServer(kpr_binary, tmp_path, POLICY.format(providers=[]), certificates,
                          {"server": {"front_socket": str(tmp_path / "front.sock"), "client_crl": str(revoked)}})
    front = Front(tmp_path, keys, tmp_path / "front.sock")
    try:
        def works():
            done = subprocess.run([str(a) for a in (kpr_binary, "status", "--server", front.address,
                                                    *certificates["operator"])], capture_output=True, text=True, timeout=60)
            return "takes events" in done.stdout

        assert works()
        Authority(keys, make=False).revoke("operator", revoked)
        secure.reload("policy reloaded")
        wait_until(lambda: not works(), "the certificate is refused")
    finally:
        front.stop()
        secure.server.stop()
