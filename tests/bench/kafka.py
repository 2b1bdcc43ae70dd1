#!/usr/bin/python3
"""The figures of docs/performance.md about Kafka, in one run on a real broker on this machine: ingest, replay and end to end, with
the processor time each node takes, freshness at load, and beside it a Kafka Streams application on the same topic.

    tests/bench/kafka.py [EVENTS [PARTITIONS]]     after ./run bench
"""

import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "tests/kafka")]
from cluster import Cluster, Kafka  # noqa: E402
from conftest import wait_until  # noqa: E402

SEND = ROOT / "build/release/tests/send_bench"
STREAMS = ROOT / "build/streams"
LONG = 1200


def ticks(pid):
    """Processor time so far, in hundredths of a second."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().split()
    return int(fields[13]) + int(fields[14])


class Bench:
    def __init__(self, cluster, events):
        self.cluster, self.events = cluster, events

    def pids(self, names):
        return {name: self.cluster.kafka.pid(0) if name == "broker" else self.cluster.nodes[name].process.pid for name in names}

    def begin(self, *names):
        self.before = {name: ticks(pid) for name, pid in self.pids(names).items()}

    def costs(self, records):
        """Of processor time of each node since `begin`, a record."""
        now = {name: ticks(pid) for name, pid in self.pids(self.before).items()}
        print("  " + "  ".join(f"{name} {(now[name] - self.before[name]) * 10_000 / records:.1f} us" for name in sorted(now)),
              "of processor time a record")

    def send(self, first, last, rate, *names):
        """Starts to send a part of the load; the clock begins when it is made."""
        port = self.cluster.nodes["i1"].address.rsplit(":", 1)[1]
        self.sender = subprocess.Popen([SEND, str(self.events), str(first), str(last), str(rate), port], stdout=subprocess.PIPE, text=True)
        while "ready" not in self.sender.stdout.readline():
            assert self.sender.poll() is None, "the sender has ended"
        self.began = time.monotonic()
        self.begin(*names)

    def acknowledged(self):
        """What the sender says, and how many it sent."""
        told = self.sender.communicate()[0].strip().splitlines()[-1]
        return told, int(told.split()[0])

    def running(self, node):
        rows = node.rows()
        return len(rows) == self.cluster.partitions and all(row[3] == "0" and row[5].lstrip("*") == "running" for row in rows)

    def at_rate(self, first, last, rate):
        query, ages, behind = self.cluster.nodes["q1"], [], []
        self.send(first, last, rate, "i1", "w1", "q1", "broker")
        while self.sender.poll() is None:
            ages.append(1000 * query.age())
            behind.append(query.total(3))
            time.sleep(0.2)
        told, sent = self.acknowledged()
        print(f"at {rate} events/s: {told}")
        print(f"  age of answers median {statistics.median(ages):.0f} ms, longest {max(ages):.0f} ms, records behind at the most {max(behind)}")
        self.costs(sent)
        query.followed(LONG)


def compile_streams():
    if (STREAMS / "StreamsPeer.class").exists():
        return
    (STREAMS / "src").mkdir(parents=True, exist_ok=True)
    bench = ROOT / "tests/bench/streams"
    run = lambda *command: subprocess.run([str(part) for part in command], check=True)  # noqa: E731
    run("mvn", "-q", "-B", "-f", bench / "pom.xml", "dependency:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={STREAMS / 'libs'}")
    run("protoc", f"-I{ROOT / 'proto'}", f"--java_out={STREAMS / 'src'}", "kpr/v1/event.proto", "kpr/v1/report.proto", "kpr/v1/log.proto")
    sources = sorted((STREAMS / "src").rglob("*.java"))
    for source in sources:  # of a newer compiler
        source.write_text("".join(line for line in source.read_text().splitlines(keepends=True) if "SuppressWarnings" not in line))
    run("javac", "-nowarn", "-cp", f"{STREAMS / 'libs'}/*", "-d", STREAMS, *sources, bench / "StreamsPeer.java")


def machine():
    memory = next(line for line in open("/proc/meminfo") if "MemTotal" in line)
    model = next(line for line in open("/proc/cpuinfo") if "model name" in line).split(":")[1].strip()
    return f"{os.cpu_count()} cores, {int(memory.split()[1]) // 1048576} GiB, {model}, {platform.release()}"


def measure(bench, warm):
    cluster = bench.cluster
    first = warm.start("i1")  # so that the broker's code is compiled
    subprocess.run([SEND, "100000", "0", "1", "0", first.address.rsplit(":", 1)[1]], check=True, stdout=subprocess.DEVNULL)
    warm.leave("i1")

    cluster.start("i1")
    bench.send(0, 0.5, 0, "i1", "broker")
    told, sent = bench.acknowledged()
    print(f"ingest alone, one broker: {told}")
    bench.costs(sent)

    worker = cluster.start("w1")
    bench.begin("w1", "broker")
    began = time.monotonic()
    wait_until(lambda: bench.running(worker), "the worker has all", LONG)
    took, records = time.monotonic() - began, worker.total(2)
    print(f"one worker from the log's beginning, {cluster.partitions} partitions, all indicators, publishing: {records} records, "
          f"{records / took:.0f} a second")
    bench.costs(records)

    query = cluster.start("q1")
    bench.begin("q1")
    query.followed(LONG)
    print("a query node from the beginning, with timelines:")
    bench.costs(records)
    bench.at_rate(0.5, 0.6, 5000)
    bench.at_rate(0.6, 0.75, 20000)

    before = query.total(1)
    bench.send(0.75, 1, 0, "i1", "w1", "q1", "broker")
    told, sent = bench.acknowledged()
    query.followed(LONG)
    print(f"as fast as can be, all on this machine: {told}")
    print(f"  {(query.total(1) - before) / (time.monotonic() - bench.began):.0f} records/s from the first event to all visible on the "
          "query node (waiting is by whole seconds)")
    bench.costs(sent)
    cluster.leave("i1", "w1", "q1")

    # The same topic from its beginning: one worker with every indicator, then the peer with two counts.
    compile_streams()
    began = time.monotonic()
    worker = cluster.start("w2")
    wait_until(lambda: bench.running(worker), "the worker has all", LONG)
    took, records = time.monotonic() - began, worker.total(2)
    cluster.leave("w2")
    print(f"the whole topic again, one worker, all indicators: {records / took:.0f} records/s over {took:.0f} s")
    every = len(query.run("log", "print", offline=True, timeout=LONG).stdout.splitlines())
    print("the same topic, Kafka Streams, two counts:", flush=True)
    subprocess.run(["java", "-Xmx2g", "-cp", f"{STREAMS}:{STREAMS / 'libs'}/*", "StreamsPeer", cluster.kafka.bootstrap, "kpr",
                    "2024-12-31", str(every), cluster.folder / "streams", "2"], check=True)
    query.start().followed(LONG)
    for indicator in ("nursing_home_residents", "medication_review"):
        print(query.run("indicators", "get", indicator, "--from", "2024", "--csv").stdout.splitlines()[-1])


def main():
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    partitions = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        kafka = Kafka(folder / "kafka")
        binary = ROOT / "build/release/app/kpr"
        cluster = Cluster(binary, folder, kafka, partitions=partitions, backup_seconds=3600)
        warm = Cluster(binary, folder, kafka, "warm", partitions, backup_seconds=3600)
        try:
            measure(Bench(cluster, events), warm)
        finally:
            cluster.close()
            warm.close()
            kafka.close()


if __name__ == "__main__":
    main()
