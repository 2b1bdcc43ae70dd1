"""With certificates: the way of an extract by people of their own roles, and what the researcher is not told on it."""

import json

import pytest

from authority import Authority
from conftest import SecureServer, reported_providers, wait_until
from extracts import make_keys, write_request

ROLES = {"sender": 'roles = ["sender"]\nmunicipalities = ["1103"]\nperson_authority = true\nproviders = {providers}', "anna": 'roles = ["researcher"]',
         "olav": 'roles = ["case_officer"]', "dagny": 'roles = ["data_protection_officer"]', "lise": 'roles = ["linker"]', "operator": 'roles = ["operator"]'}


@pytest.fixture(scope="module")
def secure(kpr_binary, simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {"": folder, **{name: authority.sign(name, [f"URI:urn:kpr:{name}"]) for name in ROLES}}
    providers = reported_providers(simulated / "1103.ndjson")
    policy = "".join(f'[[principal]]\nname = "urn:kpr:{name}"\n{text.replace("{providers}", providers)}\n' for name, text in ROLES.items())
    made = SecureServer(kpr_binary, folder, policy, certificates, {"extracts": {"k": 7, "l": 1}})
    made.push("sender", simulated / "1103.ndjson")
    wait_until(lambda: made.ask("operator", "status", "--csv").count(",0,") >= 3, "all events are applied")
    yield made
    made.server.stop()


def test_the_researcher_is_not_told_which_codes_are_rare_and_the_linker_gets_the_key(secure, simulated, tmp_path):
    linkage = 'group_rare_codes: true\nlinkage { linker: "urn:kpr:lise" purpose: "deaths" most_persons: 10 }\n'
    file = write_request(tmp_path, make_keys(tmp_path), change=lambda text: text + linkage)
    proposed = json.loads(secure.ask("anna", "extract", "propose", file, "--json"))
    extract, request = proposed["id"], proposed["request_sha256"]
    for who in ("olav", "dagny"):
        secure.ask(who, "extract", "approve", extract, "--request", request)
    assert "READY" in secure.ask("olav", "extract", "build", extract)
    decides = secure.ask("olav", "extract", "show", extract, "--json")
    assert '"values"' in decides
    numbers = sorted({json.loads(line)["subject"]["person"]["number"] for line in (simulated / "1103.ndjson").read_text().splitlines()
                      if json.loads(line)["subject"].get("person", {}).get("type") == 1})[:10]
    (tmp_path / "numbers.csv").write_text("\n".join(numbers))
    linked = secure.ask("lise", "extract", "link", extract, "--persons", tmp_path / "numbers.csv", "--out", tmp_path / "key.csv")
    assert "of 10 numbers are of persons in" in linked and (tmp_path / "key.csv").stat().st_mode & 0o777 == 0o600
    for command in (("show", extract), ("list",), ("watch", extract), ("expire", extract)):
        answer = secure.ask("anna", "extract", *command, "--json")
        assert extract in answer and '"values"' not in answer, command
    assert "open to linker" in secure.ask("anna", "extract", "link", extract, "--persons", tmp_path / "numbers.csv", "--out", tmp_path / "no.csv")
