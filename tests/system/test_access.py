"""Who may connect, send and read: certificates, the policy file, and a policy that changes while streams are open."""

import re
import shutil
import signal
import subprocess

import pytest
from authority import Authority
from conftest import ROOT, SecureServer, reported_providers, wait_until

POLICY = '''
[[principal]]
name = "urn:kpr:reader"
roles = ["national_reader", "operator"]
[[principal]]
name = "urn:kpr:municipal"
roles = ["municipal_reader"]
municipalities = ["1103"]
[[principal]]
name = "urn:kpr:sender:1103"
roles = ["sender"]
municipalities = ["1103"]
person_authority = true
providers = {providers}
'''


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Options of the command line by principal; "" is the folder."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = Authority(folder), Authority(folder, "other")
    authority.sign("server", ["IP:127.0.0.1"])
    options = {name: authority.sign(name, alternatives) for name, alternatives in {
        "sender": ["URI:urn:kpr:sender:1103"],
        "stranger": ["URI:urn:kpr:sender:stranger"],
        "two names": ["URI:urn:kpr:sender:1103", "URI:urn:kpr:sender:5001"],
        "reader": ["URI:urn:kpr:reader"],
        "municipal": ["URI:urn:kpr:municipal"],
    }.items()}
    options["forged"] = ["--ca", authority.crt("ca"), *other.sign("forged", ["URI:urn:kpr:sender:1103"])[2:]]
    options[""] = folder
    return options


@pytest.fixture(scope="module")
def secure(kpr_binary, simulated, certificates, tmp_path_factory):
    server = SecureServer(kpr_binary, tmp_path_factory.mktemp("secure"),
                          POLICY.format(providers=reported_providers(simulated / "1103.ndjson")), certificates)
    assert " 0 refused" in server.push("sender", simulated / "1103.ndjson")
    yield server
    server.server.stop(signal.SIGKILL)


@pytest.mark.parametrize("principal, file, said", [
    ("sender", "5001", "NOT_YOUR_MUNICIPALITY.*kommune 5001"),
    ("stranger", "1103", "not in the policy"),
    ("two names", "1103", "exactly one URI SAN"),
    ("forged", "1103", "certificate the right one"),
    ("in plaintext", "1103", "certificate the right one"),
    ("reader", "1103", "the method is open to sender"),
])
def test_who_may_not_send(secure, simulated, principal, file, said):
    assert re.search(said, secure.push(principal, simulated / f"{file}.ndjson"))


@pytest.mark.parametrize("question", [
    "indicators list", "status", "indicators get medication_review", "indicators explain medication_review --period 2023",
    "indicators revisions medication_review --period 2023", "indicators compare medication_review --period 2023",
    "indicators watch medication_review"])
def test_a_sender_is_no_reader(secure, question):
    assert "the method is open to" in secure.ask("sender", *question.split())


def test_a_sender_sees_its_own_standing(secure):
    assert "events; contiguous" in secure.ask("sender", "quality")


def test_a_national_reader_reads(secure):
    assert "medication_review" in secure.ask("reader", "indicators", "list")


@pytest.mark.parametrize("question, said", [
    ("get --level municipality --area 1103 --from 2024", "Stavanger"),
    ("get --from 2024", "Norge"),
    ("get --level municipality --area 5001 --from 2024", "municipality 5001 is not the principal's"),
    ("get --level municipality --from 2024", "only the principal's own municipalities"),
    ("get --level county --area 11 --from 2024", "only the principal's own municipalities"),
    ("get --level municipality --area 1103 5001 --from 2024", "5001 is not the principal's"),
    ("revisions --period 2023 --area 1103", "->"),
    ("revisions --period 2023 --area 0", "only the principal's own municipalities"),
    ("explain --period 2023 --area 1103", "the method is open to national_reader"),
    ("compare --period 2023 --area 1103", "1103"),
    ("compare --period 2023", "only the principal's own municipalities"),
])
def test_a_municipal_reader_sees_its_own_and_the_country(secure, question, said):
    verb, *rest = question.split()
    assert said in secure.ask("municipal", "indicators", verb, "medication_review", *rest)


def test_a_policy_counts_for_open_streams_and_a_broken_one_changes_nothing(kpr_binary, simulated, certificates, tmp_path):
    secure = SecureServer(kpr_binary, tmp_path, POLICY.format(providers=[]), certificates)
    watched = tmp_path / "watched"
    with open(watched, "w") as out:
        watch = subprocess.Popen([kpr_binary, "indicators", "watch", "medication_review", "--server", secure.server.address,
                                  *certificates["reader"]], stdout=out, stderr=subprocess.STDOUT)
    wait_until(lambda: watched.stat().st_size > 0, "the watch has its first answer")
    secure.policy.write_text("readers = []")
    secure.reload("policy not reloaded, the one in use stays: .*policy.toml:1: readers")
    assert "medication_review" in secure.ask("reader", "indicators", "list")

    secure.policy.write_text('''
[[principal]]
name = "urn:kpr:sender:1103"
roles = ["sender"]
municipalities = ["1103", "5001"]
[[forbid]]
principal = "urn:kpr:sender:1103"
municipality = "1103"
''')
    secure.reload("policy reloaded principals=1")
    assert "not in the policy" in secure.ask("reader", "indicators", "list")
    assert re.search("NOT_YOUR_MUNICIPALITY.*kommune 1103", secure.push("sender", simulated / "1103.ndjson"))
    assert "accepted" in secure.push("sender", simulated / "5001.ndjson")
    watch.wait(60)
    assert "not in the policy" in watched.read_text()
    assert re.search("urn:kpr:reader.*not in the policy", secure.server.log.read_text()), "refused calls are in the log"
    assert secure.server.stop() == 0


@pytest.mark.parametrize("config, said", [
    ('[server]\nlisten = "0.0.0.0:1"\nplaintext_loopback = true\n', "plaintext is for loopback only"),
    ("", "server.certificate is missing"),
    ('[server]\nlisden = "x"\n', "kpr.toml:2: no option server.lisden"),
    ('[data]\npartitions = "four"\n', "kpr.toml:2: data.partitions: expected a whole number"),
    ("[data\n", "kpr.toml:1:"),
])
def test_a_broken_configuration_is_told_where(kpr_binary, tmp_path, config, said):
    path = tmp_path / "kpr.toml"
    path.write_text(config)
    served = subprocess.run([kpr_binary, "serve", "--config", path], capture_output=True, text=True)
    assert served.returncode != 0 and said in served.stderr


def test_the_documented_configuration_is_whole(kpr_binary, tmp_path):
    shutil.copy(ROOT / "deploy/kpr.toml", tmp_path)
    served = subprocess.run([kpr_binary, "serve", "--config", tmp_path / "kpr.toml"], capture_output=True, text=True)
    assert "server.certificate is missing" in served.stderr


@pytest.mark.parametrize("policy, said", [
    ('[principal]\nname = "urn:a"\n', "policy.toml:1: principal: expected [[principal]]"),
    ('[[principal]]\nname = "urn:a"\nroles = "sender"\n', "policy.toml:3: roles: expected a list"),
    ('[[principal]]\nname = "urn:a"\nroles = ["sender"]\nmunicipalities = ["301"]\n',
     "policy.toml:4: municipalities: expected a municipality of four digits"),
    ('[[principal]]\nname = "urn:a"\nroles = ["sender"]\nmunicipalities = ["0301"]\nmunicipality = "x"\n',
     "policy.toml:5: municipality"),
])
def test_a_broken_policy_is_told_where(secure, policy, said):
    before = secure.policy.read_text()
    secure.policy.write_text(policy)
    served = secure.server.run("serve", offline=True, check=False)
    secure.policy.write_text(before)
    assert served.returncode != 0 and said in served.stderr
