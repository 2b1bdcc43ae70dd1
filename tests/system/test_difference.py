"""kpr indicators difference against means worked out here from what kpr indicators get shows."""

import csv
import io
import json
import statistics

import pytest

from conftest import served_country

FROM, BEGINS, TO = "2021", "2023", "2024"
INDICATOR = "medication_review"


@pytest.fixture(scope="module")
def server(kpr_binary, tmp_path_factory):
    with served_country(kpr_binary, tmp_path_factory, "--municipalities", "1103,1106,1108,1111,1112,1114,5001,5006,5007,5014",
                        "--from", "2021-01-01", "--to", "2024-12-31", "--scale", "0.05") as server:
        yield server


@pytest.fixture(scope="module")
def values(server):
    """By municipality: value and denominator of each year."""
    shown = server.run("indicators", "get", INDICATOR, "--from", FROM, "--to", TO, "--level", "municipality", "--structure-year", "2024", "--csv")
    values = {}
    for row in csv.DictReader(io.StringIO(shown.stdout)):
        if row["value"] and row["area"] != "0000":
            values.setdefault(row["area"], {})[row["period"]] = (100 * int(row["numerator"]) / int(row["denominator"]), float(row["denominator"]))
    return values


def ask(server, tmp_path, members, *options, begins=BEGINS, check=True):
    file = tmp_path / "members.txt"
    file.write_text(members)
    return server.run("indicators", "difference", INDICATOR, "--members", file, "--from", FROM, "--begins", begins, "--to", TO, *options, check=check)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_effect_is_the_difference_of_the_groups_changes(server, values, tmp_path, weighted):
    members = ["1103", "5001", "5007"]
    answer = json.loads(ask(server, tmp_path, "# the trial\n1103\n 5001 # from the start\n\n5007\n", "--json", *(["--weighted"] if weighted else [])).stdout)
    whole = {area: years for area, years in values.items() if len(years) == 4}
    assert answer["group"] == 3 and answer["others"] == len(whole) - 3 >= 2
    assert answer["incomplete_group"] == 0

    def mean(areas, of):
        weights = [whole[area]["2022"][1] if weighted else 1 for area in areas]
        return statistics.fmean([of(whole[area]) for area in areas], weights)

    def change(years):
        return (years["2023"][0] + years["2024"][0]) / 2 - (years["2021"][0] + years["2022"][0]) / 2

    others = whole.keys() - set(members)
    assert answer["effect"]["estimate"] == pytest.approx(mean(members, change) - mean(others, change), abs=1e-9)
    assert answer["effect"]["lower"] < answer["effect"]["estimate"] < answer["effect"]["upper"]
    for point in answer["trend"]:
        def level(years):
            return years[point["period"]][0]
        assert point["group"] == pytest.approx(mean(members, level), abs=1e-9)
        assert point["others"] == pytest.approx(mean(others, level), abs=1e-9)
    assert answer["trend"][1]["difference"]["estimate"] == 0, "the last year before"


@pytest.mark.parametrize("members, begins, options, said", [
    ("1103\n99\n", BEGINS, (), "members.txt:2: '99': expected the number of a municipality of 2024, alone on its line"),
    ("1103 5001\n", BEGINS, (), "members.txt:1: '1103 5001'"),
    ("11 03\n", BEGINS, (), "members.txt:1: '11 03'"),
    ("# nobody\n", BEGINS, (), "no municipality"),
    ("1103\n5001\n", FROM, (), "--begins 2021: expected a period after the first, 2021"),
    ("1103\n5001\n", "2023-T1", (), "--begins 2023-T1: expected a period after"),
    ("1103\n", BEGINS, (), "two of each are needed"),
])
def test_what_is_wrong_is_named(server, tmp_path, members, begins, options, said):
    answer = ask(server, tmp_path, members, *options, begins=begins, check=False)
    assert answer.returncode != 0 and said in answer.stderr and not answer.stdout


def test_the_table_fits_and_warns(server, tmp_path):
    shown = ask(server, tmp_path, "1103\n5001\n").stdout
    assert "not its cause" in shown and max(len(line) for line in shown.splitlines()) <= 120
    assert [line.split()[0] for line in shown.splitlines()[-4:]] == ["2021", "2022", "2023", "2024"]
