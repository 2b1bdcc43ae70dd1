"""A witness that others have written signs the audit log: what continues the log it signs, what has become shorter, was forked or is another's it does not."""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess

import pytest

from conftest import ROOT, free_port, wait_until

WITNESS = pathlib.Path(os.environ.get("KPR_AUDIT_TOOLS", ROOT / "build/release/audit_tools")) / "litewitness"
NAME, ORIGIN = "witness.example/w1", "kpr.example/audit"


class Log:
    """An audit log of a server, which grows by being read."""

    def __init__(self, server):
        self.server, self.folder = server, server.folder / "data.audit/public"
        self.key = re.search(r"kpr\.example/audit\+\S+", server.run("audit", "prove", "0", "--out", server.folder).stdout).group(0)

    def size(self):
        return int((self.folder / "checkpoint").read_text().splitlines()[1])

    def grow(self, count=5):
        wanted = self.size() + count
        while self.size() < wanted:
            self.server.run("audit", "list", "--json")


@pytest.fixture
def log(new_server):
    server = new_server({"audit": {"origin": ORIGIN}})
    wait_until(lambda: (server.folder / "data.audit/public/checkpoint").exists(), "there is a checkpoint")
    wait_until(lambda: server.run("audit", "prove", "0", "--out", server.folder, check=False).returncode == 0, "a record is in it")
    return Log(server)


class Witness:
    def __init__(self, folder, log_key):
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        private, agent = folder / "witness", folder / "agent"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", private], check=True)
        blob = base64.b64decode((folder / "witness.pub").read_text().split()[1])
        public = b"\4" + blob[-32:]
        self.key = "+".join([NAME, hashlib.sha256(NAME.encode() + b"\n" + public).digest()[:4].hex(), base64.b64encode(public).decode()])
        self.agent = subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL)
        wait_until(agent.exists, "the agent listens")
        subprocess.run(["ssh-add", "-q", private], check=True, env={**os.environ, "SSH_AUTH_SOCK": str(agent)})
        fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        self.arguments = [WITNESS, f"-ssh-agent={agent}", f"-name={NAME}", f"-key={fingerprint}", f"-listen={self.address}", f"-db={folder / 'witness.db'}"]
        self.process = None
        self.start()
        self.stop(keep_agent=True)
        with sqlite3.connect(folder / "witness.db") as database:
            database.execute("INSERT INTO log VALUES (?, 0, ?)", (ORIGIN, base64.b64encode(hashlib.sha256(b"").digest()).decode()))
            database.execute("INSERT INTO key VALUES (?, ?)", (ORIGIN, log_key))
        self.start()

    def start(self):
        self.process = subprocess.Popen([str(part) for part in self.arguments], stderr=subprocess.DEVNULL)

        def answers():
            return subprocess.run(["curl", "-s", "-o", "/dev/null", self.url]).returncode == 0

        wait_until(answers, "the witness listens")

    def stop(self, keep_agent=False):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        if not keep_agent:
            self.agent.kill()
            self.agent.wait()


@pytest.fixture
def witness(log, tmp_path):
    made = Witness(tmp_path, log.key)
    yield made
    made.stop()


def ask(log, witness, out, folder=None, key=None):
    return subprocess.run([str(part) for part in (log.server.binary, "audit", "witness", folder or log.folder, "--verifier-key", log.key, "--url", witness.url, "--witness-key", key or witness.key, "--out", out)],
                          capture_output=True, text=True, timeout=120)


def test_a_witness_signs_what_continues_and_nothing_else(log, witness, tmp_path):
    out = tmp_path / "cosigned"
    first = ask(log, witness, out)
    assert first.returncode == 0 and "before it 0" in first.stdout, first.stderr
    signed = int(out.read_text().splitlines()[1])
    lines = out.read_text().splitlines()
    assert sum(line.startswith("— ") for line in lines) == 2 and f"— {NAME} " in out.read_text()
    old = tmp_path / "old"
    shutil.copytree(log.folder, old)
    log.grow()
    assert f"before it {signed}" in ask(log, witness, out).stdout
    # Also where it is not known here what the witness has signed.
    log.grow()
    assert ask(log, witness, tmp_path / "lost").returncode == 0
    # An old state of the log, put back: the witness has signed more.
    shorter = ask(log, witness, tmp_path / "fresh", folder=old)
    assert shorter.returncode == 1 and "it has become shorter" in shorter.stderr
    # And who has kept what it signed sees it alone.
    seen = ask(log, witness, out, folder=old)
    assert seen.returncode == 1 and "the log has" in seen.stderr


def test_another_history_is_found(log, witness, tmp_path):
    data, out = log.server.folder, tmp_path / "cosigned"
    log.server.stop()
    kept = list(data.glob("data.audit*"))
    (tmp_path / "then").mkdir()
    for path in kept:
        shutil.copytree(path, tmp_path / "then" / path.name) if path.is_dir() else shutil.copy(path, tmp_path / "then" / path.name)
    log.server.start()
    log.grow()
    assert ask(log, witness, out).returncode == 0
    signed = log.size()
    # Whoever has the machine puts back an old state, and writes another history from there.
    log.server.stop()
    for path in kept:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(tmp_path / "then" / path.name, path) if (tmp_path / "then" / path.name).is_dir() else shutil.copy(tmp_path / "then" / path.name, path)
    log.server.start()
    log.grow(signed + 5)
    forked = ask(log, witness, tmp_path / "fresh")
    assert forked.returncode == 1 and "another history" in forked.stderr
    assert "history was rewritten" in ask(log, witness, out).stderr


def test_a_wrong_key_and_a_witness_that_is_away_are_told(log, witness, tmp_path):
    wrong = ask(log, witness, tmp_path / "out", key=NAME + "+00000000+" + witness.key.rsplit("+", 1)[1])
    assert wrong.returncode == 1 and "not its signature" in wrong.stderr and not (tmp_path / "out").exists()
    witness.process.send_signal(signal.SIGINT)
    witness.process.wait(60)
    away = ask(log, witness, tmp_path / "out")
    assert away.returncode == 1 and witness.url in away.stderr
    witness.start()
