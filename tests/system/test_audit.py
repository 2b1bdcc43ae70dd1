"""The audit log: each read of data on persons, each refusal and each step of a publication is recorded; what is not recorded is not
given; and nobody changes it unseen."""

import hashlib
import json
import re
import shutil
import signal
import subprocess

import pytest

from authority import Authority
from conftest import SecureServer, reported_providers, wait_until
from failing_sync import failing_sync

ROLES = {"sender": 'roles = ["sender"]\nmunicipalities = ["1103", "5001"]\nperson_authority = true\nproviders = {providers}',
         "reader": 'roles = ["national_reader"]', "municipality": 'roles = ["municipal_reader"]\nmunicipalities = ["1103"]',
         "anna": 'roles = ["publisher"]', "berit": 'roles = ["approver"]', "auditor": 'roles = ["auditor"]', "operator": 'roles = ["operator"]'}
PLAN = """
id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "public_health_institute"
sign_off { required: true deadline: "9999-12-31" silent: UNAPPROVED_PUBLISH objected: UNAPPROVED_EXCLUDE }
tables { indicator: "nursing_home_residents" periods: "2023" }
"""


@pytest.fixture(scope="module")
def secure(kpr_binary, simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {"": folder, **{name: authority.sign(name, [f"URI:urn:kpr:{name}"]) for name in [*ROLES, "stranger"]}}
    providers = reported_providers(simulated / "1103.ndjson")
    policy = "".join(f'[[principal]]\nname = "urn:kpr:{name}"\n{text.replace("{providers}", providers)}\n' for name, text in ROLES.items())
    made = SecureServer(kpr_binary, folder, policy, certificates, {"audit": {"origin": "kpr.example/audit"}})
    made.folder = folder
    made.push("sender", simulated / "1103.ndjson")
    wait_until(lambda: made.ask("operator", "status", "--csv").count(",0,") >= 3, "all events are applied")
    yield made
    if made.server.process is not None:
        made.server.stop()


def records(secure, *options):
    return [json.loads(line) for line in secure.ask("auditor", "audit", "list", "--json", *options).splitlines()]


def wait_published(secure, count):
    """That so many records are in a checkpoint."""
    checkpoint = secure.folder / "data.audit/public/checkpoint"
    wait_until(lambda: int(checkpoint.read_text().splitlines()[1]) >= count, f"{count} records are signed for")


def last(secure, kind):
    wait_until(lambda: records(secure, "--kind", kind), f"there is a record of {kind}")
    return records(secure, "--kind", kind)[-1]["record"]


def test_each_read_of_persons_has_its_record(secure):
    explain = ("indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103")
    given = [json.loads(secure.ask("reader", *explain, "--json", "--limit", str(limit), "--purpose", f"check {limit}")) for limit in (1, 5, 1000)]
    secure.ask("municipality", "indicators", "revisions", "nursing_home_residents", "--period", "2023", "--area", "1103", "--purpose", "why")
    wait_until(lambda: len(records(secure, "--kind", "persons_read")) == 4, "the four reads are in a checkpoint")
    found = [one["record"] for one in records(secure, "--kind", "persons_read")]
    for answer, limit, record in zip(given, (1, 5, 1000), found):
        assert record["persons"] == [one["subject"] for one in answer["contributions"]]
        assert (record["principal"], record["purpose"], record["rule"]) == ("urn:kpr:reader", f"check {limit}", "role national_reader")
        assert record["subject"] == "nursing_home_residents 2023 1103" and record["at"]
    assert (found[3]["principal"], found[3]["purpose"]) == ("urn:kpr:municipality", "why")


def test_a_purpose_cannot_spoil_the_log(secure):
    explain = ("indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103", "--purpose")
    assert "at most 500 bytes" in secure.ask("reader", *explain, "x" * 499 + "å")
    before = len(records(secure, "--kind", "persons_read"))
    secure.ask("reader", *explain, "x" * 498 + "å")
    wait_until(lambda: len(records(secure, "--kind", "persons_read")) > before, "the read is in a checkpoint")
    assert records(secure, "--kind", "persons_read")[-1]["record"]["purpose"] == "x" * 498 + "å"


def test_refusals_are_recorded(secure):
    for _ in range(3):
        secure.ask("municipality", "indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103")
    secure.ask("stranger", "status")
    wait_until(lambda: len(records(secure, "--kind", "call_denied")) >= 2, "the refusals are in a checkpoint")
    found = {one["record"]["principal"]: one["record"] for one in records(secure, "--kind", "call_denied")}
    assert found["urn:kpr:municipality"]["rule"] == "the method is open to national_reader"
    assert "not in the policy" in found["urn:kpr:stranger"]["rule"]


def test_each_step_of_a_publication_is_recorded(secure):
    (secure.folder / "care.textproto").write_text(PLAN)
    secure.ask("anna", "release", "draft", secure.folder / "care.textproto")
    secure.ask("municipality", "release", "sign-off", "care", "--municipality", "1103", "--object", "two are missing")
    assert last(secure, "draft_made")["principal"] == "urn:kpr:anna"
    sign_off = last(secure, "sign_off")
    assert (sign_off["principal"], sign_off["subject"]) == ("urn:kpr:municipality", "care 1103 objected")
    outcomes = [one["record"]["outcome"] for one in records(secure, "--kind", "sign_off")]
    assert outcomes == ["begun", "done"]
    # What the office refuses as well.
    assert "kpr:" in secure.ask("berit", "release", "approve", "care", "--content", "0" * 64)
    wait_until(lambda: len(records(secure, "--kind", "draft_approved")) == 2, "the attempt is in a checkpoint")
    assert last(secure, "draft_approved")["outcome"] not in ("begun", "done", "")


def test_a_policy_is_recorded_before_it_takes_force(secure):
    secure.reload("policy reloaded")
    expected = "sha256 " + hashlib.sha256(secure.policy.read_bytes()).hexdigest()
    wait_until(lambda: len(records(secure, "--kind", "policy_loaded")) == 2, "both loads are in a checkpoint")
    loads = records(secure, "--kind", "policy_loaded")
    assert {one["record"]["subject"] for one in loads} == {expected}
    # Right after the start, before any call.
    assert loads[0]["index"] == "1"


def test_only_auditors_read_it_and_are_recorded(secure):
    assert "open to auditor" in secure.ask("reader", "audit", "list")
    assert "open to auditor" in secure.ask("operator", "audit", "prove", "0")
    assert last(secure, "audit_read")["principal"] == "urn:kpr:auditor"


def test_a_record_is_proven(secure, tmp_path):
    wait_published(secure, 2)
    said = secure.ask("auditor", "audit", "prove", "1", "--out", tmp_path)
    key = re.search(r"kpr\.example/audit\+\S+", said).group(0)
    lines = (tmp_path / "record-1.tlog-proof").read_text().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 1"] and "kpr.example/audit" in lines
    assert "urn:kpr" not in (tmp_path / "record-1.tlog-proof").read_text() and key
    assert "in no checkpoint" in secure.ask("auditor", "audit", "prove", "1000000")


def test_nobody_is_named_in_what_is_public_or_readable_in_what_is_kept(secure):
    secure.ask("reader", "indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103", "--purpose", "a secret purpose")
    for path in (secure.folder / "data.audit").rglob("*"):
        if path.is_file():
            assert not re.search(rb"urn:kpr:|secret purpose|nursing_home", path.read_bytes()), path


def test_what_cannot_be_recorded_is_not_given(new_server, simulated, tmp_path):
    failing = tmp_path / "failing"
    server = new_server(environment={"LD_PRELOAD": str(failing_sync(tmp_path)), "KPR_FAILING_SYNC": str(failing)})
    server.push(simulated / "1103.ndjson")
    server.wait_applied()
    explain = ("indicators", "explain", "nursing_home_residents", "--period", "2023", "--area", "1103", "--json")
    assert json.loads(server.run(*explain).stdout)["contributions"]
    failing.touch()
    for _ in range(2):
        refused = server.run(*explain, check=False)
        assert refused.returncode == 1 and "the audit log has failed" in refused.stderr and not refused.stdout
    failing.unlink()
    assert "the audit log has failed" in server.run(*explain, check=False).stderr
    # Nor is a step of a publication done, or a policy in force.
    (tmp_path / "care.textproto").write_text(PLAN)
    assert "the audit log has failed" in server.run("release", "draft", tmp_path / "care.textproto", check=False).stderr
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "policy not reloaded, the one in use stays: the audit log has failed" in server.log.read_text(), "it says so")
    # Values, in which nobody is named, are given as before.
    assert server.run("indicators", "get", "nursing_home_residents", "--from", "2023", "--to", "2023", "--csv").stdout
    server.stop()
    server.start()
    assert json.loads(server.run(*explain).stdout)["contributions"]
    assert "has no draft" in server.run("release", "review", "care", check=False).stderr


def test_a_log_that_lost_its_end_is_not_opened(new_server):
    server = new_server()
    server.stop()
    (server.folder / "data.audit/records/0000000000").write_bytes(b"")
    assert not server.try_start()
    assert "were durable: restore it from a backup" in server.log.read_text()


def test_what_was_changed_is_found(secure, tmp_path):
    folder = secure.folder
    secure.server.stop()
    secure.server.process = None
    verify = [str(secure.server.binary), "audit", "verify"]
    own = subprocess.run([*verify, "--config", secure.server.config], capture_output=True, text=True, timeout=120)
    assert own.returncode == 0 and "each with its record" in own.stdout, own.stderr
    key = re.search(r"kpr\.example/audit\+\S+", own.stdout).group(0)

    def check(change):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder / "data.audit/public", copy)
        change(copy)
        return subprocess.run([*verify, copy, "--verifier-key", key], capture_output=True, text=True, timeout=120)

    def bundle(copy):
        return max((copy / "tile/entries").rglob("*"), key=lambda path: int(path.name) if path.name.isdigit() and path.is_file() else -1)

    def change(copy, function):
        path = bundle(copy)
        path.write_bytes(function(path.read_bytes()))

    done = check(lambda copy: None)
    assert done.returncode == 0 and "all signed for" in done.stdout, done.stderr
    for what, function in {
            "changed": lambda content: content[:10] + bytes([content[10] ^ 1]) + content[11:], "left out": lambda content: content[34:],
            "another order": lambda content: content[34:68] + content[:34] + content[68:], "put in": lambda content: content + content[:34],
            }.items():
        done = check(lambda copy: change(copy, function))
        assert done.returncode == 1 and "audit" not in done.stdout, what
    done = check(lambda copy: (copy / "checkpoint").write_text((copy / "checkpoint").read_text().replace("\n", "\n1", 1)))
    assert done.returncode == 1 and "not signed by" in done.stderr
    done = subprocess.run([*verify, tmp_path / "copy"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "--verifier-key" in done.stderr
