"""The pseudonym key: lost, another, or open to others, the server does not start, and nobody counts twice."""

import os

import pytest


@pytest.fixture
def stopped(new_server, simulated):
    server = new_server()
    server.push(simulated / "1103.ndjson")
    server.stop()
    return server


def key_of(server):
    return server.folder / "data.pseudonym-key"


def refused(server):
    served = server.run("serve", offline=True, check=False)
    assert served.returncode != 0
    return served.stderr


def test_the_key_is_beside_the_data_and_private(stopped):
    assert os.stat(key_of(stopped)).st_mode & 0o777 == 0o600
    assert not list((stopped.folder / "data").rglob("*key*")), "a copy of the data is no copy of the key"


def test_a_lost_key_is_not_replaced(stopped):
    kept = key_of(stopped).read_text()
    key_of(stopped).unlink()
    assert "No other key is made" in refused(stopped)
    assert not key_of(stopped).exists()
    key_of(stopped).write_text(kept)
    key_of(stopped).chmod(0o600)
    stopped.start()


def test_another_key_is_refused(stopped):
    key_of(stopped).write_text("ab" * 32 + "\n")
    assert "not the one the log was begun with" in refused(stopped)


def test_a_key_that_others_can_read_is_refused(stopped):
    key_of(stopped).chmod(0o644)
    assert "chmod 600" in refused(stopped)
