"""The audit log as a verifier that others have written sees it: tessera's fsck, over HTTP from a running server."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from conftest import ROOT, free_port, wait_until

FSCK = pathlib.Path(os.environ.get("KPR_AUDIT_TOOLS", ROOT / "build/release/audit_tools")) / "fsck"
RECORDS = 700  # more than two whole tiles


@pytest.fixture
def log(new_server, simulated, stubs):
    """A running server whose log has that many records."""
    port = free_port()
    server = new_server({"http": {"listen": f"127.0.0.1:{port}"}, "audit": {"origin": "kpr.example/audit"}})
    server.push(simulated / "1103.ndjson")
    server.wait_applied()
    with server.channel() as channel:
        indicators = stubs.indicator_pb2_grpc.IndicatorsStub(channel)
        request = stubs.indicator_pb2.ExplainIndicatorValueRequest(indicator="nursing_home_residents", period="2023", area="1103")
        for _ in range(RECORDS):
            indicators.ExplainIndicatorValue(request)
    folder = server.folder / "data.audit/public"
    wait_until(lambda: int((folder / "checkpoint").read_text().splitlines()[1]) >= RECORDS, "all records are signed for")
    server.url = f"http://127.0.0.1:{port}/audit/"
    said = server.run("audit", "prove", "0", "--out", server.folder).stdout
    server.key = server.folder / "verifier-key"
    server.key.write_text(re.search(r"kpr\.example/audit\+\S+", said).group(0) + "\n")
    return server


def fsck(url, key, seconds=60):
    """The size of the log that it says is whole; 0 where it does not say so. What is wrong it may try again and again."""
    try:
        done = subprocess.run([FSCK, "-ui=false", f"-storage_url={url}", f"-public_key={key}"], capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 0
    found = re.search(r"Successfully fsck'd log with size (\d+)", done.stderr)
    return int(found.group(1)) if found and done.returncode == 0 else 0


def test_a_running_log_is_whole(log):
    assert fsck(log.url, log.key) >= RECORDS


def test_a_changed_log_is_not(log, tmp_path):
    log.stop()
    whole = log.folder / "data.audit/public"
    began = time.monotonic()
    assert fsck(f"file://{whole}/", log.key) >= RECORDS
    # Long enough to say so again.
    patience = max(10, 20 * (time.monotonic() - began))
    size = int((whole / "checkpoint").read_text().splitlines()[1])
    last = f"{size // 256:03}.p/{size % 256}"
    for name, change in [("tile/entries/000", lambda text: text[:2] + bytes([text[2] ^ 1]) + text[3:]),
                         ("tile/entries/001", lambda text: text[34:68] + text[:34] + text[68:]),
                         (f"tile/entries/{last}", lambda text: text[:-34]),
                         ("tile/0/000", lambda text: text[:-1] + bytes([text[-1] ^ 128])),
                         ("checkpoint", lambda text: text.replace(str(size).encode(), str(size - 1).encode()))]:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        (copy / name).write_bytes(change((copy / name).read_bytes()))
        assert fsck(f"file://{copy}/", log.key, seconds=patience) == 0, name
