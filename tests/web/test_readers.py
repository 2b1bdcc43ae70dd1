"""Readers that take nothing, and floods of them, cost a bounded amount of memory, and others are served meanwhile."""

import contextlib
import socket
import urllib.request

from conftest import wait_until

LARGE = "/api/open/v1/kpr/table/care.nursing_home_residents/data.csv?GEO=*&KJONN=*&MEASURE_TYPE=*&AAR=*,"


def resident_mb(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    raise AssertionError("no VmRSS")


def connect(site):
    host, port = site.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def test_slow_readers(site):
    with contextlib.ExitStack() as stack:
        before = resident_mb(site.server)
        readers = []
        for number in range(400):
            reader = stack.enter_context(connect(site))
            # Each its own answer, which is not kept for others.
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(f"GET {LARGE}top({number + 1}) HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            readers.append(reader)
        status = [reader.recv(12) for reader in readers]
        assert set(status) <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}, set(status)  # how many waits on what the kernel takes
        assert resident_mb(site.server) - before < 500
        assert urllib.request.urlopen(site.address + "/health").status == 200


def test_a_flood_of_connections(site):
    with contextlib.ExitStack() as stack:
        before = resident_mb(site.server)
        for _ in range(3000):
            stack.enter_context(connect(site)).sendall(b"GET / HTTP/1.1\r\nHo")
        assert resident_mb(site.server) - before < 100

    def served():
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(site.address + "/health").status == 200
        return False

    wait_until(served, "the server serves again")
