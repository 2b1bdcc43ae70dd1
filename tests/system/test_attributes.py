"""What the register holds on municipalities: read whole or not at all, and what figures are compared by with it."""

import csv
import io
import json
import signal
import subprocess

import pytest

from conftest import served_country, wait_until
from kinds import kind_of, number_of, review_less
from regression import coefficients, variance_between

PERIOD, INDICATOR = "2024", "medication_review"
MUNICIPALITIES = ("1514,1101,1103,1106,1108,1120,1121,1122,1124,1127,1130,1149,1505,1506,1508,1511,1515,1516,1520,1531,1577,1579,1580,1804,1806,1820,"
                  "1824,1833,3101,3103,3105,3107,3110,3112,3114,3116")
GROUPS = "group,municipality,valid_from,valid_to,name\n"
KINDS = "attribute,kind,source,name\nkind,category,Project,Kind\nnumber,number,Project,Number\n"


def feed(known):
    return "municipality,year,kind,number\n" + "".join(f"{code},2023,{kind_of(code)},{number_of(code)}\n" for code in known)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attributes")
    # A row of 1507 is used by nobody: two municipalities followed it. 3101 and 3103 are 3001 and 3002 in 2023; of 1103 nothing is known.
    known = [c for c in MUNICIPALITIES.split(",") if c != "1103" and not c.startswith("31") and c not in ("1508", "1580")]
    (folder / "attributes.csv").write_text(KINDS)
    (folder / "feed.csv").write_text(feed(known) + f"1507,2023,a,1\n3001,2023,{kind_of('3101')},{number_of('3101')}\n"
                                     + "".join(f"{c},2024,{kind_of(c)},{number_of(c)}\n" for c in ("1508", "1580", "3103", "3105", "3107", "3110", "3112", "3114", "3116")))
    (folder / "groups.csv").write_text(GROUPS + "trial,1103,2022-01-01,,Trial\ntrial,3001,2023-01-01,,Trial\ntrial,1514,2023-01-01,2024-01-01,Trial\n")
    return folder


@pytest.fixture(scope="module")
def server(kpr_binary, tmp_path_factory, folder):
    with served_country(kpr_binary, tmp_path_factory, "--municipalities", MUNICIPALITIES, "--from", "2023-01-01", "--to", "2024-12-31", "--scale", "0.4",
                        change=review_less, config={"registry": {"attributes": str(folder)}}) as server:
        yield server


def compare(server, *options):
    answer = json.loads(server.run("indicators", "compare", INDICATOR, "--period", PERIOD, *options, "--json").stdout)
    return answer, {m["row"]["area"]["code"]: m for m in answer["municipalities"] if m["row"]["area"]["code"] in MUNICIPALITIES}


def test_what_is_expected_goes_with_the_attributes(server):
    _, plain = compare(server)
    answer, adjusted = compare(server, "--adjust-by", "kind", "number")
    assert answer["attributes"] and answer["adjust_by"] == ["kind", "number"]
    others = {m["outlier_status"] for m in answer["municipalities"] if m["row"]["area"]["code"] not in MUNICIPALITIES}
    assert others == {"OUTLIER_STATUS_TOO_FEW"}, "they have sent nothing"
    known = [code for code in adjusted if code != "1103"]
    at_risk = {code: plain[code]["row"].get("denominator", 0) for code in plain}
    fitted = [c for c in known if min(plain[c]["expected"], at_risk[c] - plain[c]["expected"]) >= 5]
    assert len(fitted) >= 15
    values, variances = [], []
    for code in fitted:
        expected = plain[code]["expected"]
        values.append((plain[code]["observed"] / expected) ** 0.5)
        variances.append((1 - expected / at_risk[code]) / (4 * expected))  # a proportion

    def columns(codes):
        return [[float(kind_of(c) == k) for c in codes] for k in "bc"] + [[number_of(c) for c in codes]]

    between = variance_between(values, variances, columns(fitted))
    b = coefficients(values, variances, columns(fitted), between)
    root = {c: b[0] + sum(p * x for p, x in zip(b[1:], row)) for c, row in zip(known, zip(*columns(known)))}
    expected = {c: plain[c]["expected"] * root[c] ** 2 for c in known}
    level = sum(plain[c]["observed"] for c in fitted) / sum(expected[c] for c in fitted)
    for code in known:
        adjusted_to = level * expected[code]
        if code not in fitted or min(adjusted_to, at_risk[code] - adjusted_to) < 5:
            assert adjusted[code]["outlier_status"] == "OUTLIER_STATUS_TOO_FEW" and not adjusted[code].get("expected"), "a line through the large ones says nothing of it"
            continue
        assert adjusted[code]["observed"] == plain[code]["observed"]
        assert adjusted[code]["expected"] == pytest.approx(adjusted_to, rel=1e-6)
    assert adjusted["1103"]["outlier_status"] == "OUTLIER_STATUS_ATTRIBUTE_UNKNOWN" and not adjusted["1103"].get("expected")

    def stand_out(of):
        return [c for c in known if of[c]["outlier_status"].endswith("LOW")]
    assert answer["dispersion"] < 0.5 * compare(server)[0]["dispersion"], "most of the variation goes with the kind"
    assert len(stand_out(adjusted)) <= len(stand_out(plain))


def test_municipalities_stand_beside_their_category(server):
    answer, grouped = compare(server, "--group-by", "kind")
    assert answer["attributes"]
    for kind in "abc":
        members = [m for code, m in grouped.items() if kind_of(code) == kind and code != "1103" and m["row"].get("denominator")]
        value = 100 * sum(m["row"]["numerator"] for m in members) / sum(m["row"]["denominator"] for m in members)
        assert len(members) >= 3
        for member in members:
            assert member["group"] == kind and member["group_value"] == pytest.approx(value, rel=1e-9)
    assert grouped["1103"]["group"] == "unknown" and "group_value" not in grouped["1103"]
    plain = compare(server)[0]
    assert not plain["attributes"] and {m["group"] for m in plain["municipalities"]} != set("abc"), "size groups"


def test_a_group_of_two_has_no_value(server, folder):
    with changed(server, folder, "feed.csv", lambda text: text.replace("1101,2023,a", "1101,2023,x").replace("1106,2023,c", "1106,2023,x")):
        grouped = compare(server, "--group-by", "kind")[1]
        assert grouped["1101"]["group"] == "x" and "group_value" not in grouped["1101"], "each would have the other's"
        status = compare(server, "--adjust-by", "kind")[1]["1101"]["outlier_status"]
        assert status == "OUTLIER_STATUS_ATTRIBUTE_UNKNOWN", "of two the category is their ratio"


def test_a_category_of_small_municipalities_spoils_nothing(server, folder):
    plain, adjusted = compare(server)[1], compare(server, "--adjust-by", "kind", "number")[1]
    small = next(c for c, m in plain.items() if m["outlier_status"].endswith("TOO_FEW") and c in MUNICIPALITIES and not c.startswith("31") and c not in ("1103", "1508", "1580"))
    with changed(server, folder, "feed.csv", lambda text: text.replace(f"{small},2023,{kind_of(small)}", f"{small},2023,small")):
        again = compare(server, "--adjust-by", "kind", "number")[1]
        assert {c: m.get("expected") for c, m in again.items()} == {c: m.get("expected") for c, m in adjusted.items()}
        assert again[small]["outlier_status"] == "OUTLIER_STATUS_ATTRIBUTE_UNKNOWN" and adjusted[small]["outlier_status"] == "OUTLIER_STATUS_TOO_FEW"


def test_the_variation_report_takes_what_is_held(server, folder):
    held = json.loads(server.run("indicators", "variation", INDICATOR, "--period", PERIOD, "--with-attribute", "kind", "number", "--json").stdout)
    assert held.pop("register_attributes") == shown(server)["version"]
    file = json.loads(server.run("indicators", "variation", INDICATOR, "--period", PERIOD, "--attributes", folder / "feed.csv", "--category", "kind", "--json").stdout)
    assert not file.pop("register_attributes")
    assert held["unused_rows"] == 1, "once, not for each attribute"
    assert held == file and held["attributes"]["share"] > 0.3 and held["attributes_from"] == 2023 and held["without_attributes"] >= 1


def test_a_group_that_is_held_is_followed(server, tmp_path):
    options = ("indicators", "difference", INDICATOR, "--from", "2023-T1", "--begins", "2023-T3", "--to", "2024-T3", "--json")
    held = json.loads(server.run(*options, "--group", "trial").stdout)
    members = tmp_path / "members.txt"
    members.write_text("1514\n1103\n3101\n")  # 3001 is 3101; 1514 was in it when it began
    of_file = json.loads(server.run(*options, "--members", members).stdout)
    assert held["register_group"] == "trial" and held["register_attributes"] == shown(server)["version"] and not of_file["register_group"]
    for answer in (held, of_file):
        del answer["register_group"], answer["register_attributes"]
    assert held == of_file and held["group"] == 3
    for more, said in [((), "expected --members or --group"), (("--group", "trial", "--members", members), "expected --members or --group"),
                       (("--group", "others"), "--group others: the register holds trial")]:
        answer = server.run(*options, *more, check=False)
        assert answer.returncode != 0 and said in answer.stderr


def shown(server, *options):
    return json.loads(server.run("indicators", "attributes", "--year", PERIOD, *options, "--json").stdout)


class changed:
    """While it lasts a file of the folder is another, and the server has read it or has said why not."""

    def __init__(self, server, folder, name, change, good=True):
        self.server, self.file, self.good = server, folder / name, good
        self.text = self.file.read_text()
        self.new = change(self.text)

    def reload(self, text, said):
        before = self.server.log.read_text().count(said)
        self.file.write_text(text)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.server.log.read_text().count(said) > before, said)

    def __enter__(self):
        assert self.new != self.text
        self.reload(self.new, "attributes reloaded" if self.good else "attributes not reloaded")
        return self

    def __exit__(self, *_):
        self.reload(self.text, "attributes reloaded")


def test_it_is_read_again_whole_or_not_at_all(server, folder):
    before = shown(server)
    with changed(server, folder, "feed.csv", lambda text: text + "1514,2024,b,x\n", good=False):
        assert shown(server) == before
        line = [line for line in server.log.read_text().splitlines() if "attributes not reloaded" in line][-1]
        assert "feed.csv:" in line and "number 'x': expected a number" in line
    with changed(server, folder, "feed.csv", lambda text: text + "1514,2024,b,99\n"):
        after = shown(server)
        assert after["version"] != before["version"]
        of = {v["municipality"]: (v["year"], v["value"]) for a in after["attributes"] if a["id"] == "number" for v in a["values"]}
        assert of["1514"] == (2024, "99") and "1103" not in of and of["3101"] == (2023, str(number_of("3101")))
        assert {v["municipality"]: v["value"] for v in shown(server, "--attribute", "number")["attributes"][0]["values"]} == {c: v for c, (_, v) in of.items()}
    assert shown(server) == before


def test_what_is_held_is_shown(server):
    table = server.run("indicators", "attributes", "--year", PERIOD).stdout
    assert max(map(len, table.splitlines())) <= 120
    assert "trial: Trial, 2 members" in table and "1103 3101" in table
    rows = list(csv.DictReader(io.StringIO(server.run("indicators", "attributes", "--year", PERIOD, "--attribute", "kind", "--csv").stdout)))
    assert {row["municipality"]: row["value"] for row in rows}["3101"] == kind_of("3101")
    assert shown(server, "--groups-on", "2023-06-01")["groups"][0]["municipalities"] == ["1103", "1514", "3101"]


@pytest.mark.parametrize("question, said", [
    (("compare", INDICATOR, "--period", PERIOD, "--adjust-by", "income"), "adjust_by: no attribute 'income': the register holds kind, number"),
    (("compare", INDICATOR, "--period", PERIOD, "--adjust-by", "kind", "kind"), "adjust_by: 'kind' is there twice"),
    (("compare", INDICATOR, "--period", PERIOD, "--adjust-by", *["kind"] * 11), "adjust_by: 11 attributes: at most 10"),
    (("compare", INDICATOR, "--period", "2022", "--adjust-by", "kind"), "are needed"),
    (("compare", INDICATOR, "--period", PERIOD, "--group-by", "number"), "group_by: number is a number: expected a category"),
    (("compare", INDICATOR, "--period", PERIOD, "--group-by", "income"), "group_by: no attribute 'income'"),
    (("variation", INDICATOR, "--period", PERIOD, "--with-attribute", "income"), "attributes: no attribute 'income'"),
    (("compare", INDICATOR, "--period", PERIOD, "--adjust-by", ""), "adjust_by: no attribute ''"),
    (("attributes", "--year", "24"), "year: 24: expected 1900 to 2040"),
    (("attributes", "--year", "2024", "--structure-year", "1999"), "structure_year: 1999: expected 2012 to 2040"),
    (("attributes", "--year", "2024", "--groups-on", "June"), "groups_on: 'June': expected YYYY-MM-DD"),
])
def test_what_is_wrong_with_a_question_is_named(server, question, said):
    answer = server.run("indicators", *question, check=False)
    assert answer.returncode != 0 and said in answer.stderr and not answer.stdout


def test_a_folder_is_checked_before_it_is_used(kpr_binary, new_server, folder, tmp_path):
    server = new_server()
    answer = server.run("indicators", "compare", INDICATOR, "--period", PERIOD, "--adjust-by", "kind", check=False)
    assert answer.returncode != 0 and "registry.attributes" in answer.stderr, "none is held"
    (tmp_path / "attributes.csv").write_text(KINDS)
    large = tmp_path / "large"
    large.mkdir()
    with open(large / "feed.csv", "wb") as file:
        file.truncate((16 << 20) + 1)
    for path, code, said in [(folder, 0, "whole, version"), (large, 1, "feed.csv: more than 16777216 bytes"), (tmp_path, 1, "attributes.csv: no file has the column 'kind'"),
                             (tmp_path / "none", 1, "none: No such file or directory")]:
        answer = subprocess.run([kpr_binary, "attributes", "check", path], capture_output=True, text=True)
        assert (answer.returncode != 0) == (code != 0) and said in answer.stdout + answer.stderr
