"""Workers come and go while events stream: partitions move, freshness recovers, figures stay right. Prints how long taking over
takes, and opening from a backup and from the log."""

import shutil
import subprocess
import threading
import time

import pytest

from cluster import Cluster, Kafka
from conftest import wait_until

PARTITIONS = 6
EACH = [str(partition) for partition in range(PARTITIONS)]
FRESH_SECONDS = 2.5
LONG = 600  # ends only what hangs


@pytest.fixture
def cluster(kpr_binary, tmp_path):
    kafka = Kafka(tmp_path / "kafka")
    cluster = Cluster(kpr_binary, tmp_path, kafka, partitions=PARTITIONS, backup_seconds=5)
    yield cluster
    cluster.close()
    kafka.close()


class Pusher:
    """Pushes all files again and again until `end`: what is sent twice is load too."""

    def __init__(self, node, files):
        self.node, self.files, self.enough = node, files, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.enough.is_set():
            self.node.run("push", *self.files, "--batch", "50", "--quiet", "--give-up", "60", check=False, timeout=900)

    def end(self):
        self.enough.set()
        self.thread.join()


def held_by(node):
    """The partitions that a worker has running or replaying."""
    return [row[0] for row in node.rows() if row[5].lstrip("*") in ("running", "replaying")]


def seconds_until(condition, what):
    began = time.monotonic()
    wait_until(condition, what, LONG)
    return time.monotonic() - began


def join(cluster, name, share, query):
    """A worker comes: how long until it has its share, and until figures are fresh again."""
    worker = cluster.start(name)
    shared = seconds_until(lambda: len(held_by(worker)) >= share, f"{name} has {share} partitions")
    fresh = seconds_until(lambda: query.age() < FRESH_SECONDS, "figures are fresh")
    print(f"{name}: {shared:.1f} s until it has {share} of {PARTITIONS} partitions, fresh again {fresh:.1f} s later")
    return worker


def reopen(cluster, query):
    """One worker with nothing of its own: how many records its stores had when they were opened, and how long until all run."""
    shutil.rmtree(cluster.folder / "kpr-w9" / "data", ignore_errors=True)
    worker = cluster.start("w9")
    began = time.monotonic()
    wait_until(lambda: sum(row[5].lstrip("*") == "running" for row in worker.rows()) == PARTITIONS, "all partitions run", LONG)
    took, opened_at = time.monotonic() - began, worker.total(6)
    query.followed()
    cluster.leave("w9")
    return opened_at, took


def test_workers_come_and_go_while_events_stream(cluster, kpr_binary, tmp_path):
    events = tmp_path / "events"
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2022-01-01", "--to", "2024-12-31", "--scale",
                    "2", "--out", events], check=True, capture_output=True)
    ingest, first, query = cluster.start("i1", "w1", "q1")
    pusher = Pusher(ingest, sorted(events.glob("*.ndjson")))
    try:
        wait_until(lambda: len(held_by(first)) == PARTITIONS, "the first worker has all", LONG)
        second = join(cluster, "w2", 3, query)
        third = join(cluster, "w3", 2, query)
        wait_until(lambda: sorted(held_by(first) + held_by(second) + held_by(third)) == EACH, "the partitions are all held once", LONG)
        backups = cluster.folder / "kpr-backups"
        wait_until(lambda: backups.exists() and len(list(backups.iterdir())) >= PARTITIONS, "backups are made", LONG)
        first.kill()
        killed = time.monotonic()
        wait_until(lambda: query.age() > FRESH_SECONDS, "figures are old without it", LONG)
        wait_until(lambda: sorted(held_by(second) + held_by(third)) == EACH and query.age() < FRESH_SECONDS,
                   "the others have the dead worker's partitions", LONG)
        print(f"after kill -9 of a worker: {time.monotonic() - killed:.1f} s until all partitions are served and figures are fresh")
    finally:
        pusher.end()
    query.followed()
    cluster.leave("w2", "w3")

    opened_at, took = reopen(cluster, query)
    assert opened_at > 0, "no backup was restored"
    print(f"{PARTITIONS} partitions of {query.total(1)} records from backups that had {opened_at} of them: {took:.1f} s")
    backups.rename(tmp_path / "put-aside")
    opened_at, took = reopen(cluster, query)
    assert opened_at == 0, "the stores were made from the log"
    print(f"the same from the log alone: {took:.1f} s")
    cluster.stop("q1", "i1")
    print(query.run("verify", offline=True).stdout.splitlines()[-1])
