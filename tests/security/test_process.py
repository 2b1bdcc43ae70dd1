"""What the binary is built with, and what a running server keeps from others on its machine."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, Server


def readelf(binary, *what):
    return subprocess.run(["readelf", "--wide", *what, binary], check=True, capture_output=True, text=True).stdout


def test_the_binary_is_hardened(kpr_binary):
    assert re.search(r"Type:\s+DYN", readelf(kpr_binary, "--file-header")), "no position-independent executable"
    segments, dynamic = readelf(kpr_binary, "--segments"), readelf(kpr_binary, "--dynamic")
    assert "GNU_RELRO" in segments and "NOW" in dynamic, "not everything is read-only after the start"
    assert re.search(r"GNU_STACK.* RW ", segments), "the stack can be executed"
    symbols = readelf(kpr_binary, "--dyn-syms")
    assert "__stack_chk_fail" in symbols, "no stack protector"
    assert re.search(r"__\w+_chk", symbols.replace("__stack_chk_fail", "")), "no fortified calls"
    # Our functions begin with landing pads; Debian's start files have none, so that the binary as a whole is not marked.
    main = subprocess.run(["objdump", "--disassemble=main", "--no-show-raw-insn", kpr_binary], capture_output=True,
                          check=True, text=True).stdout
    assert re.search(r"<main>:\n.*endbr64", main), "no control-flow protection"


def test_neither_memory_nor_data_are_open_to_others(kpr_binary, simulated, tmp_path):
    # As a user that is not root, whose own files in /proc show whether the process is closed.
    shutil.copy(kpr_binary, tmp_path / "kpr")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    shutil.chown(home, "nobody")
    server = Server(tmp_path / "kpr", home, user="nobody").start()
    try:
        server.push(simulated / "5001.ndjson")
        proc = pathlib.Path("/proc", str(server.process.pid))
        assert re.search(r"Max core file size\s+0\s+0", (proc / "limits").read_text())
        limits = re.search(r"Max open files\s+(\d+)\s+(\d+)", (proc / "limits").read_text())
        assert limits.group(1) == limits.group(2)
        assert (proc / "environ").stat().st_uid == 0, "another process of the user can read its memory"
        written = [p for p in (home / "data").rglob("*")] + [home / "data.pseudonym-key"]
        assert len(written) > 10 and not [p for p in written if p.stat().st_mode & 0o077]
    finally:
        server.stop()


@pytest.mark.parametrize("unit", ["kpr.service", "kpr@.service"])
def test_the_unit_leaves_little_open(unit):
    # Units are checked as they are in the repository; what is measured is systemd's own scale, 0 to 10.
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", ROOT / "deploy/systemd" / unit],
                          capture_output=True, text=True, env={**os.environ, "SYSTEMD_COLORS": "0"})
    assert done.returncode == 0, done.stdout[-400:]
