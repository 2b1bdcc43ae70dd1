"""What others read: pandas, polars, DuckDB, pyreadstat and hyparquet find the same rows in every format, labels as the codebook has them; the data package
and the crate hold; and age's implementations decrypt."""

import json
import os
import pathlib
import subprocess

import pytest

from conftest import Server
from extracts import VARIABLES, build, make_keys, write_request

HERE = pathlib.Path(__file__).parent
TOOLS = pathlib.Path(os.environ["KPR_READERS"])


def python(*arguments):
    done = subprocess.run([TOOLS / "venv/bin/python", HERE / "read.py", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def node(*arguments):
    (TOOLS / "read.mjs").write_text((HERE / "read.mjs").read_text())
    return subprocess.run(["node", TOOLS / "read.mjs", *arguments], check=True, capture_output=True, timeout=300).stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def dummy(kpr_binary, keys, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dummy")
    request = write_request(folder, keys, formats=("CSV", "STATA", "SPSS", "PARQUET"), change=lambda text: text + 'areas: "1103"\n')
    subprocess.run([kpr_binary, "extract", "dummy", request, "--out", folder / "files"], check=True, capture_output=True, timeout=300)
    return folder / "files"


@pytest.mark.parametrize("table", VARIABLES)
def test_every_reader_finds_the_same_rows(dummy, table):
    found = python("tables", dummy, table)
    codebook = {one["name"]: one for one in json.loads((dummy / "codebook.json").read_text())["tables"]}[table]["variables"]
    types = {variable["name"].split(".")[1]: variable for variable in codebook}
    columns = VARIABLES[table]
    assert len(found["rows"]["polars"]) > 50 or table == "diagnosis"

    def plain(row):
        """Codes of areas without the zero in front, decimals as numbers: Stata and SPSS have numbers there."""
        return [row[0], *(str(float(value)) if value and types[column]["type"] == "VARIABLE_TYPE_DECIMAL" else
                          value.lstrip("0") if column in ("county", "municipality") else value for column, value in zip(columns, row[1:]))]

    expected = [plain(row) for row in found["rows"]["pandas csv"]]
    assert {reader: [plain(row) for row in rows] == expected for reader, rows in found["rows"].items()} == {reader: True for reader in found["rows"]}
    hyparquet = json.loads(node("parquet", dummy / f"{table}.parquet"))
    assert [[row["person"], *(("" if row[column] is None else str(row[column])[:10] if types[column]["type"] == "VARIABLE_TYPE_DATE" else str(row[column])) for column in columns)]
            for row in hyparquet] == found["rows"]["polars"]
    labels = {name: {str(code.get("code", 0)): code["label"]["nb"] for code in variable["codes"]} for name, variable in types.items() if variable.get("codes")}
    assert found["labels"] == {"sav": labels, "dta": labels}
    assert all(meanings[name] == variable["meaning"]["nb"][:80] for meanings in found["meanings"] for name, variable in types.items())


def test_the_package_and_the_crate_hold(dummy):
    found = python("package", dummy)
    assert found["valid"], found["errors"]
    assert found["tasks"] == len(VARIABLES)
    assert found["crate"] == sorted(path.name for path in dummy.iterdir() if path.name != "ro-crate-metadata.json")


def test_a_changed_row_is_found_by_its_hash(dummy, tmp_path):
    for path in dummy.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "diagnosis.csv.gz").write_bytes((dummy / "persons.csv.gz").read_bytes())
    assert not python("package", tmp_path)["valid"]


def test_the_implementations_of_age_decrypt(kpr_binary, simulated, keys, tmp_path):
    other = make_keys(tmp_path)
    server = Server(kpr_binary, tmp_path).start()
    try:
        server.push(simulated / "1103.ndjson")
        server.wait_applied()
        extract = build(server, write_request(tmp_path, keys, change=lambda text: text + f'recipients: "{other[1]}"\n'))
        server.run("extract", "fetch", extract, "--as", "anna", "--out", tmp_path / "got")
    finally:
        server.stop()
    for file in ("service_spells.csv.gz.age", "manifest.json.age"):
        for key in (keys[0], other[0]):
            plain = subprocess.run(["age", "-d", "-i", key, tmp_path / "got" / file], check=True, capture_output=True).stdout
            assert bytes.fromhex(python("age", key, tmp_path / "got" / file)) == plain == node("age", key, tmp_path / "got" / file)
