"""What an operator relies on: metrics, health, drain, catalogues that change or are broken, damage that is named."""

import json
import re
import shutil
import signal
import subprocess
import urllib.request

import pytest
from conftest import ROOT, Server, free_port, wait_until

CATALOGUE = ROOT / "indicators/catalogue"


@pytest.fixture
def filled(new_server, simulated):
    """make(config) starts a server and fills it."""

    def make(config=None):
        server = new_server(config)
        server.run("push", *sorted(simulated.iterdir()), "--quiet")
        server.wait_applied()
        return server

    return make


def test_metrics_are_few_and_name_nobody(filled):
    port = free_port()
    server = filled({"operation": {"metrics_listen": f"127.0.0.1:{port}"}})
    server.run("indicators", "get", "occupancy")
    scraped = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    for name in ("kpr_ingest_events_total", "kpr_ingest_durable_seconds_bucket", "kpr_apply_lag_records",
                 "kpr_disk_free_bytes", "kpr_accepting", "kpr_apply_failing_partitions", "kpr_backup_failing_partitions",
                 "kpr_ingest_streams", "kpr_query_seconds_count"):
        assert re.search(f"^{name}", scraped, re.M), name
    series = [line.rsplit(" ", 1)[0] for line in scraped.splitlines() if not line.startswith("#")]
    assert len(series) < 200
    assert not re.search("1103|5001|[0-9a-f]{32}", "\n".join(series))  # in a value it may be any number


def test_health_and_reflection_answer(new_server):
    channel = new_server().channel()
    health = channel.unary_unary("/grpc.health.v1.Health/Check")
    assert health(b"", timeout=10) == b"\x08\x01"  # SERVING
    reflection = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    assert b"kpr.v1.Ingest" in b"".join(reflection(iter([b"\x3a\x01*"]), timeout=10))  # list_services


def test_a_second_server_on_the_data_is_told_so(new_server):
    second = new_server().run("serve", offline=True, check=False)
    assert second.returncode != 0 and "another process holds the log" in second.stderr


def test_a_figure_is_explained_and_revised(filled):
    server = filled()
    explained = json.loads(server.run("indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103",
                                      "--json", "--limit", "100000").stdout)
    assert len(explained["contributions"]) == explained["numerator"] > 0
    revised = server.run("indicators", "revisions", "nursing_home_residents", "--period", "2023", "--area", "1103").stdout
    assert re.search("^2024-.*->", revised, re.M)
    as_of = server.run("indicators", "get", "nursing_home_residents", "--from", "2023", "--as-of", "2024-12-30").stdout
    assert "data up to 2024-" in as_of
    compared = server.run("indicators", "compare", "medication_review", "--period", "2023").stdout
    assert re.search("1103 .*(WITHIN|HIGH|LOW|TOO_FEW)", compared), "no place without limits"


@pytest.mark.parametrize("question, answer", [
    (("indicators", "get", "nothing"), "no indicator 'nothing': 'kpr indicators list' shows them"),
    (("indicators", "get", "occupancy", "--from", "2024-13"), "expected 2024, 2024-T1 or 2024-02"),
    (("indicators", "explain", "occupancy", "--period", "2024", "--area", "Oslo"), "'Oslo': expected"),
    (("indicators", "compare", "occupancy", "--period", "2023"), "only a PROPORTION or RATE"),
    (("feedback", "--sender", "1103", "--cursor", "abc"), "cursor: expected"),
])
def test_a_bad_question_is_told_what_was_expected(shared_server, question, answer):
    asked = shared_server.run(*question, check=False)
    assert asked.returncode in (1, 2) and answer in asked.stderr


@pytest.fixture(scope="module")
def shared_server(kpr_binary, simulated, tmp_path_factory):
    server = Server(kpr_binary, tmp_path_factory.mktemp("shared")).start()
    server.run("push", *sorted(simulated.iterdir()), "--quiet")
    server.wait_applied()
    yield server
    server.stop(signal.SIGKILL)


def test_feedback_ends_at_its_last_cursor(shared_server):
    lines = shared_server.run("feedback", "--sender", "1103").stdout.splitlines()
    cursor = json.loads(lines[-1])["cursor"]
    assert shared_server.run("feedback", "--sender", "1103", "--cursor", cursor).stdout == ""


def test_a_drain_loses_nothing_that_has_a_receipt(new_server, kpr_binary, simulated, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    server = new_server()
    sender = subprocess.Popen(
        [kpr_binary, "push", *sorted(simulated.iterdir()), "--server", server.address, "--batch", "3", "--receipts",
         acknowledged, "--quiet", "--give-up", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: acknowledged.exists() and acknowledged.stat().st_size > 2000, "some receipts have come")
    assert server.stop() == 0
    sender.wait(60)
    receipts = set(acknowledged.read_text().split())
    logged = set(server.run("log", "print", "--ids", offline=True).stdout.split())
    assert receipts and receipts <= logged
    assert not re.search(r"\b[0-9]{11}\b", server.log.read_text()), "an identity number in the operator's log"


def listed(server):
    rows = server.run("indicators", "list", "--csv").stdout.splitlines()[1:]
    return {tuple(row.split(",")[:2]) for row in rows}


def residents(server, *options):
    answer = server.run("indicators", "get", "nursing_home_residents", "--from", "2023", "--json", *options).stdout
    return json.loads(answer)["rows"][-1]["numerator"]


def test_definitions_come_while_the_server_runs_and_a_broken_one_changes_nothing(filled, tmp_path):
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name in ("occupancy", "nursing_home_residents"):
        shutil.copy(CATALOGUE / f"{name}.textproto", folder)
    server = filled({"indicators": {"catalogue": str(folder)}})
    assert ("medication_review", "1") not in listed(server)

    shutil.copy(CATALOGUE / "medication_review.textproto", folder)
    second = (folder / "nursing_home_residents.textproto").read_text().replace("version: 1", "version: 2")
    second = second.replace("types: [ 18, 19, 20, 21 ]", "types: 21")
    (folder / "nursing_home_residents_v2.textproto").write_text(second)
    occupancy = folder / "occupancy.textproto"
    right = occupancy.read_text()
    occupancy.write_text(right.replace("kind: KIND_RATIO", "kind: KIND_RATION"))
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: re.search(r"occupancy.textproto:\d+:\d+: .*RATION", server.log.read_text()), "the mistake is named")
    assert ("medication_review", "1") not in listed(server) and ("occupancy", "1") in listed(server)

    occupancy.write_text(right)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: ("nursing_home_residents", "2") in listed(server), "the second version is computed")
    assert ("medication_review", "1") in listed(server)
    assert residents(server) < residents(server, "--definition", "1")
    assert server.stop() == 0
    assert "equal the naive batch" in server.run("verify", offline=True).stdout


def test_damage_is_named_and_not_served(filled):
    server = filled()
    server.stop()
    server.run("rebuild", offline=True)
    assert server.run("export", offline=True).stdout
    log = max((server.folder / "data/log").glob("*.log"))
    content = bytearray(log.read_bytes())
    content[len(content) // 3] ^= 0xFF
    log.write_bytes(content)
    served = server.run("serve", offline=True, check=False)
    assert served.returncode != 0 and "damaged before its tail" in served.stderr


def test_no_data_is_told_so(kpr_binary, tmp_path):
    verify = subprocess.run([kpr_binary, "verify", "--data", tmp_path / "none"], capture_output=True, text=True)
    assert verify.returncode != 0 and "no log there" in verify.stderr


def test_a_calendar_that_a_wrong_clock_moved_is_set_back(new_server, simulated):
    server = new_server()
    server.push(simulated / "5001.ndjson")
    server.wait_applied()
    question = ("indicators", "get", "nursing_home_residents", "--json")
    assert json.loads(server.run(*question).stdout)["horizon"] > "2024-06"
    server.stop()
    refused = server.run("log", "set-back", "2023-02-30", offline=True, check=False)
    assert refused.returncode == 2 and "day: expected a date" in refused.stderr
    for day, said in (("2030-01-01", "expected an earlier day"), ("2022-10-15", "add --far")):
        refused = server.run("log", "set-back", day, offline=True, check=False)
        assert refused.returncode == 2 and said in refused.stderr
    assert "to 2023-10-15" in server.run("log", "set-back", "2023-10-15", offline=True).stdout
    server.start()
    server.wait_applied()
    live = json.loads(server.run(*question).stdout)
    assert live["horizon"] == "2023-10-15"
    known = json.loads(server.run(*question, "--position", live["position"]).stdout)
    assert (known["horizon"], known["rows"]) == (live["horizon"], live["rows"])
    server.stop()
    assert "equal the naive batch" in server.run("verify", offline=True).stdout
    server.start()
    server.push(simulated / "1103.ndjson")
    server.wait_applied()
    assert json.loads(server.run(*question).stdout)["horizon"] > "2024-06", "it moves on with the data"
    server.stop()
    assert "equal the naive batch" in server.run("verify", offline=True).stdout
