"""One flipped bit in any file that the server keeps: it says so and does not start, or its figures are what they were. Bits of
each kind of file are drawn from a seed; KPR_FLIPS of each kind, KPR_FLIP_SEED to play a failure again."""

import os
import random
import re
import shutil
import signal

import pytest

from conftest import Server, wait_until

FLIPS = int(os.environ.get("KPR_FLIPS", "8"))
SEED = int(os.environ.get("KPR_FLIP_SEED", "1"))
# Kind of file, by its path beside the configuration.
KINDS = {
    "pseudonym key": r"data\.pseudonym-key",
    "marks of the log": r"data\.log-mark",
    "log, written since the start": r"data/log/\d+\.log",
    "log, table": r"data/log/\d+\.sst",
    "log, list of files": r"data/log/(MANIFEST-\d+|CURRENT)",
    "registry, written since the start": r"data/registry/partition-\d/\d+\.log",
    "registry, table": r"data/registry/partition-\d/\d+\.sst",
    "registry, list of files": r"data/registry/partition-\d/(MANIFEST-\d+|CURRENT)",
    "registry, options": r"data/registry/partition-\d/OPTIONS-\d+",
    "chains": r"data/registry/chains/\d+\.(log|sst)",
    "chains, list of files": r"data/registry/chains/(MANIFEST-\d+|CURRENT)",
}
# What the last line says when the server does not start.
SAID = {kind: "pseudonym key" if "key" in kind else "log mark|log is shorter" if "marks" in kind else
        r"^kpr: .*(log is shorter|log/.*(orruption|hecksum|mismatch|damaged)|open log|log .* was created with)" for kind in KINDS}
QUESTIONS = [("indicators", "get", name, "--from", "2023-01", "--to", "2024-06", "--csv", "--level", "municipality")
             for name in ("nursing_home_residents", "medication_review")]
QUALITY = ("quality", "--sender", "1103")


def answers(server):
    """The figures, without the position, which counts what a filled store has forwarded again, and a sender's quality. None
    while one is damaged or being filled."""
    said = [server.run(*question, check=False) for question in (*QUESTIONS, QUALITY)]
    if any(done.returncode and re.search("Corruption|being filled|UNAVAILABLE", done.stderr) for done in said):
        return None
    assert all(done.returncode == 0 for done in said), "".join(done.stderr for done in said)
    *figures, quality = (done.stdout for done in said)
    return [[line.split(",", 3)[0:2] + line.split(",", 3)[3:] for line in text.splitlines()] for text in figures], quality


@pytest.fixture(scope="module")
def stopped(kpr_binary, simulated, tmp_path_factory):
    """A folder with the data of a server that has stopped, part of it in tables, and its figures and submission states."""
    folder = tmp_path_factory.mktemp("flipped")
    server = Server(kpr_binary, folder).start()
    server.push(simulated / "1103.ndjson")
    server.wait_applied()
    server.stop()
    server.start()
    server.push(simulated / "5001.ndjson")
    server.wait_applied()
    said = answers(server)
    assert re.search(r"[1-9]\d* events", said[1])
    server.stop(signal.SIGKILL)
    return folder, said


def files_of(folder, kind):
    return sorted(path for path in folder.rglob("*")
                  if path.is_file() and path.stat().st_size and re.fullmatch(KINDS[kind], str(path.relative_to(folder))))


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


@pytest.mark.parametrize("number", range(FLIPS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_changes_no_figure(kpr_binary, stopped, tmp_path, kind, number):
    folder, said = stopped
    assert files_of(folder, kind), f"no file of the kind {kind}"
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    random_bits = random.Random(f"{SEED} {kind} {number}")
    path = random_bits.choice(files_of(tmp_path, kind))
    bit = random_bits.randrange(path.stat().st_size * 8)
    flip(path, bit)
    where = f"bit {bit} of {path.relative_to(tmp_path)}"
    server = Server(kpr_binary, tmp_path)
    server.log = tmp_path / "flipped.log"
    try:
        if not server.try_start():
            last = server.log.read_text().splitlines()[-1]
            assert server.process.returncode in (1, 2) and re.search(SAID[kind], last), (where, last)
            return
        wait_until(lambda: answers(server), "a damaged store is rebuilt")
        server.wait_applied()  # what a store has lost of its end comes from the log again
        assert answers(server) == said, where
    finally:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)
