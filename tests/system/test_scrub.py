"""Damage to the registry's files: repaired from the log, without a wrong figure in between."""

import csv

import pytest
from conftest import wait_until

QUESTION = ("indicators", "get", "nursing_home_residents", "--from", "2023", "--to", "2024", "--csv")


@pytest.fixture
def filled(new_server, simulated):
    server = new_server({"registry": {"scrub_minutes": 1}})
    server.run("push", *sorted(simulated.iterdir()), "--quiet")
    server.wait_applied()
    server.stop()
    server.start()  # what was applied is in files now
    return server


def figures(server):
    """Without the position: a rebuilt store forwards facts of changed identities once more, which moves it."""
    rows = csv.DictReader(server.run(*QUESTION, check=False).stdout.splitlines())
    return [{name: value for name, value in row.items() if name != "position"} for row in rows]


def files_of(server):
    return [file for file in (server.folder / "data/registry").glob("partition-*/*.sst")]


def flip_bits(file, part):
    """One in 512 bytes of the first part of the file: its data."""
    content = bytearray(file.read_bytes())
    for at in range(0, int(len(content) * part), 512):
        content[at] ^= 0x10
    with open(file, "r+b") as out:  # in place, as the server has it open
        out.write(content)


def test_a_damaged_registry_is_filled_again_at_the_start(filled):
    right = figures(filled)
    assert len(right) == 2
    filled.stop()
    for file in files_of(filled):
        flip_bits(file, 1)
    filled.start()
    wait_until(lambda: figures(filled) == right, "the figures are as before")
    assert "is damaged and set aside" in filled.log.read_text()


def test_a_running_register_is_compared_with_the_log_and_repaired(filled):
    right = figures(filled)
    assert len(right) == 2
    for file in files_of(filled):
        flip_bits(file, 0.3)
    wait_until(lambda: filled.log.read_text().count("was rebuilt from the log") == 3, "each partition is rebuilt")
    wait_until(lambda: figures(filled) == right, "the figures are as before")
    filled.stop()
    filled.start()
    assert figures(filled) == right
