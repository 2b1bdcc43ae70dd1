"""A full disk: new events are refused with the reason, questions are still answered, and it continues when there is
room again. On a small file system of its own; needs root, as all set-up does. A disk that does not sync ends the server."""

import shutil
import subprocess

import pytest
from conftest import wait_until
from failing_sync import failing_sync

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path):
    disk, image = tmp_path / "disk", tmp_path / "image"
    disk.mkdir()
    subprocess.run(["truncate", "-s", "240M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, disk], capture_output=True).returncode != 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=240m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def figures(server):
    """Without the position, which what is forwarded moves on."""
    said = server.run("indicators", "get", "nursing_home_residents", "--from", "2023").stdout
    return [line for line in said.splitlines() if "position" not in line]


def test_a_full_disk_pushes_back_until_there_is_room(new_server_at_each_door, kpr_binary, tmp_path, small_disk):
    events, acknowledged = tmp_path / "events", tmp_path / "acknowledged"
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2023-01-01", "--to", "2024-06-30",
                    "--scale", "0.3", "--out", events], check=True, capture_output=True)
    server = new_server_at_each_door({"data": {"directory": str(small_disk / "data"), "reserve_mb": 64}})
    server.push(events / "5001.ndjson")
    server.wait_applied()
    before = figures(server)

    filler = small_disk / "filler"
    room = shutil.disk_usage(small_disk).free // MIB
    subprocess.run(["fallocate", "-l", f"{room - 40}M", filler], check=True)
    wait_until(lambda: "REFUSES" in server.run("status").stdout, "the status says that events are refused")
    said = tmp_path / "said"
    with open(said, "w") as out:
        sender = subprocess.Popen([kpr_binary, "push", events / "1103.ndjson", *server.where(), "--batch", "200",
                                   "--receipts", acknowledged, "--quiet", "--give-up", "60"], stdout=out,
                                  stderr=subprocess.STDOUT)
    wait_until(lambda: "the server takes nothing now" in said.read_text(), "the sender says that it waits")
    assert "are kept in reserve" in said.read_text()
    wait_until(lambda: "disk" in server.log.read_text(), "the log says why")
    assert figures(server) == before
    assert sender.poll() is None, "the sender did not wait"
    assert not acknowledged.exists() or acknowledged.stat().st_size == 0, "acknowledged on a full disk"

    filler.unlink()
    assert sender.wait(120) == 0 and " 0 refused" in said.read_text(), said.read_text()
    server.wait_applied()
    assert server.stop() == 0
    assert "equal the naive batch" in server.run("verify", offline=True).stdout


def test_a_server_starts_on_a_full_disk_and_answers(new_server_at_each_door, simulated, small_disk):
    server = new_server_at_each_door({"data": {"directory": str(small_disk / "data"), "reserve_mb": 64}})
    server.push(simulated / "5001.ndjson")
    server.wait_applied()
    before = figures(server)
    assert server.stop() == 0
    filler = small_disk / "filler"
    filled = shutil.disk_usage(small_disk).free // MIB - 28  # under half of the reserve
    subprocess.run(["fallocate", "-l", f"{filled}M", filler], check=True)
    for _ in range(3):
        server.start()
        assert figures(server) == before
        assert "REFUSES" in server.run("status").stdout
        assert server.stop() == 0
    subprocess.run(["fallocate", "-l", f"{shutil.disk_usage(small_disk).free // MIB - 2}M", small_disk / "more"], check=True)
    refused = server.run("serve", offline=True, check=False)
    assert refused.returncode == 1 and "MiB are needed to open" in refused.stderr


def test_a_failed_sync_ends_the_server_and_nothing_acknowledged_is_lost(new_server_at_each_door, simulated, tmp_path):
    shim, failing, receipts = failing_sync(tmp_path), tmp_path / "failing", tmp_path / "receipts"
    server = new_server_at_each_door(environment={"LD_PRELOAD": str(shim), "KPR_FAILING_SYNC": str(failing)})
    server.push(simulated / "5001.ndjson", "--receipts", receipts)
    failing.touch()
    sent = server.push(simulated / "1103.ndjson", "--give-up", "2", "--receipts", receipts, check=False)
    assert sent.returncode == 1 and server.process.wait(60) == 1
    assert "the log has failed" in server.log.read_text()
    failing.unlink()
    server.start()
    server.push(simulated / "1103.ndjson")
    server.wait_applied()
    assert server.stop() == 0
    log = server.run("log", "print", offline=True).stdout
    assert not [event for event in receipts.read_text().split() if event not in log]
