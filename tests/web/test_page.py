"""The web page as a stranger meets it, and nothing hidden in anything that the browser received."""

import csv
import io
import json
import re
import urllib.request

from web.published_site import HERE, run


AGES = {"67", "80", "95"}  # in titles; and the intervals' percentage


def hidden_counts(site):
    """Counts of residents that the last release hides, from the live values that only we may see; large enough to be told
    from other numbers, and none that is shown anywhere."""
    live = {}
    for level in ("municipality", "county", "country"):
        for strata in ((), ("--by-sex",)):
            text = site.server.run("indicators", "get", "nursing_home_residents", "--from", "2022", "--to", "2024", "--level", level,
                                   "--structure-year", "2024", "--csv", *strata).stdout
            for row in csv.DictReader(io.StringIO(text)):
                live[row["area"], row["period"], row["sex"], row["age"]] = int(float(row["value"] or 0))
    shown, hidden = set(), set()
    for table in json.load(urllib.request.urlopen(site.address + "/api/open/v1/kpr/table")):
        residents = "ykehjem" in table["title"]
        strata = "&KJONN=*" if residents else ""
        text = urllib.request.urlopen(f"{site.address}/api/open/v1/kpr/table/{table['tableId']}/data.csv?GEO=*&AAR=*" + strata).read().decode()
        for row in csv.DictReader(io.StringIO(text)):
            shown.add(row["value"])
            if residents and row["MEASURE_TYPE"] == "value" and row["status"] == ":":
                hidden.add(live.get((row["GEO"], row["AAR"], row["KJONN"], "all"), 0))
    return {str(count) for count in hidden if count > 20} - shown - AGES


def test_page(site, tmp_path):
    said = run("node", HERE / "page.mjs", site.address, tmp_path)
    print(said)
    hidden = hidden_counts(site)
    assert len(hidden) > 10, hidden
    received = json.loads((tmp_path / "received.json").read_text())
    assert len(received) > 100
    for answer in received:
        if "/assets/" in answer["url"]:
            continue
        # As a number of its own; codes, times and the places of categories are none.
        body = re.sub(r'"index":\{[^}]*\}|"size":\[[^]]*\]', "", answer["body"])
        numbers = set(re.findall(r'(?<![\w.:"-])\d+(?![\w.:"-])', body))
        assert not numbers & hidden, (answer["url"], numbers & hidden)
