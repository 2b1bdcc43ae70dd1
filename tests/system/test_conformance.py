"""`kpr conformance` examines clients over gRPC: this project's own, and one that does everything wrong."""

import re
import subprocess

import grpc
import pytest

from conftest import events_of, wait_until


class Examination:
    def __init__(self, binary, folder, *options):
        self.output = folder / "conformance.out"
        self.process = subprocess.Popen([binary, "conformance", "--listen", "127.0.0.1:0", *options],
                                        stdout=open(self.output, "w"), stderr=subprocess.PIPE, text=True)
        port = wait_until(lambda: re.search(r"port (\d+)", self.output.read_text()), "it listens").group(1)
        self.address = f"127.0.0.1:{port}"

    def result(self):
        self.process.wait(60)
        return self.process.returncode, dict(
            (line[10:], line[:10].strip()) for line in self.output.read_text().splitlines()[1:] if not line.startswith(" "))


@pytest.fixture
def examine(kpr_binary, tmp_path):
    started = []

    def start(*options):
        started.append(Examination(kpr_binary, tmp_path, *options))
        return started[-1]

    yield start
    for examination in started:
        examination.process.kill()
        examination.process.wait()


def test_our_own_client_passes(examine, kpr_binary, simulated):
    events = {event["event_id"] for event in events_of(simulated / "5001.ndjson")}
    examination = examine("--events", str(len(events)))
    pushed = subprocess.run([kpr_binary, "push", simulated / "5001.ndjson", "--server", examination.address, "--batch", "10",
                             "--quiet"], capture_output=True, text=True, timeout=120)
    assert "Refused on purpose" in pushed.stderr
    code, lessons = examination.result()
    assert code == 0 and {state for name, state in lessons.items() if "not required" not in name} == {"passed"}, lessons


def test_a_client_that_only_sends_once_does_not(examine, stubs, simulated):
    examination = examine()
    stub = stubs.ingest_pb2_grpc.IngestStub(grpc.insecure_channel(examination.address))
    batch = stubs.ingest_pb2.EventBatch(batch=1, events=[b"\xff", b""])
    assert next(stub.SubmitEvents(iter([batch]))).accepted == 0
    with pytest.raises(grpc.RpcError) as refused:
        next(stub.SubmitEvents(iter([batch])))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    examination.process.terminate()
    code, lessons = examination.result()
    assert code == 1 and "FAILED" in lessons.values() and "passed" not in {
        state for name, state in lessons.items() if "not required" not in name and "batches are" not in name}, lessons
