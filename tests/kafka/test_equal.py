"""The same events through one machine and through Kafka with 1, 3 and 12 partitions: every cell and finding the same, and every
answer. Then a log moved from one machine to Kafka and back."""

import subprocess

import pytest

from cluster import Cluster, Kafka, new_key

ASKED = ("medication_review", "nursing_home_residents", "occupancy", "place_waiting_time", "user_experience",
         "users_per_1000_home", "hospital_days_when_ready")
SET_BACK_TO = "2023-12-31"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    kafka = Kafka(tmp_path_factory.mktemp("kafka"))
    yield kafka
    kafka.close()


@pytest.fixture(scope="module")
def events(kpr_binary, tmp_path_factory):
    """Of two municipalities, with lost ones, so that there are gaps and findings."""
    out = tmp_path_factory.mktemp("events")
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2023-01-01", "--to", "2024-06-30",
                    "--scale", "0.2", "--out", out], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def new_cluster(kpr_binary, kafka, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    key, clusters = new_key(folder / "pseudonym.key"), []

    def make(prefix, partitions):
        clusters.append(Cluster(kpr_binary, folder, kafka, prefix, partitions, key=key))
        return clusters[-1]

    yield make
    for cluster in clusters:
        cluster.close()


def answers_of(node):
    """What a dashboard asks, without positions, which are of its log."""
    answers = [node.run("indicators", "list", "--csv").stdout]
    for indicator in ASKED:
        csv = node.run("indicators", "get", indicator, "--from", "2023", "--to", "2024", "--level", "municipality", "--csv").stdout
        rows = [line.split(",") for line in csv.splitlines()]
        answers += [",".join(row[:2] + row[3:]) for row in rows]
    answers.append(node.run("indicators", "explain", "medication_review", "--period", "2023", "--area", "1103", "--limit", "0", "--csv")
                   .stdout.splitlines()[0])
    answers += sorted(node.run("quality", "--sender", "1103", "--csv").stdout.splitlines())
    answers.append(node.run("gaps", "--sender", "1103", "--csv").stdout)
    return answers


class OneMachine:
    """What one machine makes of the events, after a gap is closed, and after a wrong clock's days are taken back."""

    def __init__(self, cluster, events):
        self.cluster, self.node = cluster, cluster.start("machine")
        for path in sorted(events.glob("*.ndjson")):
            self.node.push(path)
        self.node.followed()
        gaps = self.node.run("gaps", "--sender", "1103", "--csv").stdout.splitlines()
        self.gap = "-".join(gaps[1].split(",")[:2])
        self.close_gap(self.node)
        self.answers = answers_of(self.node)
        cluster.stop("machine")
        self.set_back(self.node)
        self.node.start().followed()
        self.answers_set_back = answers_of(self.node)
        cluster.stop("machine")
        self.export = self.node.export()

    def close_gap(self, node):
        node.run("gaps", "--sender", "1103", "--close", self.gap)

    def set_back(self, node):
        node.run("log", "set-back", SET_BACK_TO, offline=True)


@pytest.fixture(scope="module")
def machine(new_cluster, events):
    return OneMachine(new_cluster("one", 4), events)


def test_there_is_something_to_compare(machine):
    assert len(machine.answers) > 60
    assert len(machine.export) > 1000
    assert any(line.startswith("finding") for line in machine.export)
    assert machine.answers != machine.answers_set_back


@pytest.mark.parametrize("partitions", [1, 3, 12])
def test_a_cluster_makes_the_same_of_the_same_events(machine, new_cluster, events, partitions):
    cluster = new_cluster(f"p{partitions}", partitions)
    first, second, _, _, query = cluster.start("i1", "i2", "w1", "w2", "q1")
    first.push(events / "1103.ndjson")
    second.push(events / "5001.ndjson")
    machine.close_gap(second)
    query.followed()
    assert answers_of(query) == machine.answers
    cluster.stop("i1", "i2")
    machine.set_back(first)
    query.followed()
    assert answers_of(query) == machine.answers_set_back
    cluster.stop("w1", "w2", "q1")
    assert query.export() == machine.export


def copy(node, other):
    return subprocess.run([node.binary, "log", "copy", "--from", node.config, "--to", other.config], capture_output=True, text=True)


@pytest.fixture(scope="module")
def moved(machine, new_cluster):
    """The cluster that the machine's log was copied to."""
    cluster = new_cluster("moved", 4)
    copied = copy(machine.node, cluster.node("i1"))
    assert copied.returncode == 0, copied.stderr
    return cluster


def test_a_log_is_moved_to_kafka_and_back(machine, moved, new_cluster):
    back = new_cluster("back", 4).node("machine")
    copied = copy(moved.node("i1"), back)
    assert copied.returncode == 0 and "both logs are the same" in copied.stdout + copied.stderr
    assert back.export() == machine.export
    again = copy(machine.node, moved.node("i1"))
    assert again.returncode != 0 and "not empty" in again.stderr


def refusal(node):
    assert not node.try_start()
    return node.log.read_text()


def test_a_node_that_does_not_fit_its_topics_is_refused(moved, tmp_path):
    assert "has 4 partitions, the configuration asks for 5" in refusal(moved.node("i2", {"data": {"partitions": 5}}))
    other = {"ingest": {"pseudonym_key": str(new_key(tmp_path / "other.key"))}}
    assert "not the key the log was begun with" in refusal(moved.node("i3", other))
    away = {"bootstrap": "127.0.0.1:1", "client": {"socket.connection.setup.timeout.ms": "1000"}}
    assert "no Kafka broker answers" in refusal(moved.node("i4", {"kafka": away}))


def test_topics_that_were_changed_are_refused(moved, new_cluster, kafka):
    kafka.tool("kafka.admin.ConfigCommand", "--alter", "--topic", "moved.events", "--add-config", "retention.ms=1000")
    assert "retention.ms = 1000" in refusal(moved.node("i5"))
    grown = new_cluster("grown", 3)
    grown.start("i1")
    grown.stop("i1")
    kafka.tool("org.apache.kafka.tools.TopicCommand", "--alter", "--topic", "grown.events", "--partitions", "6")
    said = refusal(grown.node("i2", {"data": {"partitions": 6}}))
    assert "grown.cells has 3 partitions" in said or "begun with 3 partitions" in said
