"""Certificates that change or are revoked while the server runs."""

import re
import subprocess

import grpc
import pytest

from authority import Authority
from conftest import SecureServer, wait_until

POLICY = '''
[[principal]]
name = "urn:kpr:operator"
roles = ["operator"]
'''


@pytest.fixture
def secure(kpr_binary, tmp_path):
    authority = Authority(tmp_path)
    authority.sign("server", ["IP:127.0.0.1"])
    revoked = tmp_path / "revoked"
    revoked.mkdir()
    server = SecureServer(kpr_binary, tmp_path, POLICY,
                          {"": tmp_path, "operator": authority.sign("operator", ["URI:urn:kpr:operator"])},
                          {"server": {"client_crl": str(revoked)}})
    yield server
    server.server.stop()


def shown(secure):
    """The server's certificate as a client that connects now sees it."""
    done = subprocess.run(["openssl", "s_client", "-connect", secure.server.address], input="", capture_output=True, text=True)
    return subprocess.run(["openssl", "x509", "-noout", "-fingerprint"], input=done.stdout, capture_output=True,
                          text=True).stdout


def works(secure):
    return "takes events" in secure.ask("operator", "status")


def test_a_new_certificate_counts_without_a_restart(secure, tmp_path):
    before = shown(secure)
    assert before and works(secure)
    Authority(tmp_path, make=False).sign("next", ["IP:127.0.0.1"])
    (tmp_path / "next.key").rename(tmp_path / "server.key")
    (tmp_path / "next.crt").rename(tmp_path / "server.crt")
    wait_until(lambda: shown(secure) not in ("", before), "the new certificate is shown")
    assert works(secure)


def test_a_revoked_certificate_opens_no_connection(secure, tmp_path):
    assert works(secure)
    Authority(tmp_path, make=False).revoke("operator", tmp_path / "revoked")
    wait_until(lambda: not works(secure), "the certificate is refused")
    with pytest.raises(grpc.FutureTimeoutError):
        grpc.channel_ready_future(secure.channel("operator")).result(timeout=2)


@pytest.mark.parametrize("spoil, said", [
    (lambda folder: (folder / "server.key").write_text("x"), "server.private_key .*server.key: expected a private key in PEM"),
    (lambda folder: (folder / "server.crt").write_text("x"), "server.certificate .*server.crt: expected a certificate in PEM"),
    (lambda folder: (folder / "ca.key").replace(folder / "server.key"), "is not the key of server.certificate"),
])
def test_files_that_are_no_pair_are_told_at_the_start(secure, tmp_path, spoil, said):
    spoil(tmp_path)
    served = secure.server.run("serve", offline=True, check=False)
    assert served.returncode != 0 and re.search(said, served.stderr)
