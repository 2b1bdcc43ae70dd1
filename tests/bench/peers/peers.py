#!/usr/bin/python3
"""kpr beside what one would use instead, in one run: PostgreSQL and DuckDB as batches, differential-dataflow as the incremental engine
that retracts. The same events, the same five figures of 2024, the same correction of one of them; ten numbers before and ten after it,
equal everywhere.

    tests/bench/peers/peers.py [MUNICIPALITIES [SCALE]] [--peers LIST] [--out FILE]      after ./run bench; as root, for PostgreSQL

DuckDB comes from PyPI and differential-dataflow from crates.io (with a cargo of 2025 or later), both into build/peers.
"""
import argparse
import contextlib
import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.append(str(ROOT / "tests"))
from conftest import Server, events_of, peak_kib, write_events  # noqa: E402

BUILT = ROOT / "build/peers"
FIGURES = ["nursing_home_residents", "medication_review", "bed_days", "recipients_during_period", "nutrition_assessed"]
PEERS = ["postgresql", "duckdb", "differential"]
NURSING_HOME, LONG_STAY = range(18, 22), 21
LONG = 1800  # seconds: whatever takes longer hangs
ANNULMENT = "ffffffff-0000-4000-8000-000000000001"


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def in_venv():
    """A Python that has DuckDB."""
    python = pathlib.Path(os.environ["KPR_READERS"]) / "venv/bin/python" if "KPR_READERS" in os.environ else BUILT / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", BUILT / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
    return python


def built_differential():
    if shutil.which("cargo") is None:
        sys.exit("peers: cargo is missing: install Rust, or leave it out with --peers postgresql,duckdb")
    crate = shutil.copytree(HERE / "differential", BUILT / "differential", dirs_exist_ok=True)  # cargo writes beside what it builds
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=crate, check=True)
    return crate / "target/release/kpr-peer"


class Kpr:
    """A server with some of the definitions, and what it told when."""

    def __init__(self, binary, folder, definitions):
        catalogue = folder / "catalogue"
        catalogue.mkdir(parents=True)
        for path in (ROOT / "indicators/catalogue").glob("*.textproto"):
            if definitions is None or path.stem in definitions:
                shutil.copy(path, catalogue)
        self.server = Server(binary, folder, {"indicators": {"catalogue": str(catalogue)}}).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server.process is not None:
            self.server.stop(signal.SIGKILL)

    def push(self, files):
        self.server.run("push", *files, "--quiet")
        self.server.wait_applied()

    def figure(self, name):
        row = next(csv.DictReader(io.StringIO(self.server.run("indicators", "get", name, "--from", "2024", "--csv").stdout)))
        return name, row["numerator"].split(".")[0], row["denominator"].split(".")[0]

    def figures(self):
        return [self.figure(name) for name in FIGURES]

    def write_log(self, before, after):
        """Its records without the annulment, and the annulment."""
        command = [self.server.binary, "log", "print", "--config", self.server.config]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as printing, open(before, "w") as most, open(after, "w") as last:
            for line in printing.stdout:
                if line.startswith('{"event"'):
                    (last if ANNULMENT in line else most).write(line)
        if printing.returncode != 0:
            sys.exit("peers: the log cannot be printed")


def annulled_stay(events):
    """An event that annuls the only stay of a resident who is there at the end, as its sender sends it."""
    for path in sorted(events.glob("*.ndjson"), key=lambda path: path.stat().st_size):
        told = events_of(path)
        left_out = {event.get("refers_to") for event in told}  # corrected, or of who has had another stay, has left or died
        stays = {}
        for event in told:
            person, service = str(event["subject"]), event.get("service_started", {})
            if event.get("person_details", {}).get("death_date") or event.get("service_ended", {}).get("service_type") in NURSING_HOME:
                stays[person] = None
            elif service.get("service_type") in NURSING_HOME:
                stays[person] = None if person in stays or event["event_id"] in left_out else event
        last = max(told, key=lambda event: int(event["sequence"]))
        for event in stays.values():
            if event and event["service_started"]["service_type"] == LONG_STAY:
                return {**event, "event_id": ANNULMENT, "refers_to": event["event_id"], "status": "EVENT_STATUS_ANNUL",
                        "sequence": str(int(last["sequence"]) + 1), "previous_event_id": last["event_id"]}
    sys.exit("peers: no stay to annul: take more municipalities")


def measure_kpr(binary, folder, events, definitions):
    with Kpr(binary, folder, definitions) as kpr:
        result = {"load_s": seconds(lambda: kpr.push(sorted(events.glob("*.ndjson"))))}
        result["first_s"] = seconds(lambda: result.update(before=kpr.figures()))
        annulment = annulled_stay(events)
        correction = write_events(folder / f"{annulment['municipality']}.ndjson", [annulment])  # a file is called as its sender

        def correct():
            kpr.push([correction])
            result["after"] = kpr.figures()

        result["correction_s"] = seconds(correct)
        if result["after"][0] == result["before"][0]:
            sys.exit("peers: the correction changed nothing")
        result["memory_mib"] = peak_kib(kpr.server) // 1024
        kpr.server.stop()
        kpr.write_log(events.parent / "log.ndjson", events.parent / "correction.ndjson")
        result["rebuild_s"], result["rebuild_mib"] = measure_process([binary, "rebuild", "--config", kpr.server.config])
    return result


def measure_process(command):
    """How long it took, and the most memory it had when last looked at: what a parent had is no part of that."""
    began, peak = time.monotonic(), 0
    with subprocess.Popen([str(of) for of in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max([peak, *(int(line.split()[1]) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
                                if line.startswith("VmHWM"))])
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
    if process.returncode != 0:
        sys.exit(f"peers: {command[0]} {command[1]} ended with {process.returncode}")
    return time.monotonic() - began, peak / 1024


def measure_peer(command):
    done = subprocess.run([str(of) for of in command], stdout=subprocess.PIPE, text=True, timeout=LONG)
    if done.returncode != 0:
        sys.exit(f"peers: {command[0]} ended with {done.returncode}")
    result = {"before": [], "after": []}
    for words in map(str.split, done.stdout.splitlines()):
        if words[0] in ("before", "after"):
            result[words[0]].append(tuple(words[1:]))
        else:
            result[words[0]] = float(words[1])
    return result


def stop_database(folder):
    """Where its peer was killed: it runs by itself."""
    running = folder / "data/postmaster.pid"
    if running.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(running.read_text().splitlines()[0]), signal.SIGQUIT)


def differences(measured):
    first, *others = measured.items()
    return [f"{when}: {name} has {of}, {first[0]} has {expected}"
            for name, result in others for when in ("before", "after")
            for of, expected in zip(sorted(result[when]), sorted(first[1][when]), strict=True) if of != expected]


def show(measured, events):
    print(f"{events:,} events; the five figures of 2024 for the country\n")
    print("| | load | first answer | one correction, answered | memory at its highest |\n|---|---|---|---|---|")
    for name, of in measured.items():
        print(f"| {name} | {of['load_s']:.2f} s | {of['first_s']:.2f} s | {of['correction_s']:.4f} s | {of['memory_mib']:.0f} MiB |")
    print("\n" + "; ".join(f"{name}: rebuilt from its log in {of['rebuild_s']:.2f} s, {of['rebuild_mib']:.0f} MiB" for name, of in measured.items() if "rebuild_s" in of) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("municipalities", type=int, nargs="?", default=3)
    parser.add_argument("scale", type=float, nargs="?", default=0.2)
    parser.add_argument("--peers", default=",".join(PEERS), help="with commas: " + ", ".join(PEERS))
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/app/kpr")
    parser.add_argument("--out", type=pathlib.Path, help="also as JSON, into this file")
    options = parser.parse_args()
    peers = options.peers.split(",")
    if unknown := set(peers) - set(PEERS):
        parser.error(f"--peers: no peer '{min(unknown)}'")
    BUILT.mkdir(parents=True, exist_ok=True)
    programs = {"duckdb": in_venv() if "duckdb" in peers else None, "differential": built_differential() if "differential" in peers else None}
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        work.chmod(0o755)  # the database server's user reads in it
        subprocess.run([options.binary, "simulate", "--first", str(options.municipalities), "--scale", str(options.scale), "--from", "2021-01-01",
                        "--to", "2024-12-31", "--renumbered", "0", "--out", work / "events"], check=True, capture_output=True)
        measured = {}
        measured["kpr, the whole catalogue"] = measure_kpr(options.binary, work / "all", work / "events", None)
        measured["kpr, these five"] = measure_kpr(options.binary, work / "five", work / "events", FIGURES)
        events, correction = work / "log.ndjson", work / "correction.ndjson"
        with open(events) as records:
            count = sum(1 for _ in records)
        commands = {
            "postgresql": {"PostgreSQL": [sys.executable, HERE / "postgres_peer.py", events, correction, work / "postgres"]},
            "duckdb": {"DuckDB": [programs["duckdb"], HERE / "duckdb_peer.py", events, correction]},
            "differential": {f"differential-dataflow, {n} worker{'s' * (n > 1)}": [programs["differential"], events, correction, n] for n in (1, 2)},
        }
        try:
            for peer in peers:
                measured.update({name: measure_peer(command) for name, command in commands[peer].items()})
        finally:
            stop_database(work / "postgres")
        show(measured, count)
        if options.out:
            options.out.write_text(json.dumps({"events": count, "measured": measured}, indent=2) + "\n")
        if different := differences(measured):
            sys.exit("The numbers differ:\n" + "\n".join(different))
        print("The ten numbers before and the ten after the correction are the same everywhere.")


if __name__ == "__main__":
    main()
