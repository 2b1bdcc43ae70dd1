"""A publication from its plan to a release that a reader checks, on the command line: 357 municipalities answer, a person is
corrected, and a second release follows."""

import json
import re
import shutil
import signal
import subprocess

import grpc
import pytest

from conftest import events_of, write_events

PLAN = """
id: "care"
title {{ nb: "Omsorg" en: "Care" }}
structure_year: 2024
named_policy: "statistics_norway"
sign_off {{ required: true deadline: "9999-12-31" silent: UNAPPROVED_EXCLUDE objected: UNAPPROVED_EXCLUDE }}
tables {{ indicator: "nursing_home_residents" periods: "2023" by_sex: true }}
tables {{ indicator: "recipients_by_service_group" periods: "2023" }}
{more}
"""


@pytest.fixture
def filled(new_server, simulated):
    server = new_server()
    server.run("push", *sorted(simulated.iterdir()), "--quiet")
    server.wait_applied()
    return server


def plan_in(folder, more=""):
    path = folder / "care.textproto"
    path.write_text(PLAN.format(more=more))
    return path


def answer_for_all(server, stubs, objecting=()):
    """Every municipality of 2024 answers over gRPC."""
    stub = stubs.publication_pb2_grpc.PublicationsStub(server.channel())
    draft = stub.GetDraft(stubs.publication_pb2.GetDraftRequest(series="care"))
    SignOff = stubs.publication_pb2.SignOff
    for code in draft.not_signed_off:
        objects = code in objecting
        stub.SignOffDraft(stubs.publication_pb2.SignOffDraftRequest(
            series="care", municipality=code, text="the stays of March are missing" if objects else "",
            answer=SignOff.ANSWER_OBJECTED if objects else SignOff.ANSWER_APPROVED))
    return list(draft.not_signed_off)


def approve(server):
    content = re.search("^content ([0-9a-f]{64})$", server.run("release", "review", "care").stdout, re.M).group(1)
    server.run("release", "approve", "care", "--content", content, "--as", "berit")


def check(server, *arguments):
    """`kpr release check`, which asks no server."""
    return subprocess.run([server.binary, "release", "check", *map(str, arguments)], capture_output=True, text=True)


def test_from_a_plan_to_a_release_and_its_revision(filled, stubs, simulated, tmp_path):
    drafted = filled.run("release", "draft", plan_in(tmp_path), "--as", "anna")
    assert "draft of care by anna: ready, 2 of 2 tables" in drafted.stdout
    assert "nursing_home_residents" in filled.run("release", "preview", "care", "--municipality", "1103").stdout
    refused = filled.run("release", "publish", "care", "--as", "anna", check=False)
    assert refused.returncode != 0 and "not approved" in refused.stderr
    assert len(answer_for_all(filled, stubs, objecting=["5001"])) == 357
    assert "5001 objects: the stays of March are missing" in filled.run("release", "review", "care").stdout
    approve(filled)
    filled.run("release", "publish", "care", "--as", "anna")
    filled.run("release", "save", "care", "1", "--out", tmp_path / "one")
    checked = check(filled, tmp_path / "one")
    assert checked.returncode == 0 and "none follows from the others" in checked.stdout, checked.stderr
    residents = (tmp_path / "one/tables/nursing_home_residents.csv").read_text()
    assert re.search(r"nursing_home_residents,1,2023,5001,[^,]*,all,all,,,,residents,not_approved,", residents)

    # An event more, kill -9, and the release is there.
    template = next(e for e in events_of(simulated / "1103.ndjson")
                    if "service_started" in e and e["service_started"]["service_type"] == 21)
    sequence = max(int(e["sequence"]) for e in events_of(simulated / "1103.ndjson")) + 100
    event = json.loads(json.dumps(template))
    event.update(event_id="00000000-0000-4000-8000-000000000001", sequence=str(sequence), occurred_on="2023-05-01")
    event["service_started"]["service_id"] = "one-more"
    filled.push(write_events(tmp_path / "more.ndjson", [event]))
    filled.stop(signal.SIGKILL)
    filled.start()
    filled.wait_applied()
    filled.run("release", "draft", plan_in(tmp_path), "--as", "anna")
    answer_for_all(filled, stubs)
    approve(filled)
    filled.run("release", "publish", "care", "--as", "anna")
    filled.run("release", "save", "care", "2", "--out", tmp_path / "two")
    both = check(filled, tmp_path / "one", tmp_path / "two")
    assert both.returncode == 0 and "follows the release before" in both.stdout, both.stderr
    assert "sign_off" in filled.run("release", "diff", "care", "2").stdout
    assert len(json.loads(filled.run("release", "list", "--json").stdout)["releases"]) == 2


def test_a_plan_with_a_fault_is_refused_at_its_line(filled, tmp_path):
    done = filled.run("release", "draft", plan_in(tmp_path, 'tables { indicator: "nothing" periods: "2023" }'), check=False)
    assert done.returncode != 0 and re.search(r"care\.textproto:9:10: indicator: expected", done.stderr), done.stderr


def test_a_release_that_is_not_what_it_was_is_found(filled, stubs, tmp_path):
    filled.run("release", "draft", plan_in(tmp_path), "--as", "anna")
    answer_for_all(filled, stubs)
    approve(filled)
    filled.run("release", "publish", "care", "--as", "anna")
    filled.run("release", "save", "care", "1", "--out", tmp_path / "one")
    for name in ("release.json", "release.sig", "plan.json", "certificate.json", "revisions.json",
                 "tables/nursing_home_residents.csv", "tables/nursing_home_residents.json"):
        shutil.copytree(tmp_path / "one", tmp_path / "bad", dirs_exist_ok=True)
        path = tmp_path / "bad" / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        done = check(filled, tmp_path / "bad")
        assert done.returncode != 0 and name in done.stderr, (name, done.stderr)


def test_readers_get_what_is_listed_and_no_other_file(filled, stubs, tmp_path):
    filled.run("release", "draft", plan_in(tmp_path), "--as", "anna")
    answer_for_all(filled, stubs)
    approve(filled)
    filled.run("release", "publish", "care", "--as", "anna")
    stub = stubs.publication_pb2_grpc.PublicationsStub(filled.channel())
    for name in ("../private.pb", "private.pb", "../../../log/CURRENT", ""):
        with pytest.raises(grpc.RpcError) as refused:
            list(stub.GetReleaseFile(stubs.publication_pb2.GetReleaseFileRequest(series="care", number=1, name=name)))
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND
