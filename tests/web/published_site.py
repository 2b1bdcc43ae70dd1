"""A site with two releases of a simulated country, in which counts of up to 60 persons are hidden, so that what is hidden
can be told from other numbers."""

import json
import os
import pathlib
import re
import subprocess

from conftest import Server, free_port, write_events

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = pathlib.Path(os.environ.get("KPR_WEB_CLIENTS", HERE.parents[1] / "build/release/web"))
MUNICIPALITIES = ["1103", "1811", "1827", "1856", "1859", "3326", "3425", "3911", "4601", "4602", "4626", "4637", "5001"]
PERIODS = 'periods: "2022" periods: "2023" periods: "2024"'
STRATA = {"nursing_home_residents": "by_sex: true", "relative_response_rate": "levels: LEVEL_COUNTRY"}
PLAN = """
id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
next_release: "2027-02-15"
policy { hide_up_to: 60 complement: true }
""" + "".join(f'tables {{ indicator: "{indicator}" {PERIODS} {STRATA.get(indicator, "")} }}\n' for indicator in (
    "medication_review", "nursing_home_residents", "user_experience", "relative_experience", "users_per_1000_home",
    "residents_80_institution", "place_waiting_time", "occupancy", "user_experience_respect", "relative_experience_trust",
    "user_satisfied", "long_stay_places", "occupancy_long_stay", "waiting_for_place", "place_waiting_days",
    "hospital_discharges_received_same_day", "user_response_rate", "relative_response_rate"))


# Two municipalities as squares.
BORDERS = {"type": "Topology", "objects": {"municipalities": {"type": "GeometryCollection", "geometries": [
    {"type": "Polygon", "id": "4601", "arcs": [[0]]}, {"type": "Polygon", "id": "5001", "arcs": [[1]]}]}},
    "arcs": [[[5, 60], [5, 61], [6, 61], [6, 60], [5, 60]], [[10, 63], [10, 64], [11, 64], [11, 63], [10, 63]]]}


class Site:
    def __init__(self, server, port):
        self.server, self.address = server, f"http://127.0.0.1:{port}"


def publish(server, plan):
    server.run("release", "draft", plan, "--as", "anna")
    content = re.search("^content ([0-9a-f]{64})$", server.run("release", "review", "care").stdout, re.M).group(1)
    server.run("release", "approve", "care", "--content", content, "--as", "berit")
    server.run("release", "publish", "care", "--as", "anna")


def annulled(path, count):
    """Annulments of stays that the file tells of."""
    events = [json.loads(line) for line in path.read_text().splitlines()]
    sequence = max(int(event["sequence"]) for event in events) + 100
    stays = [event for event in events if event["status"] == "EVENT_STATUS_ORIGINAL" and
             event.get("service_started", {}).get("service_type") == 21 and "2023" <= event["occurred_on"] < "2024"]
    for number, event in enumerate(stays[:count]):
        event.update(refers_to=event["event_id"], status="EVENT_STATUS_ANNUL", sequence=str(sequence + number),
                     event_id=f"00000000-0000-4000-8000-{int(path.stem) * 1000 + number:012d}")
    return stays[:count]


def published_site(kpr_binary, folder):
    """A generator of one Site, gone afterwards."""
    subprocess.run([kpr_binary, "simulate", "--municipalities", ",".join(MUNICIPALITIES), "--from", "2022-01-01", "--to",
                    "2024-12-31", "--scale", "0.5", "--out", folder / "events"], check=True, capture_output=True)
    (folder / "borders.json").write_text(json.dumps(BORDERS))
    port = free_port()
    server = Server(kpr_binary, folder, {"http": {"listen": f"127.0.0.1:{port}", "borders": str(folder / "borders.json")}}).start()
    server.run("push", *sorted((folder / "events").iterdir()), "--quiet")
    server.wait_applied()
    plan = folder / "care.textproto"
    plan.write_text(PLAN)
    publish(server, plan)
    server.push(write_events(folder / "4601.ndjson", annulled(folder / "events/4601.ndjson", 400)))
    server.wait_applied()
    publish(server, plan)
    yield Site(server, port)
    server.stop()


def run(*command):
    """A foreign client; its output."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, cwd=CLIENTS,
                          env={**os.environ, "KPR_WEB_CLIENTS": str(CLIENTS)})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
