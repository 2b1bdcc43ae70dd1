"""Who comes through a handshake, at the bare port and behind nginx: each certificate and each way to begin is tried with a call
made by hand, and only the operator's own gets an answer."""

import socket
import ssl

import hpack
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, SettingsFrame

from authority import DAY, Authority, new_key
from conftest import Front, SecureServer

POLICY = '''
[[principal]]
name = "urn:kpr:operator"
roles = ["operator"]
'''
OPERATOR = "URI:urn:kpr:operator"
# Let in: what is usual. The rest has one fault each.
GOOD = {
    "RSA of 2048 bits": {},
    "P-256": {"key": "p256"},
    "for clients": {"extended": ExtendedKeyUsageOID.CLIENT_AUTH},
    "a host name beside the URI": {"alternatives": [OPERATOR, "DNS:kpr.test"]},
}
BAD = {
    "another name of the policy's kind": {"alternatives": ["URI:urn:kpr:stranger"]},
    "a name that begins with it": {"alternatives": ["URI:urn:kpr:operator2"]},
    "a name that it begins with": {"alternatives": ["URI:urn:kpr:operato"]},
    "wildcard": {"alternatives": ["URI:urn:kpr:*"]},
    "capitals": {"alternatives": ["URI:URN:KPR:OPERATOR"]},
    "a slash at the end": {"alternatives": ["URI:urn:kpr:operator/"]},
    "a blank at the end": {"alternatives": ["URI:urn:kpr:operator "]},
    "a zero byte and more": {"alternatives": ["URI:urn:kpr:operator\0.evil.test"]},
    "a letter percent-encoded": {"alternatives": ["URI:urn:kpr:operato%72"]},
    "two URIs": {"alternatives": [OPERATOR, "URI:urn:kpr:stranger"]},
    "the URI twice": {"alternatives": [OPERATOR, OPERATOR]},
    "no alternative name": {"alternatives": [], "common_name": "urn:kpr:operator"},
    "host name only": {"alternatives": ["DNS:urn.kpr.operator"], "common_name": "urn:kpr:operator"},
    "mail address only": {"alternatives": ["email:operator@kpr.test"]},
    "address only": {"alternatives": ["IP:127.0.0.1"]},
    "expired": {"begins": -2 * DAY, "ends": -DAY},
    "not yet valid": {"begins": DAY, "ends": 2 * DAY},
    "another authority": {"issuer": "other", "signer": "other"},
    "another authority of the same name": {"signer": "other"},
    "its own authority": {"issuer": "self", "signer": "self", "common_name": "self"},
    "signed by another client": {"issuer": "RSA of 2048 bits", "signer": "client"},
    "for servers": {"extended": ExtendedKeyUsageOID.SERVER_AUTH},
    "for signing certificates": {"usage": "key_cert_sign"},
    "an unknown critical extension": {
        "extra": x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")},
    "RSA of 1024 bits": {"key": "rsa1024"},
    "P-192": {"key": "p192"},
    "SHA-1": {"digest": hashes.SHA1()},
    "MD5": {"digest": hashes.MD5()},
    "revoked": {},
    "none": None,
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    (folder / "revoked").mkdir()
    authority, usual = Authority(folder), new_key()
    authority.sign("server", ["IP:127.0.0.1"])
    signers = {"other": new_key(), "self": usual, "client": usual}
    for name, fault in {**GOOD, **BAD}.items():
        if fault is not None:
            fault = {"alternatives": [OPERATOR], **fault}
            fault["key"] = new_key(fault["key"]) if "key" in fault else usual
            fault["signer"] = signers.get(fault.get("signer"))
            authority.sign(name, **fault)
    authority.revoke("revoked", folder / "revoked")
    return folder


@pytest.fixture(scope="module")
def doors(kpr_binary, keys, tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    secure = SecureServer(kpr_binary, folder, POLICY, {"": keys}, {
        "server": {"front_socket": str(folder / "front.sock"), "client_crl": str(keys / "revoked")}})
    front = Front(folder, keys, folder / "front.sock")
    yield {"bare": secure.server.address, "front": front.address}
    front.stop()
    secure.server.stop()


def context_of(keys, name, versions=None, ciphers="DEFAULT@SECLEVEL=0", protocols=("h2",)):
    """A client that offers everything, so that only the server can refuse."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(keys / "ca.crt")
    context.set_ciphers(ciphers)
    if versions:
        context.minimum_version = context.maximum_version = versions
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if name != "none":
        context.load_cert_chain(keys / f"{name}.crt", keys / f"{name}.key")
    return context


CALL = [(":method", "POST"), (":scheme", "https"), (":path", "/kpr.v1.Operations/GetStatus"), (":authority", "kpr"),
        ("content-type", "application/grpc"), ("te", "trailers")]


def call(connection):
    """The grpc-status of GetStatus on a fresh connection; None where it has been closed, or no gRPC is spoken."""
    call = HeadersFrame(1, data=hpack.Encoder().encode(CALL), flags=["END_HEADERS"])
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize() + call.serialize() +
                       DataFrame(1, data=bytes(5), flags=["END_STREAM"]).serialize())
    decoder, read = hpack.Decoder(), b""
    while True:
        while len(read) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(read[:9]))
            if len(read) < 9 + length:
                break
            frame.parse_body(memoryview(read[9:9 + length]))
            read = read[9 + length:]
            if isinstance(frame, HeadersFrame):
                fields = {str(name): value for name, value in decoder.decode(bytes(frame.data))}
                if "grpc-status" in fields or fields.get(":status", "200") != "200":
                    return fields.get("grpc-status")
            if isinstance(frame, GoAwayFrame):
                return None
        more = connection.recv(1 << 16)
        if not more:
            return None
        read += more


def begin(address, context):
    """What `call` gives through TLS; None where the handshake fails."""
    host, port = address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=20) as plain:
            with context.wrap_socket(plain) as connection:
                return call(connection)
    except (ssl.SSLError, ConnectionError, hpack.exceptions.HPACKError):
        return None


# Old versions are offered on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
both = pytest.mark.parametrize("door", ["bare", "front"])


@both
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("name", GOOD)
def test_a_usual_certificate_is_let_in(doors, keys, door, version, name):
    assert begin(doors[door], context_of(keys, name, version)) == "0"


@both
@pytest.mark.parametrize("name", BAD)
def test_a_certificate_with_a_fault_is_not(doors, keys, door, name):
    assert begin(doors[door], context_of(keys, name)) in (None, "7")


BEGINNINGS = {
    "TLS 1.0": {"versions": ssl.TLSVersion.TLSv1},
    "TLS 1.1": {"versions": ssl.TLSVersion.TLSv1_1},
    "CBC": {"versions": ssl.TLSVersion.TLSv1_2, "ciphers": "AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0"},
    "no forward secrecy": {"versions": ssl.TLSVersion.TLSv1_2, "ciphers": "AES128-GCM-SHA256:@SECLEVEL=0"},
    "no encryption": {"versions": ssl.TLSVersion.TLSv1_2, "ciphers": "eNULL:@SECLEVEL=0"},
    "no authentication": {"versions": ssl.TLSVersion.TLSv1_2, "ciphers": "aNULL:@SECLEVEL=0"},
}


@both
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_weak_handshake_is_refused(doors, keys, door, beginning):
    assert begin(doors[door], context_of(keys, "RSA of 2048 bits", **BEGINNINGS[beginning])) is None


@both
def test_without_tls_there_is_no_answer(doors, door):
    host, port = doors[door].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as plain:
        try:
            assert call(plain) is None
        except (ConnectionError, KeyError, ValueError, hpack.exceptions.HPACKError):
            pass


@both
@pytest.mark.parametrize("protocols", [(), ("http/1.1",), ("h2c",)], ids=["none", "http/1.1", "h2c"])
def test_who_does_not_agree_on_http2_gets_nothing_from_kpr(doors, keys, door, protocols):
    host, port = doors[door].split(":")
    context = context_of(keys, "RSA of 2048 bits", protocols=protocols)
    said = b""
    try:
        with context.wrap_socket(socket.create_connection((host, int(port)), timeout=20)) as connection:
            connection.sendall(b"POST /kpr.v1.Operations/GetStatus HTTP/1.1\r\nHost: kpr\r\nContent-Type: application/grpc\r\n"
                               b"TE: trailers\r\nContent-Length: 5\r\nConnection: close\r\n\r\n" + bytes(5))
            while more := connection.recv(1 << 16):
                said += more
    except (ssl.SSLError, ConnectionError):
        pass
    assert b"grpc-status: 0" not in said and b" 200 " not in said.split(b"\r\n")[0]
