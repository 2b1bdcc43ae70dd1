"""What many readers at once may cost."""

import json
import re
import threading
import time
import urllib.request

import grpc
import pytest

from authority import Authority
from conftest import SecureServer, free_port, reported_providers, wait_until

POLICY = """
[[principal]]
name = "urn:kpr:sender:all"
roles = ["sender"]
municipalities = ["1103", "5001"]
person_authority = true
providers = PROVIDERS
[[principal]]
name = "urn:kpr:reader:dashboard"
roles = ["national_reader"]
[[principal]]
name = "urn:kpr:reader:other"
roles = ["national_reader"]
[[principal]]
name = "urn:kpr:operator"
roles = ["operator"]
"""


def wait_applied(secure):
    def applied():
        rows = secure.ask("operator", "status", "--csv").splitlines()[1:]
        return rows and all(row.split(",")[3] == "0" for row in rows)

    wait_until(applied, "all events are applied")


@pytest.fixture
def server(kpr_binary, simulated, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    authority = Authority(keys)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {"": keys}
    for name in ("sender:all", "reader:dashboard", "reader:other", "operator"):
        certificates[name] = authority.sign(name.replace(":", "-"), [f"URI:urn:kpr:{name}"])
    providers = sum((json.loads(reported_providers(file)) for file in simulated.glob("*.ndjson")), [])
    secure = SecureServer(kpr_binary, tmp_path, POLICY.replace("PROVIDERS", json.dumps(providers)), certificates,
                          {"operation": {"metrics_listen": f"127.0.0.1:{free_port()}"}})
    secure.push("sender:all", simulated / "1103.ndjson")
    wait_applied(secure)
    yield secure
    secure.server.stop()


class Watcher:
    """Watches on a thread of its own and counts the tables that have come."""

    def __init__(self, stubs, channel, **question):
        request = stubs.indicator_pb2.GetIndicatorValuesRequest(**question)
        self.call = stubs.indicator_pb2_grpc.IndicatorsStub(channel).WatchIndicatorValues(request)
        self.tables, self.error = 0, None
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        try:
            for _ in self.call:
                self.tables += 1
        except grpc.RpcError as error:
            self.error = error

    def stop(self):
        self.call.cancel()
        self.thread.join()


def answers_computed(secure):
    listen = re.search(r'metrics_listen = "(.*)"', secure.server.config.read_text()).group(1)
    text = urllib.request.urlopen(f"http://{listen}/metrics").read().decode()
    return int(float(re.search(r"^kpr_query_seconds_count (\S+)", text, re.MULTILINE).group(1)))


def test_watches_of_one_question_are_computed_once(server, stubs, simulated):
    channel = server.channel("reader:dashboard")
    wait_applied(server)
    before, began = answers_computed(server), time.monotonic()
    watchers = [Watcher(stubs, channel, indicator="nursing_home_residents") for _ in range(50)]
    wait_until(lambda: all(w.tables for w in watchers), "everyone has a table")
    assert answers_computed(server) - before == 1
    server.push("sender:all", simulated / "5001.ndjson")
    wait_until(lambda: all(w.tables > 1 for w in watchers), "everyone sees the change")
    wait_applied(server)
    # Once in a pause of a quarter of a second at most, never once for each watch.
    assert answers_computed(server) - before <= 1 + (time.monotonic() - began) / 0.25
    for watcher in watchers:
        watcher.stop()


def test_one_principal_cannot_take_all_watches(server, stubs):
    channel = server.channel("reader:dashboard")
    watchers = [Watcher(stubs, channel, indicator="nursing_home_residents") for _ in range(64)]
    wait_until(lambda: all(w.tables for w in watchers), "everyone has a table")
    refused = Watcher(stubs, channel, indicator="nursing_home_residents")
    wait_until(lambda: refused.error, "one more is refused")
    assert refused.error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "64 watches" in refused.error.details()
    other = Watcher(stubs, server.channel("reader:other"), indicator="nursing_home_residents")
    wait_until(lambda: other.tables, "another principal is not concerned")
    watchers.pop().stop()

    def admitted():
        again = Watcher(stubs, channel, indicator="nursing_home_residents")
        wait_until(lambda: again.tables or again.error, "an answer")
        again.stop()
        return again.tables

    wait_until(admitted, "a closed watch makes room")
    for watcher in [*watchers, other]:
        watcher.stop()


def test_many_questions_of_one_reader_are_answered_or_told_to_wait(server, stubs):
    """What is more than may wait is refused; nobody else is refused for it."""
    indicators = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel("reader:dashboard"))
    question = stubs.indicator_pb2.ExplainIndicatorValueRequest(
        indicator="nursing_home_residents", period="2023", area="0", page_size=1000)
    calls = [indicators.ExplainIndicatorValue.future(question) for _ in range(200)]
    other = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel("reader:other"))
    assert other.ExplainIndicatorValue(question).subjects > 0
    codes = [call.code() for call in calls]
    assert grpc.StatusCode.OK in codes
    assert set(codes) <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
