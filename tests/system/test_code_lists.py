"""Code lists of one's own: taken into use while the server runs, whole or not at all, and told by every answer."""

import datetime
import json
import signal
import subprocess
import uuid

import pytest

from conftest import Server, wait_until

YEAR = datetime.date.today().year


@pytest.fixture
def folder(kpr_binary, tmp_path):
    subprocess.run([kpr_binary, "code-lists", "write", tmp_path / "lists"], check=True, capture_output=True)
    return tmp_path / "lists"


@pytest.fixture
def server(kpr_binary, tmp_path, folder):
    server = Server(kpr_binary, tmp_path, {"registry": {"code_lists": str(folder)}}).start()
    yield server
    if server.process:
        server.stop(signal.SIGKILL)


def add_merger(folder):
    """Sola and Randaberg become 1199 this year."""
    path = folder / "municipalities.csv"
    text = path.read_text()
    for row in ("1124,Sola,2011-01-01,", "1127,Randaberg,2011-01-01,"):
        assert f"\n{row}\n" in text
        text = text.replace(f"\n{row}\n", f"\n{row}{YEAR}-01-01\n")
    path.write_text(f"{text}1199,Nordre Jæren,{YEAR}-01-01,\n")
    with open(folder / "code_changes.csv", "a") as changes:
        changes.write(f"{YEAR}-01-01,1124,Sola,1199,Nordre Jæren\n{YEAR}-01-01,1127,Randaberg,1199,Nordre Jæren\n")
    with open(folder / "service_types.csv", "a") as types:
        types.write(f"30,{YEAR}-01-01,,yes,Dagsenter, for demens\n")


def events(folder):
    """Somebody is asked in Sola the year before, and somebody in the new municipality."""
    rows, before = [], "00000000-0000-0000-0000-000000000000"
    for sequence, (municipality, on, token) in enumerate(
            (("1124", f"{YEAR - 1}-03-01", "r-1"), ("1199", f"{YEAR}-01-01", "r-2")), 1):
        rows.append({"event_id": str(uuid.uuid4()), "status": "EVENT_STATUS_ORIGINAL", "sequence": sequence, "previous_event_id": before,
                     "municipality": municipality, "subject": {"respondent": token}, "occurred_on": on,
                     "registered_at": f"{on}T12:00:00Z", "sent_at": f"{on}T12:00:00Z",
                     "survey_invitation": {"instrument": "care-experience-10", "respondent": "RESPONDENT_USER"}})
        before = rows[-1]["event_id"]
    path = folder / "sender.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def version(server):
    return json.loads(server.run("status", "--json").stdout)["code_lists"]


def reload(server):
    """What the log says of it."""
    before = server.log.read_text()
    server.process.send_signal(signal.SIGHUP)
    said = lambda: [line for line in server.log.read_text()[len(before):].splitlines() if "policy " in line] and server.log.read_text()[len(before):]
    return wait_until(said, "SIGHUP is answered")


def test_lists_are_replaced_while_the_server_runs(server, folder, tmp_path, kpr_binary):
    first = version(server)
    old = {name: (folder / name).read_text() for name in ("municipalities.csv", "code_changes.csv")}
    path = events(tmp_path)
    refused = server.push(path, check=False)
    assert refused.returncode != 0 and "1 refused" in refused.stdout + refused.stderr, refused.stdout + refused.stderr
    assert "UNKNOWN_CODE" in refused.stdout + refused.stderr

    original = (folder / "counties.csv").read_text()
    add_merger(folder)
    (folder / "counties.csv").write_text(original + "3,Oslo\n")
    assert "counties.csv:35: '3' is not a county's two digits" in reload(server)
    assert version(server) == first, "not a part of it"
    (folder / "counties.csv").write_text(original)

    checked = subprocess.run([kpr_binary, "code-lists", "check", folder], check=True, capture_output=True, text=True).stdout
    for difference in (f"municipality: 1124 Sola: always, ends {YEAR}-01-01; was: always", f"municipality: 1199 Nordre Jæren is new, from {YEAR}-01-01",
                       f"service type: 30 Dagsenter, for demens is new, from {YEAR}-01-01", f"those built in: {first}"):
        assert difference in checked
    assert "code lists reloaded" in reload(server)
    second = version(server)
    assert second != first
    server.push(path)
    table = lambda: json.loads(server.run("indicators", "get", "user_experience", "--level", "municipality", "--from", str(YEAR - 1), "--to", str(YEAR),
                                          "--json").stdout)
    row = wait_until(lambda: [row for row in table().get("rows", []) if row["area"]["code"] == "1199"], "1199 is in the answer")[0]
    assert row["area"]["name"]["nb"] == "Nordre Jæren"
    assert table()["code_lists"] == second

    new = {name: (folder / name).read_text() for name in old}
    for name, text in old.items():
        (folder / name).write_text(text)
    assert "municipalities.csv: code 1199 is not there any more" in reload(server)
    assert version(server) == second

    assert server.stop() == 0
    assert not server.try_start(), "nor at a start: cells are computed by it"
    assert "the code lists have no municipality 1199 any more" in server.log.read_text()
    for name, text in new.items():
        (folder / name).write_text(text)
    server.start()
    assert server.stop() == 0
    server.run("verify", offline=True)


def test_a_watch_tells_of_new_lists(server, folder, tmp_path, stubs):
    server.push(events(tmp_path), check=False)
    request = stubs.indicator_pb2.GetIndicatorValuesRequest(indicator="user_experience", from_period=str(YEAR - 1), level="LEVEL_MUNICIPALITY")
    watch = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel()).WatchIndicatorValues(request, timeout=120)
    first = next(watch)
    names = folder / "municipalities.csv"
    names.write_text(names.read_text().replace("\n1124,Sola,", "\n1124,Nye Sola,"))
    assert "code lists reloaded" in reload(server)
    second = next(watch)  # nothing has been sent in between
    assert second.code_lists != first.code_lists
    assert [row.area.name.nb for row in second.rows if row.area.code == "1124"] == ["Nye Sola"]
    watch.cancel()


def test_lists_on_trial_do_not_reach_a_registers_cells(kpr_binary, tmp_path, folder):
    server = Server(kpr_binary, tmp_path).start()
    server.push(events(tmp_path), check=False)
    assert server.stop() == 0
    add_merger(folder)
    for command in ("verify", "rebuild"):
        tried = server.run("--code-lists", folder, command, check=False, offline=True)
        assert tried.returncode == 2 and "set registry.code_lists" in tried.stderr
    server.run("verify", offline=True)
