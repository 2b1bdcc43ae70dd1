"""The simulated country is one that the catalogue and the code lists know."""

import pathlib
import re
import statistics
import subprocess

import pytest

from conftest import ROOT, events_of

INSTRUMENTS = sorted((ROOT / "indicators" / "instruments").glob("*.textproto"))


@pytest.fixture(scope="module")
def answers(kpr_binary, tmp_path_factory):
    """By instrument: what each respondent answered."""
    out = tmp_path_factory.mktemp("country")
    subprocess.run([kpr_binary, "simulate", "--municipalities", "0301", "--scale", "0.2", "--from", "2024-01-01", "--to", "2024-12-31", "--out", out],
                   check=True, capture_output=True)
    answers = {}
    for path in sorted(out.glob("*.ndjson")):
        for event in events_of(path):
            if response := event.get("survey_response"):
                answers.setdefault(response["instrument"], []).append(response["answers"])
    return answers


def test_no_other_questionnaire_is_answered(answers):
    assert sorted(answers) == [path.stem for path in INSTRUMENTS]


@pytest.mark.parametrize("path", INSTRUMENTS, ids=lambda path: path.stem)
def test_a_questionnaire_is_the_catalogues(answers, path: pathlib.Path):
    text = path.read_text()
    items = re.findall(r"^items \{.*\}$", text, re.MULTILINE)
    low, high = (int(re.search(rf"^scale_{end}: (\d+)$", text, re.MULTILINE)[1]) for end in ("min", "max"))
    given = answers[path.stem]
    assert len(given) >= 20
    assert {len(row) for row in given} == {len(items)}
    found = {answer for row in given for answer in row}
    assert found <= {0, *range(low, high + 1)} and high in found
    for number, item in enumerate(items):
        mean = statistics.fmean(row[number] for row in given if row[number])
        assert (mean < (low + high) / 2) == ("reversed: true" in item), f"item {number + 1}: most are content"


def test_contacts_come_when_they_are_asked_for(kpr_binary, tmp_path):
    def simulated(name, *options):
        subprocess.run([kpr_binary, "simulate", "--municipalities", "4601", "--scale", "0.1", "--from", "2024-01-01", "--to", "2024-12-31",
                        "--out", tmp_path / name, *options], check=True, capture_output=True)
        return events_of(tmp_path / name / "4601.ndjson")
    assert not any("contact" in event for event in simulated("without"))
    events = {event["event_id"]: event for event in simulated("with", "--contacts", "12")}.values()
    contacts = [event for event in events if "contact" in event]
    recipients = {event["subject"]["person"]["number"] for event in events if "service_started" in event}
    assert 5 < len(contacts) / len(recipients) < 12.5, "some live on only, and die, in a part of the year"
    assert {event["contact"]["service"] for event in contacts} >= {f"SERVICE_{name}" for name in (
        "GENERAL_PRACTITIONER", "OUT_OF_HOURS", "PHYSIOTHERAPY", "PSYCHOLOGIST", "DENTAL", "MENTAL_HEALTH_AND_SUBSTANCE_USE")}
    referred = [event for event in contacts if "referred_on" in event["contact"]]
    assert len(referred) > 50
    assert all(event["contact"]["referred_on"] <= event["occurred_on"] for event in referred)
    assert {event["status"] for event in contacts} >= {"EVENT_STATUS_ORIGINAL", "EVENT_STATUS_REPLACE", "EVENT_STATUS_ANNUL"}


def test_housing_goes_over_a_split_under_the_code_of_its_time(kpr_binary, tmp_path):
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1508", "--from", "2018-06-01", "--to", "2024-03-31", "--scale", "0.5", "--corrected", "0", "--late", "0",
                    "--annulled", "0", "--lost", "0", "--out", tmp_path], check=True, capture_output=True)
    begun, over = {}, 0  # code of each person's service, by its id
    for event in sorted(events_of(tmp_path / "1508.ndjson"), key=lambda event: (event["occurred_on"], "service_started" in event)):
        if fact := event.get("service_started"):
            if fact["service_type"] in (12, 29):
                assert fact["service_type"] == (12 if event["occurred_on"] < "2019-01-01" else 29)
            over += begun.get(fact["service_id"]) == 12 and fact["service_type"] == 29
            begun[fact["service_id"]] = fact["service_type"]
        if fact := event.get("service_ended"):
            assert fact["service_type"] == begun[fact["service_id"]], "ends under the code it began under"
    assert over >= 5


def test_services_go_over_to_the_code_that_follows_a_split(kpr_binary, tmp_path):
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1508", "--from", "2023-06-01", "--to", "2024-03-31", "--corrected", "0",
                    "--annulled", "0", "--lost", "0", "--late", "0", "--renumbered", "0", "--out", tmp_path], check=True, capture_output=True)
    spells = {}  # of a person's service: the days on which it starts and ends, with the municipality
    for event in sorted(events_of(tmp_path / "1508.ndjson"), key=lambda event: (event["occurred_on"], "service_started" in event)):
        for kind in ("service_started", "service_ended"):
            if fact := event.get(kind):
                key = (event["subject"]["person"]["number"], fact["service_id"])
                at = spells.setdefault(key, [])
                if (kind, event["occurred_on"], event["municipality"]) not in at:  # sent twice
                    at.append((kind, event["occurred_on"], event["municipality"]))
    over = [at for at in spells.values() if at[0][1] < "2024-01-01" and at[-1][1] >= "2024-01-01"]
    assert len(over) >= 200
    for at in over:
        assert at[1:3] == [("service_ended", "2023-12-31", "1507"), ("service_started", "2024-01-01", "1508")]
    for at in spells.values():
        assert [kind for kind, _, _ in at] == (["service_started", "service_ended"] * 2)[:len(at)]
        assert all(municipality == ("1507" if day < "2024-01-01" else "1508") for _, day, municipality in at)
        assert at[-1][0] == "service_ended" or at[-1][2] == "1508", "runs under a code that has ended"
