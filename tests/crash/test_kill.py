"""I1 and I3 under kill -9: while senders push, the server is killed again and again. An oracle outside of it, the senders' own
files of receipts, says what was acknowledged: all of it must be in the log, once in every figure. KPR_KILLS sets the cycles."""

import os
import random
import signal
import subprocess

from conftest import Server, wait_until

KILLS = int(os.environ.get("KPR_KILLS", "25"))
SEED = int(os.environ.get("KPR_SEED", "1"))


class Senders:
    """One `kpr push` a file, in small batches so that there is load for every kill; begun again when all is sent, as
    duplicates are part of the load."""

    def __init__(self, binary, folder, events, port):
        self.binary, self.folder, self.files, self.server = binary, folder, sorted(events.glob("*.ndjson")), f"127.0.0.1:{port}"
        self.running = []

    def begin(self):
        self.running = [subprocess.Popen(
            [self.binary, "push", file, "--batch", "2", "--receipts", self.folder / f"acknowledged-{file.stem}", "--server",
             self.server, "--give-up", "120", "--quiet"], stdout=subprocess.DEVNULL, stderr=open(self.folder / "push.err", "a"))
            for file in self.files]

    def keep_going(self):
        if all(sender.poll() is not None for sender in self.running):
            self.end()
            self.begin()

    def end(self):
        for sender in self.running:
            assert sender.wait(300) == 0, (self.folder / "push.err").read_text()[-2000:]

    def receipts(self):
        """How many bytes of receipts the senders have written."""
        return sum(path.stat().st_size for path in self.folder.glob("acknowledged-*"))

    def acknowledged(self):
        return {event for path in self.folder.glob("acknowledged-*") for event in path.read_text().split()}


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(kpr_binary, tmp_path, unused_port):
    events = tmp_path / "events"
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2023-01-01", "--to", "2024-06-30",
                    "--scale", "0.5", "--out", events], check=True, capture_output=True)
    server = Server(kpr_binary, tmp_path, {"server": {"listen": f"127.0.0.1:{unused_port}"}}).start()
    senders = Senders(kpr_binary, tmp_path, events, unused_port)
    senders.begin()
    moments = random.Random(SEED)
    try:
        for _ in range(KILLS):
            # After a number of receipts, not a time: a slow machine is killed at the same places.
            due = senders.receipts() + 37 * moments.randrange(400)

            def reached():
                senders.keep_going()
                return senders.receipts() >= due

            wait_until(reached, "the senders have more receipts", 300)
            server.stop(signal.SIGKILL)
            server.start()
        senders.end()
        server.wait_applied()
        assert server.stop() == 0
    finally:
        for process in [*senders.running, *([server.process] if server.process else [])]:
            process.kill()
    acknowledged = senders.acknowledged()
    assert len(acknowledged) > 1000, "too little load"
    logged = set(server.run("log", "print", "--ids", offline=True).stdout.split())
    assert not acknowledged - logged, f"{len(acknowledged - logged)} of {len(acknowledged)} acknowledged events are lost"
    assert "equal the naive batch" in server.run("verify", offline=True).stdout
    live = server.run("export", offline=True).stdout
    server.run("rebuild", offline=True)
    assert server.run("export", offline=True).stdout == live, "a rebuilt registry is another"
    print(f"{KILLS} kills, {len(acknowledged)} events acknowledged, none lost")
