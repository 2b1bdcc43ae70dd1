"""Three brokers, two ingest nodes, three workers, two query nodes and senders that never stop, while one thing after the other is
killed, paused, cut off or filled up. At the end nothing acknowledged is lost, nothing is counted twice, nothing is out of order,
every answer given meanwhile was what the log up to its position gives, and the register is the one that a single machine makes of
the same events.

KPR_FAULT_SECONDS (120) is how long; KPR_SEED replays an order of faults. Needs root: every broker and node has a host of its own.
"""

import ctypes
import json
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

import pytest

from cluster import Cluster, Kafka
from conftest import wait_until
from history import judge_answers, judge_log, offsets_of

SECONDS = int(os.environ.get("KPR_FAULT_SECONDS", "120"))
SCALE = os.environ.get("KPR_FAULT_SCALE", "0.5")
SEED = int(os.environ.get("KPR_SEED", random.randrange(1 << 15)))
BROKERS, INGEST, WORKERS, QUERY = (0, 1, 2), ("i1", "i2"), ("w1", "w2", "w3"), ("q1", "q2")
NODES = INGEST + WORKERS + QUERY
SMALL_DISK = BROKERS[-1]
ASKED = "nursing_home_residents"
NEW_NETWORK_AND_MOUNTS = 0x40000000 | 0x00020000  # CLONE_NEWNET, CLONE_NEWNS


def sh(command):
    subprocess.run(command, shell=True, check=True)


class Hosts:
    """Every broker and node has a host of its own, on one wire; a node's callers are on its host. The process is cut off from the
    machine's network and mounts for the rest of its life."""

    ADDRESSES = {**{f"k{i}": f"10.77.0.1{i}" for i in BROKERS}, **{f"w{i}": f"10.77.0.2{i}" for i in (1, 2, 3)},
                 **{f"i{i}": f"10.77.0.3{i}" for i in (1, 2)}, **{f"q{i}": f"10.77.0.4{i}" for i in (1, 2)}}

    def __init__(self):
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK_AND_MOUNTS) != 0:
            pytest.fail(f"needs root: {os.strerror(ctypes.get_errno())}")
        sh("mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up")
        sh("ip link add wire type bridge && ip addr add 10.77.0.1/24 dev wire && ip link set wire up")
        for name, address in self.ADDRESSES.items():
            sh(f"ip netns add {name} && ip link add to-{name} type veth peer name eth0 netns {name} && ip link set to-{name} master wire up"
               f" && ip -n {name} addr add {address}/24 dev eth0 && ip -n {name} link set eth0 up && ip -n {name} link set lo up")

    def of(self, name):
        return ("ip", "netns", "exec", name) if name in self.ADDRESSES else ()

    @staticmethod
    def cut_off(name, seconds):
        sh(f"ip link set to-{name} down")
        time.sleep(seconds)
        sh(f"ip link set to-{name} up")


class Sender(threading.Thread):
    """Sends each event of a file once, a slice at a time over all of the run, and again only while a slice has not been
    acknowledged whole: what has a receipt and is lost does not come back. Receipts are written down."""

    def __init__(self, path, node, given_up):
        super().__init__()
        self.path, self.node, self.given_up, self.name = path, node, given_up, path.stem
        self.receipts = path.with_suffix(".receipts")
        lines = path.read_text().splitlines(keepends=True)
        slices = SECONDS // 3 + 1
        self.slices = ["".join(lines[len(lines) * k // slices:len(lines) * (k + 1) // slices]) for k in range(slices)]
        self.began = time.monotonic()

    def run(self):
        part = self.path.with_suffix(".part")
        for k, lines in enumerate(self.slices):
            part.write_text(lines)
            while time.monotonic() < self.began + SECONDS * k / len(self.slices):
                time.sleep(0.1)
            while lines and self.node.run("push", part, "--sender", self.name, "--batch", "10", "--receipts", self.receipts, "--give-up",
                                          "300", "--quiet", check=False, timeout=900).returncode != 0:
                if self.given_up.is_set():
                    return
                time.sleep(0.5)


class Dashboard(threading.Thread):
    """Asks all the time, and keeps what it was told."""

    def __init__(self, node, enough):
        super().__init__()
        self.node, self.enough, self.answers = node, enough, []  # answers as they were printed

    def run(self):
        while not self.enough.is_set():
            try:
                done = ask(self.node, "--json", check=False, timeout=5)
                if done.returncode == 0:
                    self.answers.append(done.stdout)
            except subprocess.TimeoutExpired:
                pass
            time.sleep(0.3)

    def given(self):
        assert len(self.answers) > 10, f"{self.node.name} hardly answered"
        return [(self.node.name, json.loads(answer)) for answer in self.answers]


def ask(node, *options, **how):
    return node.run("indicators", "get", ASKED, *options, **how)


def answers_at_last(node):
    wait_until(lambda: ask(node, check=False).returncode == 0, f"{node.name} answers", 120)


class Faults:
    """What can happen, a method each; `all` is every one of them."""

    def __init__(self, cluster, kafka, hosts, moments):
        self.cluster, self.kafka, self.hosts, self.moments = cluster, kafka, hosts, moments
        self.all = [getattr(self, name) for name in sorted(vars(Faults)) if not name.startswith("_")]

    def _node(self, names):
        return self.cluster.nodes[self.moments.choice(names)]

    def _broker(self):
        return self.moments.choice(BROKERS)

    def _in_sync(self):
        """Every partition has all its replicas."""
        def none_behind():
            code, behind = self.kafka.run("tool", "org.apache.kafka.tools.TopicCommand", "--describe", "--under-replicated-partitions")
            return code == 0 and not behind.strip()

        wait_until(none_behind, "replicas are in sync again", 120)

    def _start_broker(self, broker):
        self.kafka("start", broker)
        self._in_sync()

    @staticmethod
    def _pause(node, seconds):
        node.pause()
        time.sleep(seconds)
        node.resume()

    def kill_ingest(self):
        node = self._node(INGEST)
        node.kill()
        node.start()

    def kill_worker(self):
        node = self._node(WORKERS)
        node.kill()
        time.sleep(self.moments.randrange(10))
        node.start()

    def kill_query(self):
        node = self._node(QUERY)
        node.kill()
        node.start()

    def kill_broker(self):
        broker = self._broker()
        self.kafka("kill", broker)
        time.sleep(3)
        self._start_broker(broker)

    def pause_ingest(self):
        self._pause(self._node(INGEST), 5)

    def pause_worker(self):  # longer than the group waits: its partitions go to others
        self._pause(self._node(WORKERS), 12)

    def pause_query(self):
        self._pause(self._node(QUERY), 5)

    def pause_broker(self):
        pid = self.kafka.pid(self._broker())
        os.kill(pid, signal.SIGSTOP)
        time.sleep(10)
        os.kill(pid, signal.SIGCONT)
        self._in_sync()

    def move_leaders(self):  # away from a broker that is stopped, and back to it
        broker = self._broker()
        self.kafka("stop", broker)
        self._start_broker(broker)
        assert "Successfully" in self.kafka.tool("org.apache.kafka.tools.LeaderElectionCommand", "--election-type", "preferred",
                                                 "--all-topic-partitions")

    def cut_broker(self):
        self.hosts.cut_off(f"k{self._broker()}", 10)
        self._in_sync()

    def cut_worker(self):
        self.hosts.cut_off(self._node(WORKERS).name, 12)

    def cut_ingest(self):
        self.hosts.cut_off(self._node(INGEST).name, 10)

    def cut_query(self):
        self.hosts.cut_off(self._node(QUERY).name, 10)

    def workers_down(self):
        for name in QUERY:
            answers_at_last(self.cluster.nodes[name])
        for name in WORKERS:
            self.cluster.nodes[name].kill()
        for name in QUERY:
            ask(self.cluster.nodes[name])
        self.cluster.start(*WORKERS)

    def rolling_restart(self):
        for name in NODES:
            node = self.cluster.nodes[name]
            assert node.stop() == 0, f"{name}: {node.log.read_text()[-2000:]}"
            node.start()
        for broker in BROKERS:
            self.kafka("stop", broker)
            self._start_broker(broker)

    def disk_full(self):
        filler = self.kafka.folder / f"node-{SMALL_DISK}" / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1M"], stderr=subprocess.DEVNULL)
        wait_until(lambda: not pathlib.Path(f"/proc/{self.kafka.pid(SMALL_DISK)}").exists(), "the broker halts when it can write no more", 60)
        filler.unlink()
        self._start_broker(SMALL_DISK)


def expected_of(binary, folder, key, events):
    """The export of a single machine."""
    cluster = Cluster(binary, folder, prefix="one", key=key)
    try:
        machine = cluster.start("machine")
        for path in events:
            machine.push(path)
        machine.followed()
        cluster.stop("machine")
    finally:
        cluster.close()
    return machine.export()


@pytest.fixture
def hosts():
    return Hosts()


@pytest.fixture
def kafka(hosts, tmp_path):
    folder = tmp_path / "kafka"
    small = folder / f"node-{SMALL_DISK}"
    small.mkdir(parents=True)
    sh(f"mount -t tmpfs -o size={700 + SECONDS}m none {small}")
    on_host = tmp_path / "on_broker"
    on_host.write_text('#!/bin/sh\nhost=k$1; shift; exec ip netns exec $host "$@"\n')
    on_host.chmod(0o700)
    kafka = Kafka(folder, len(BROKERS), {
        "KPR_KAFKA_HOSTS": " ".join(hosts.ADDRESSES[f"k{broker}"] for broker in BROKERS), "KPR_KAFKA_EXEC": str(on_host),
        "KPR_KAFKA_HEAP": "384m"}, ["log.segment.bytes=33554432", "auto.leader.rebalance.enable=false"])
    yield kafka
    kafka("kill")
    sh(f"umount -l {small}")
    kafka.close()


def test_no_fault_loses_doubles_or_reorders_anything(hosts, kafka, kpr_binary, tmp_path):
    print(f"KPR_SEED={SEED}")
    out = tmp_path / "events"
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,1108,4601,5001", "--from", "2023-01-01", "--to", "2024-06-30",
                    "--scale", SCALE, "--out", out], check=True, capture_output=True)
    events = sorted(out.glob("*.ndjson"))
    cluster = Cluster(kpr_binary, tmp_path, kafka, partitions=6, replication=3, backup_seconds=20, listen="127.0.0.1:7443",
                      host_of=hosts.of)
    expected = expected_of(kpr_binary, tmp_path, cluster.key, events)
    try:
        cluster.start(*NODES)
        faults = Faults(cluster, kafka, hosts, random.Random(SEED))
        given_up, enough = threading.Event(), threading.Event()
        senders = [Sender(path, cluster.nodes[INGEST[n % 2]], given_up) for n, path in enumerate(events)]
        dashboards = [Dashboard(cluster.nodes[name], enough) for name in QUERY]
        for thread in senders + dashboards:
            thread.start()
        done = 0
        try:
            for name in QUERY:
                answers_at_last(cluster.nodes[name])
            done = make_faults(faults)
        except BaseException:
            given_up.set()
            raise
        finally:
            for sender in senders:
                sender.join()
            enough.set()
            for dashboard in dashboards:
                dashboard.join()
        for name in QUERY:
            cluster.nodes[name].followed()
        query = cluster.nodes["q1"]
        last = json.loads(ask(query, "--json").stdout)
        answers = judge_answers([given for dashboard in dashboards for given in dashboard.given()], 60,
                                lambda position: json.loads(ask(query, "--json", "--position", position).stdout))
        assert answers["asked"] > 0 and not answers["wrong"] and not answers["back"], answers
        cluster.stop(*NODES)
    finally:
        cluster.close()
    acknowledged = {event for sender in senders for event in sender.receipts.read_text().split()}
    log = query.run("log", "print", "--brief", offline=True).stdout.splitlines()
    sent = [json.loads(line)["event_id"] for path in events for line in path.read_text().splitlines()]
    history = judge_log(sent, acknowledged, log, offsets_of(last["position"]))
    assert not any(history.values()), history
    for name in QUERY:
        assert cluster.nodes[name].export() == expected, f"the export of {name} is not that of the run without faults"
    verified = query.run("verify", offline=True).stdout.splitlines()[-1]
    print(f"{done} faults: {len(acknowledged)} events acknowledged, {len(log)} records; {history}; {answers}; {verified}")


def make_faults(faults):
    """One after the other until the time is over: how many."""
    began, done = time.monotonic(), 0
    while True:
        for fault in faults.moments.sample(faults.all, len(faults.all)):
            if time.monotonic() - began > SECONDS:
                return done
            print(f"{time.monotonic() - began:.0f} s: {fault.__name__}", flush=True)
            fault()
            done += 1
            time.sleep(3)
