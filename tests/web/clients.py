"""Run in the environment of the foreign clients: clients.py ADDRESS. Fails at the first that does not read all."""

import collections
import io
import sys

import duckdb
import jsonstat_validator
import pandas
import requests
from pxweb import PxApi
from pyjstat import pyjstat

base = sys.argv[1]
api = base + "/api/open/v1"

# The institute's sample: the sources, the tables of one, what to ask for, the data.
sources = requests.get(f"{api}/Common/source").json()
assert [source["id"] for source in sources] == ["kpr"], sources
tables = requests.get(f"{api}/kpr/Table", params={"modifiedAfter": "2020-01-01"}).json()
assert len(tables) == 18, tables
missing = collections.Counter()
for table in tables:
    at = f"{api}/kpr/table/{table['tableId']}"
    query = requests.get(f"{at}/query").json()
    query["dimensions"][0] = {"code": "GEO", "filter": "all", "values": ["46*", "0"]}
    query["dimensions"][1] = {"code": "AAR", "filter": "top", "values": ["2"]}
    answer = requests.post(f"{at}/data", json=query)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert jsonstat_validator.validate_jsonstat(document)
    frame = pyjstat.Dataset.read(answer.text).write("dataframe")
    assert frame["value"].dtype == "float64", frame.dtypes
    assert frame["value"].isna().sum() == sum(value is None for value in document["value"])
    for place, value in enumerate(document["value"]):
        if value is None:
            missing[document["status"][str(place)]] += 1  # each has its reason
    for form in ("csv2", "csv3"):
        query["response"] = {"format": form}
        text = requests.post(f"{at}/data", json=query).text
        frame = pandas.read_csv(io.StringIO(text), sep=";")
        assert frame["value"].dtype == "float64" and len(frame) == len(document["value"])
    text = requests.get(f"{at}/data", params={"GEO": "*", "AAR": "*", "format": "csv"}).text
    frame = pandas.read_csv(io.StringIO(text), dtype={"GEO": str})
    assert frame[frame["value"].isna()]["status"].notna().all()
    with open(sys.argv[2], "w") as file:
        file.write(text)
    rows, empty, unexplained = duckdb.sql(
        f"select count(*), sum((value is null)::int), sum((value is null and status is null)::int) from read_csv('{sys.argv[2]}')"
    ).fetchall()[0]
    assert (rows, empty, unexplained) == (len(frame), frame["value"].isna().sum(), 0)
    assert requests.get(f"{at}/metadata").json()["paragraphs"]
    country = requests.get(f"{at}/dimension").json()["dimensions"][0]["categories"][0]
    assert country["children"] or table["title"] == "Svarprosent, pårørende"  # of the country alone
assert missing[":"] > 50, missing

# The statistics offices' client reads every table.
px = PxApi(base + "/api/pxweb/v2")
listed = px.search()["tables"]
assert len(listed) == 18
for table in listed:
    variables = px.get_table_variables(table["id"])
    rows = px.get_table_data(table["id"], {name: ["*"] for name in variables})
    least = 5 if table["label"].startswith("Svarprosent, pårørende") else 100  # of the country alone
    assert len(rows) == pandas.DataFrame(rows).shape[0] > least, table["label"]
    assert px.get_table_data(table["id"])
assert len(px.get_code_list("vs_counties_2024")["values"]) == 15
print("read by pyjstat, jsonstat-validator, pandas, duckdb and pxwebpy;", dict(missing))
