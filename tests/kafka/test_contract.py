"""The log's contract on a real broker: the executable that also runs on librdkafka's mock."""

import os
import subprocess

from cluster import Kafka
from conftest import ROOT

CONTRACT = os.environ.get("KPR_KAFKA_TEST", ROOT / "build/release/registry/kafka_test")


def test_the_contract_holds_on_a_real_broker(tmp_path):
    kafka = Kafka(tmp_path / "kafka")
    try:
        done = subprocess.run([CONTRACT], env={**os.environ, "KPR_KAFKA": kafka.bootstrap}, capture_output=True, text=True,
                              timeout=600)
    finally:
        kafka.close()
    assert done.returncode == 0, done.stdout[-8000:]
    assert "SKIPPED" not in done.stdout
