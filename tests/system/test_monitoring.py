"""Alert rules and pictures for operators are about series that a server has, and do what they say."""

import json
import re
import subprocess
import urllib.request

from conftest import ROOT, free_port

RULES = ROOT / "deploy/prometheus"


def test_alert_rules():
    subprocess.run(["promtool", "check", "config", RULES / "prometheus.yml"], check=True, capture_output=True)
    done = subprocess.run(["promtool", "test", "rules", RULES / "alerts_test.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_series_exists(new_server, simulated):
    port = free_port()
    server = new_server({"operation": {"metrics_listen": f"127.0.0.1:{port}"}})
    server.push(simulated / "1103.ndjson")
    server.run("indicators", "get", "occupancy")
    there = set(re.findall(r"^(kpr_\w+)", urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode(), re.M))
    dashboard = json.loads((ROOT / "deploy/grafana/kpr.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    wanted = set(re.findall(r"kpr_\w+", " ".join(expressions) + (RULES / "alerts.yml").read_text()))
    # Those of workers alone, and those that a day's scrub makes.
    assert wanted - there <= {"kpr_scrubbed_partitions_total"}, wanted - there
