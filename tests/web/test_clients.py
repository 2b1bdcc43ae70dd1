"""What others have written reads our statistics, with nothing changed but the address."""

import json
import urllib.request

from web.published_site import CLIENTS, HERE, run


def test_python_clients(site, tmp_path):
    assert "pxwebpy" in run(CLIENTS / "venv/bin/python", HERE / "clients.py", site.address, tmp_path / "table.csv")


def test_jsonstat_toolkit(site):
    assert "each with its reason" in run("node", HERE / "toolkit.mjs", site.address)


def test_the_description_has_no_fault(site, tmp_path):
    path = tmp_path / "openapi.json"
    path.write_bytes(urllib.request.urlopen(site.address + "/openapi.json").read())
    assert json.loads(path.read_text())["openapi"] == "3.1.0"
    run("node_modules/.bin/redocly", "lint", "--extends", "recommended", "--format", "stylish", path)


def test_what_the_description_says_holds_for_any_request(site):
    run("venv/bin/schemathesis", "run", site.address + "/openapi.json", "--url", site.address, "--max-examples", "8",
        "--seed", "1", "--generation-deterministic", "--suppress-health-check", "all", "--workers", "1",
        "--exclude-checks", "positive_data_acceptance")


def test_readers_know_when_to_come_again(site):
    releases = json.load(urllib.request.urlopen(site.address + "/api/open/v1/kpr/release"))
    document = json.load(urllib.request.urlopen(site.address + "/api/open/v1/kpr/table/1/data?GEO=0"))
    assert [release["nextUpdate"] for release in releases] == ["2027-02-15"] * 2
    assert document["extension"]["nextUpdate"] == "2027-02-15"
