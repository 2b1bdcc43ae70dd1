"""The public's door behind nginx as deploy/nginx/public.conf has it."""

import re
import subprocess

import pytest

from authority import Authority
from conftest import Nginx


@pytest.fixture
def front(site, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    authority = Authority(keys)
    authority.sign("public", ["IP:127.0.0.1"])
    port = site.address.rsplit(":", 1)[1]
    nginx = Nginx(tmp_path, "public.conf", lambda nginx: {
        "listen 443": f"listen {nginx.address}", "/etc/kpr/public.": f"{keys}/public.", "127.0.0.1:8080": f"127.0.0.1:{port}",
        "/var/cache/nginx/kpr": str(tmp_path / "cache"),
        # So few that a slow machine meets the limit too.
        "rate=50r/s": "rate=1r/s", "burst=500": "burst=50"})
    nginx.authority = keys / "ca.crt"
    yield nginx
    nginx.stop()


def ask(front, path, *options):
    """Status, headers by lower-case name, and body."""
    done = subprocess.run(["curl", "-sS", "-i", "--cacert", front.authority, *options, f"https://{front.address}{path}"],
                          capture_output=True, timeout=60, check=True)
    head, body = done.stdout.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(re.split(": ?", line.lower(), maxsplit=1) for line in lines[1:]), body


def test_one_copy_for_each_coding_and_language(front):
    path = "/api/open/v1/kpr/table/1/data?GEO=*"
    status, headers, plain = ask(front, path, "--http2")
    assert status == 200 and headers["x-cache"] == "miss" and "strict-transport-security" in headers
    status, headers, again = ask(front, path, "--http2")
    assert headers["x-cache"] == "hit" and again == plain
    for header, coding in (("br, gzip", "br"), ("gzip, deflate, br;q=0.9", "br"), ("gzip", "gzip")):
        status, headers, body = ask(front, path, "-H", f"Accept-Encoding: {header}")
        assert (status, headers["content-encoding"]) == (200, coding) and len(body) < len(plain)
    english = ask(front, path, "-H", "Accept-Language: en-GB,en;q=0.9")
    assert english[1]["x-cache"] == "miss" and english[2] != plain
    status, headers, body = ask(front, path, "-H", f"If-None-Match: {ask(front, path)[1]['etag']}")
    assert status == 304 and not body
    assert ask(front, path + "&release=1")[1]["cache-control"] == "public, max-age=31536000, immutable"


def test_errors_are_not_kept_and_are_told_as_they_are(front, tmp_path):
    for _ in range(2):
        status, headers, body = ask(front, "/api/open/v1/kpr/table/99/data")
        assert status == 404 and headers["content-type"] == "application/problem+json" and b"there is no table" in body
        assert headers["x-cache"] == "miss"
    (tmp_path / "large").write_text("x" * 300_000)
    status, _, body = ask(front, "/api/open/v1/kpr/table/1/data", "-H", "Expect:", "--data-binary", f"@{tmp_path / 'large'}")
    assert status == 413


def test_a_flood_of_one_address_is_slowed_and_others_are_served(front):
    codes = subprocess.run(["curl", "-sS", "-Z", "--parallel-max", "50", "--cacert", front.authority, "-o", "/dev/null", "-w", "%{http_code}\n",
                            f"https://{front.address}/api/open/v1/kpr/table?lang=[1-1500]"],
                           capture_output=True, text=True, timeout=120, check=True).stdout.split()
    assert codes.count("429") > 300, {code: codes.count(code) for code in set(codes)}
    status, _, _ = ask(front, "/health", "--interface", "127.0.0.2")
    assert status == 200
