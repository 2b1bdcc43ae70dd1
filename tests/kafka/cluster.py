"""A real Kafka, and kpr nodes on it, each a process of its own."""

import datetime
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import time

import pytest

from conftest import ROOT, Server, wait_until

TOOL = ROOT / "deploy/kafka/kafka.sh"


class Kafka:
    """Brokers, each of them a controller too. `environment`: of deploy/kafka/kafka.sh; `properties`: lines for every broker.

    Their ports are below those that the system hands out to clients."""

    def __init__(self, folder, brokers=1, environment=None, properties=()):
        self.folder = folder
        self.environment = {**os.environ, "KPR_KAFKA_SHORT_LIVED": "1", **(environment or {})}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "extra.properties").write_text("".join(line + "\n" for line in properties))
        try:
            self("create", brokers, 20000 + random.randrange(9000))
            self("start")
        except BaseException:
            self.close()
            raise
        self.bootstrap = self("bootstrap").strip()

    def run(self, command, *arguments):
        """The command's exit code and output, which is a file, as brokers outlive the command."""
        output = self.folder / f"{command}.out"
        with open(output, "w") as out, open(self.folder / "errors", "w") as errors:
            done = subprocess.run([TOOL, command, self.folder, *map(str, arguments)], stdout=out, stderr=errors, env=self.environment,
                                  timeout=600)
        return done.returncode, output.read_text()

    def __call__(self, command, *arguments):
        """What the command prints, which must succeed."""
        code, output = self.run(command, *arguments)
        if code != 0:
            pytest.fail(f"kafka.sh {command}: {output}{(self.folder / 'errors').read_text()}")
        return output

    def tool(self, name, *arguments):
        """One of Kafka's own, e.g. org.apache.kafka.tools.TopicCommand."""
        return self("tool", name, *arguments)

    def pid(self, broker):
        return int((self.folder / f"node-{broker}/pid").read_text())

    def close(self):
        self.run("kill")
        shutil.rmtree(self.folder, ignore_errors=True)


class Node(Server):
    """Named after its role: i1 takes events in, w1 is a registry worker, q1 answers; others are a machine without Kafka."""

    ROLES = {"i": "ingest", "w": "registry", "q": "query"}

    def __init__(self, cluster, name, config=None):
        self.name, self.role = name, self.ROLES.get(name[0], "all")
        folder = cluster.folder / f"{cluster.prefix}-{name}"
        folder.mkdir(exist_ok=True)
        sections = {
            "data": {"partitions": cluster.partitions},
            "server": {"role": self.role, "listen": cluster.listen, "drain_seconds": 5},
            "ingest": {"pseudonym_key": str(cluster.key)}}
        if self.role != "all":
            sections["kafka"] = {"bootstrap": cluster.kafka.bootstrap, "prefix": cluster.prefix, "replication": cluster.replication,
                                 "min_insync_replicas": 1 if cluster.replication < 3 else 2}
            sections["registry"] = {"backups": str(cluster.folder / f"{cluster.prefix}-backups"),
                                    "backup_seconds": cluster.backup_seconds}
        for section, values in (config or {}).items():
            sections.setdefault(section, {}).update(values)
        super().__init__(cluster.binary, folder, sections, prefix=cluster.host_of(name))
        self.callers = cluster.host_of(name)

    def rows(self):
        """Of `kpr status`, a partition each, as numbers and words; none while it does not answer."""
        done = self.run("status", "--csv", check=False)
        return [line.split(",") for line in done.stdout.splitlines()[1:]]

    def total(self, column):
        return sum(int(row[column] or 0) for row in self.rows())

    def age(self):
        """Seconds since the worker furthest behind had what a query node answers."""
        fresh_at = json.loads(self.run("status", "--json").stdout).get("fresh_at")
        then = datetime.datetime.fromisoformat(fresh_at) if fresh_at else datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
        return (datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()

    def followed(self, seconds=300):
        """Waits until it has applied all of the log: twice, as what workers hand on to each other makes the log longer."""
        def all_applied():
            before = self.rows()
            time.sleep(1)
            now = self.rows()
            ends = [row[1] for row in now]
            return now and ends == [row[1] for row in before] and any(end != "0" for end in ends) and all(
                row[3] == "0" for row in before + now)

        wait_until(all_applied, f"{self.name} has applied all; its log is {self.log}", seconds)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.stop(signal.SIGKILL)

    def export(self):
        """Every cell and finding, offline."""
        return sorted(self.run("export", offline=True).stdout.splitlines())


class Cluster:
    """Nodes that share topics. `host_of` gives the command that runs something where a node is."""

    def __init__(self, binary, folder, kafka=None, prefix="kpr", partitions=3, replication=1, backup_seconds=15, listen="127.0.0.1:0",
                 key=None, host_of=lambda name: ()):
        self.binary, self.folder, self.kafka, self.prefix = binary, folder, kafka, prefix
        self.partitions, self.replication, self.backup_seconds = partitions, replication, backup_seconds
        self.listen, self.host_of, self.nodes = listen, host_of, {}
        self.key = key or new_key(folder / f"{prefix}.key")

    def node(self, name, config=None):
        """The node, not started."""
        if name not in self.nodes:
            self.nodes[name] = Node(self, name, config)
        return self.nodes[name]

    def start(self, *names):
        started = [self.node(name).start() for name in names]
        return started[0] if len(names) == 1 else started

    def leave(self, *names):
        """Each ends by itself, and hands on what it has."""
        for name in names:
            node = self.nodes[name]
            node.resume()
            code = node.stop()
            assert code == 0, f"{name} ends with {code}: {node.log.read_text()[-2000:]}"

    def stop(self, *names):
        """At their end. Workers go all at once, by kill -9: one that sees another leave takes its partitions, applies what its
        older store lacks and forwards facts again, which no query node would follow any more."""
        workers = [self.nodes[name] for name in names if self.nodes[name].role == "registry"]
        for worker in workers:
            assert worker.process.poll() is None, f"{worker.name} has ended by itself: {worker.log.read_text()[-2000:]}"
            worker.process.kill()
        for worker in workers:
            worker.kill()
        self.leave(*(name for name in names if self.nodes[name] not in workers))

    def close(self):
        for node in self.nodes.values():
            if node.process is not None:
                node.kill()


def new_key(path):
    """A file with a pseudonym key."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32) + "\n")
    return path
