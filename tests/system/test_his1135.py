"""The national message: what is simulated is schema-valid where the schema is at hand, reads back the same, and gives
the same indicators as NDJSON."""

import os
import pathlib
import re
import subprocess

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def simulate(kpr_binary, tmp_path_factory):
    def run(*options):
        out = tmp_path_factory.mktemp("world")
        subprocess.run([kpr_binary, "simulate", "--scale", "0.05", "--to", "2024-06-30", *options, "--out", out], check=True,
                       capture_output=True)
        return sorted(out.iterdir())

    return run


TWO = ("--municipalities", "1103,5001", "--from", "2023-01-01", "--his1135-facts", "--seed", "5")


@pytest.fixture(scope="module")
def messages(simulate):
    return simulate("--format", "his1135", *TWO)


def export_of(server, files, *options):
    server.run("push", *files, "--quiet", *options)
    server.wait_applied()
    server.stop()
    return server.run("export", offline=True).stdout


def test_xml_and_ndjson_give_the_same_figures(new_server, simulate, messages, tmp_path):
    # Renumbering is no HIS 1135 fact; both worlds are without it.
    lines = simulate("--duplicated", "0", *TWO)
    from_json = export_of(new_server({"data": {"directory": str(tmp_path / "json")}}), lines)
    from_xml = export_of(new_server({"data": {"directory": str(tmp_path / "xml")}}), messages, "--his1135")
    assert from_json and from_json == from_xml


def test_messages_written_back_are_the_same(kpr_binary, messages):
    for message in messages:
        again = subprocess.run([kpr_binary, "convert", "--to", "his1135", message], check=True, capture_output=True)
        assert again.stdout == message.read_bytes(), message.name


def test_a_municipality_that_changes_its_code_writes_a_message_for_each(simulate):
    files = simulate("--municipalities", "5501", "--from", "2023-06-01", "--format", "his1135")
    assert [file.name for file in files] == ["5401.xml", "5501.xml"]


def test_messages_are_valid_by_the_national_schema(messages):
    folder = pathlib.Path(os.environ.get("KPR_HIS1135_SCHEMA", ROOT / "../shared/reference/his1135"))
    schema = folder / "XPR(ipl).xsd"
    if not schema.exists():
        pytest.skip("the national schema is not at hand (KPR_HIS1135_SCHEMA)")
    for message in messages:
        lint = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, message], capture_output=True, text=True)
        assert lint.returncode == 0, lint.stderr[:500]


def test_a_message_marked_deleted_says_why(new_server, messages, tmp_path):
    spoiled = tmp_path / "deleted.xml"
    spoiled.write_text(re.sub(r' fid="[0-9]*"', "", messages[0].read_text()))
    answer = new_server().run("push", "--his1135", spoiled, "--quiet", check=False)
    assert "Bruker/@fid is missing -> message marked deleted" in answer.stdout + answer.stderr
