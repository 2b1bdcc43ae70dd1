"""The bench beside others runs, and sees it when somebody's numbers differ."""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE))
import peers  # noqa: E402


def run(*arguments):
    return subprocess.run([sys.executable, HERE / "peers.py", *map(str, arguments)], capture_output=True, text=True)


def test_all_have_the_same_numbers_before_and_after_a_correction(kpr_binary, tmp_path):
    done = run(2, 0.02, "--binary", kpr_binary, "--peers", "postgresql,duckdb", "--out", tmp_path / "peers.json")
    assert done.returncode == 0 and "are the same everywhere" in done.stdout, done.stdout + done.stderr
    assert len(re.findall(r"^\| \w.* s \|", done.stdout, re.M)) == 4
    measured = json.loads((tmp_path / "peers.json").read_text())["measured"]
    for of in measured.values():
        assert of["load_s"] > 0 and len(of["before"]) == len(of["after"]) == 5 and of["before"] != of["after"]
    one = measured["DuckDB"]["after"][0]
    one[1] = str(int(one[1]) + 1)
    different = peers.differences(measured)
    assert len(different) == 1 and "DuckDB" in different[0]


def test_a_peer_that_is_none_is_named():
    done = run("--peers", "duckdb,oracle")
    assert done.returncode == 2 and "no peer 'oracle'" in done.stderr
