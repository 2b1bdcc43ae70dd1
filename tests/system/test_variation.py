"""kpr indicators variation against a regression worked out here from what kpr indicators compare and get show."""

import csv
import io
import json

import pytest

from conftest import served_country
from kinds import kind_of, number_of, review_less
from regression import variance_between

PERIOD = "2024"
INDICATOR = "medication_review"
OTHER = "staff_with_health_education"
MUNICIPALITIES = ("1101,1103,1106,1108,1120,1121,1122,1124,1127,1130,1149,1505,1506,1508,1511,1515,1516,1520,1531,1577,1579,1580,1804,1806,1820,"
                  "1824,1833,3101,3103,3105,3107,3110,3112,3114,3116,3118,3120,3122,3124,3201,3203,3205,3207,3209")


@pytest.fixture(scope="module")
def server(kpr_binary, tmp_path_factory):
    with served_country(kpr_binary, tmp_path_factory, "--municipalities", MUNICIPALITIES, "--from", "2024-01-01", "--to", "2024-12-31", "--scale", "0.8", change=review_less) as server:
        yield server


@pytest.fixture(scope="module")
def compared(server):
    shown = json.loads(server.run("indicators", "compare", INDICATOR, "--period", PERIOD, "--structure-year", PERIOD, "--json").stdout)
    return {m["row"]["area"]["code"]: m for m in shown["municipalities"]}


def usable(compared):
    return [code for code, m in sorted(compared.items()) if min(m["expected"], m["row"].get("denominator", 0) - m["expected"]) >= 5]


def ask(server, *options, check=True):
    return server.run("indicators", "variation", INDICATOR, "--period", PERIOD, *options, check=check)


def write(path, rows, heading="municipality,year,number,kind"):
    path.write_text("\n".join([heading, *rows]) + "\n")
    return path


def test_the_shares_are_those_of_a_regression(server, compared, tmp_path):
    codes = usable(compared)
    rows = [f"{code},{2022 if code[:2] in ('03', '11') else 2024},{number_of(code)},{kind_of(code)}" for code in codes]
    rows += [f"{code},2021,99999,z" for code in codes if code[:2] in ("03", "11", "18")] + [f"{code},2025,88888,y" for code in codes]
    others = {row["area"]: 100 * float(row["numerator"]) / float(row["denominator"]) for row in csv.DictReader(io.StringIO(
        server.run("indicators", "get", OTHER, "--from", PERIOD, "--to", PERIOD, "--level", "municipality", "--structure-year", PERIOD, "--csv").stdout)) if row["value"]}
    answer = json.loads(ask(server, "--attributes", write(tmp_path / "a.csv", rows), "--category", "kind", "--with-indicator", OTHER, "--json").stdout)

    kept = [code for code in codes if code in others]
    assert answer["municipalities"] == len(kept) >= 20
    assert (answer["attributes_from"], answer["attributes_to"]) == (2022, 2024)
    assert answer["without_attributes"] == len(codes) - len(kept)
    events = sum(m["observed"] for m in compared.values())
    at_risk = sum(m["row"].get("denominator", 0) for m in compared.values())
    crude, adjusted = [], []
    for code in kept:
        m = compared[code]
        n = m["row"]["denominator"]
        for expected, into in ((n * events / at_risk, crude), (m["expected"], adjusted)):
            into.append(((m["observed"] / expected) ** 0.5, (1 - expected / n) / (4 * expected)))  # a proportion
    weights = [1 / v for _, v in crude]
    sampling = (len(kept) - 1) * sum(weights) / (sum(weights) ** 2 - sum(w * w for w in weights))

    def between(ratios, *columns):
        return variance_between([y for y, _ in ratios], [v for _, v in ratios], columns)

    number = [number_of(code) for code in kept]
    kinds = [[float(kind_of(code) == kind) for code in kept] for kind in "bc"]
    staff = [others[code] for code in kept]
    total = sampling + between(crude)
    assert between(crude) > 0.01, "more than chance"
    left = between(adjusted, number, *kinds, staff)
    assert answer["chance"]["share"] == pytest.approx(sampling / total, abs=1e-9)
    assert answer["age_and_sex"]["share"] == pytest.approx((between(crude) - between(adjusted)) / total, abs=1e-9)
    assert answer["attributes"]["share"] == pytest.approx((between(adjusted) - left) / total, abs=1e-9)
    assert answer["left"]["share"] == pytest.approx(left / total, abs=1e-9)
    of = {a["attribute"]: a for a in answer["by_attribute"]}
    assert list(of) == ["number", "kind", OTHER]
    assert of["kind"]["alone"]["lower"] > 0.1
    assert of["kind"]["alone"]["share"] == pytest.approx((between(adjusted) - between(adjusted, *kinds)) / total, abs=1e-9)
    assert of["number"]["beside_all_others"]["share"] == pytest.approx((between(adjusted, *kinds, staff) - left) / total, abs=1e-9)
    assert len(of["kind"]["ratios"]) == 2 and len(of["number"]["ratios"]) == 1
    for share in (answer["chance"], answer["left"], answer["attributes"]):
        assert share["lower"] <= share["share"] <= share["upper"]


def test_what_is_not_known_is_left_out(server, compared, tmp_path):
    codes = usable(compared)
    rows = [f"{code};2024;{'' if i < 3 else number_of(code)}\r" for i, code in enumerate(codes[:-2])]
    file = write(tmp_path / "a.csv", rows, "\ufeffmunicipality;year;number\r")
    answer = json.loads(ask(server, "--attributes", file, "--json").stdout)
    assert answer["without_attributes"] == 5 and answer["municipalities"] == len(codes) - 5
    alone = json.loads(ask(server, "--json").stdout)
    assert alone["municipalities"] == len(codes) and alone["attributes"]["share"] == 0 and not alone["by_attribute"]
    assert alone["without_value"] + alone["too_few"] == len(compared) - len(codes)


def test_rows_of_earlier_codes(server, compared, tmp_path):
    """Of 2023: where nothing but the code has changed it is followed, else the row is not used."""
    assert "3103" in usable(compared)  # 3002 until 2023, and before 2020 the two that it was made of
    others = [f"{code},2023,{number_of(code)}" for code in usable(compared) if code[:2] in ("03", "11", "15") and code not in ("1508", "1580")]
    rows = ["3002,2023,5", "0104,2019,6", "1507,2023,8", *others]
    answer = json.loads(ask(server, "--attributes", write(tmp_path / "a.csv", rows, "municipality,year,number"), "--json").stdout)
    assert answer["municipalities"] == len(others) + 1, "3103, and those whose code has not changed"
    assert answer["unused_rows"] == 2, "0104 was merged, 1507 split"
    assert answer["attributes_to"] == 2023 and answer["structure_year"] == 2024 and answer["position"]
    assert answer["provisional"], "the newest day of the register is its last one"


GOOD = "1103,2024,1,a"


@pytest.mark.parametrize("heading, rows, options, said", [
    ("area,year,number,kind", [GOOD], (), "a.csv:1: expected a first line 'municipality,year,'"),
    ("municipality,year", ["1103,2024"], (), "a.csv:1: expected a first line"),
    ("municipality,year,a,a", [GOOD], (), "a.csv:1: 'a' is there twice"),
    ("municipality,year," + ",".join(f"a{i}" for i in range(11)), [], (), "a.csv:1: 11 attributes: at most 10"),
    (None, [GOOD, "9999,2024,1,a"], (), "a.csv:3: '9999': expected the number of a municipality of 2024"),
    (None, [GOOD, "1103,24,1,a"], (), "a.csv:3: '24': expected a year"),
    (None, [GOOD, GOOD], (), "a.csv:3: 1103 2024 is there twice"),
    (None, ["1103,2024,1,5,a"], (), "a.csv:2: 5 cells: expected 4"),
    (None, [GOOD], (), "a.csv:2: kind 'a': expected a number, or --category kind"),
    (None, ["1103,2024,nan,a"], ("--category", "kind"), "a.csv:2: number 'nan': expected a number"),
    (None, [GOOD], ("--category", "sort"), "--category sort: "),
    (None, ["1103,2025,1,a"], (), "no municipality up to 2024"),
    (None, ["3001,2023,1,a", "3001,2024,1,a"], (), "a.csv:3: '3001': expected the number of a municipality of 2024"),
    (None, ["1104,2019,1,a"], (), "a.csv:2: '1104': expected the number of a municipality of 2019"),
    (None, [GOOD], ("--category", "kind"), "0 municipalities have a value, enough expected events and every attribute (a category of at least 3): 12 or more are needed"),
    (None, [GOOD], ("--category", "kind", "--with-indicator", INDICATOR), "is the one that is asked about"),
    ("municipality,year,number,size group", [GOOD], ("--category", "size group", "--size-group"), "size group: two attributes have this name"),
])
def test_what_is_wrong_with_a_file_is_named(server, tmp_path, heading, rows, options, said):
    file = write(tmp_path / "a.csv", rows, heading or "municipality,year,number,kind")
    answer = ask(server, "--attributes", file, *options, check=False)
    assert answer.returncode != 0 and said in answer.stderr and not answer.stdout


def test_what_is_wrong_with_a_question_is_named(server, compared, tmp_path):
    codes = usable(compared)
    twice = write(tmp_path / "a.csv", [f"{code},2024,{i},{2 * i + 1}" for i, code in enumerate(codes)])
    few = write(tmp_path / "b.csv", [f"{code},2024,{i},{i * i}" for i, code in enumerate(codes[:8])])
    many = write(tmp_path / "c.csv", [f"{code},2024,{i},{i}" for i, code in enumerate(codes)])
    same = write(tmp_path / "e.csv", [f"{code},2024,{i},5" for i, code in enumerate(codes)])
    latin = tmp_path / "d.csv"
    latin.write_bytes("municipality,year,område\n".encode("latin-1"))
    for options, said in [
        (("--attributes", twice), "kind: tells nothing that the attributes before it do not tell"),
        (("--attributes", few), "8 municipalities have a value, enough expected events and every attribute (a category of at least 3): 12 or more are needed"),
        (("--attributes", many, "--category", "kind"), "0 municipalities have a value"),
        (("--attributes", same), f"kind: the same in all {len(codes)} municipalities"),
        (("--attributes", latin), "d.csv: expected UTF-8"),
        (("--attributes", "/dev/zero"), "/dev/zero: more than"),
        (("--attributes", tmp_path / "none.csv"), "none.csv: cannot be read"),
        (("--category", "kind"), "--category: expected --attributes as well"),
        (("--with-indicator", "nothing"), "no indicator 'nothing'"),
    ]:
        answer = ask(server, *options, check=False)
        assert answer.returncode != 0 and said in answer.stderr and not answer.stdout
    answer = server.run("indicators", "variation", INDICATOR, "--period", "24", check=False)
    assert answer.returncode != 0 and "--period 24: expected 2024" in answer.stderr
    answer = server.run("indicators", "variation", "granted_hours_per_week", "--period", PERIOD, check=False)
    assert answer.returncode != 0 and "only a PROPORTION or RATE can be compared" in answer.stderr


def test_the_table_fits_and_warns(server, compared, tmp_path):
    file = write(tmp_path / "a.csv", [f"{code},2024,{number_of(code)},{kind_of(code)}" for code in usable(compared)])
    options = ("--attributes", file, "--category", "kind", "--size-group")
    shown = ask(server, *options).stdout
    assert "not thereby its effect" in shown and max(len(line) for line in shown.splitlines()) <= 120
    rows = list(csv.DictReader(io.StringIO(ask(server, *options, "--csv").stdout)))
    shares = [float(row["estimate"]) for row in rows if row["figure"] == "share"]
    assert len(shares) == 4 and sum(shares) == pytest.approx(100, abs=0.3)
    assert shown == ask(server, *options).stdout, "the same intervals each time"
