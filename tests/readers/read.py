"""Opens what an extract has with readers from PyPI, and prints it as JSON: read.py tables FOLDER TABLE, read.py package FOLDER, read.py age KEYFILE FILE, read.py catalogue FILE."""

import json
import os
import sys


def cells(frame):
    """Rows as text: numbers without a decimal that is zero, nothing where a value is missing."""
    def text(value):
        if value is None or value != value:
            return ""
        return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)

    return [[text(value) for value in row] for row in frame]


def tables(folder, name):
    import duckdb
    import pandas
    import polars
    import pyreadstat
    path = f"{folder}/{name}"
    sav, sav_meta = pyreadstat.read_sav(path + ".sav")
    dta, dta_meta = pyreadstat.read_dta(path + ".dta")
    stata = pandas.read_stata(path + ".dta", convert_categoricals=False)
    rows = {
        "pandas csv": pandas.read_csv(path + ".csv.gz", dtype=str, keep_default_na=False).values.tolist(),
        "pandas parquet": pandas.read_parquet(path + ".parquet").astype(object).values.tolist(),
        "polars": polars.read_parquet(path + ".parquet").rows(),
        "duckdb": duckdb.sql(f"select * from '{path}.parquet'").fetchall(),
        "pyreadstat sav": sav.astype(object).values.tolist(), "pyreadstat dta": dta.astype(object).values.tolist(),
        "pandas stata": [[value.date() if hasattr(value, "date") and value == value else value for value in row] for row in stata.astype(object).values.tolist()],
    }
    return {"rows": {reader: cells(found) for reader, found in rows.items()},
            "labels": {"sav": {column: {str(int(code)): label for code, label in labels.items()} for column, labels in sav_meta.variable_value_labels.items()},
                       "dta": {column: {str(int(code)): label for code, label in labels.items()} for column, labels in dta_meta.variable_value_labels.items()}},
            "meanings": [sav_meta.column_names_to_labels, dta_meta.column_names_to_labels]}


def package(folder):
    import frictionless
    import rocrate.rocrate
    os.chdir(folder)
    report = frictionless.validate("datapackage.json")
    crate = rocrate.rocrate.ROCrate(".")
    return {"valid": report.valid, "tasks": len(report.tasks), "errors": [str(error) for task in report.tasks for error in task.errors],
            "crate": sorted(entity.id for entity in crate.get_entities() if entity.type == "File")}


def age(key_file, file):
    import pyrage
    key = next(line for line in open(key_file) if line.startswith("AGE-SECRET-KEY-")).strip()
    return pyrage.decrypt(open(file, "rb").read(), [pyrage.x25519.Identity.from_str(key)]).hex()


def catalogue(file):
    """Of each dataset, by its access rights: how many values each property has, and of what its agents and files have."""
    import rdflib
    graph = rdflib.Graph().parse(file, format="json-ld")
    dcat, dct = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.Namespace("http://purl.org/dc/terms/")

    def told(node):
        return {graph.namespace_manager.curie(name): len(list(graph.objects(node, name))) for name in set(graph.predicates(node))}

    def below(node, name):
        return [told(value) for value in graph.objects(node, graph.namespace_manager.expand_curie(name))]

    return [{"access": str(graph.value(one, dct.accessRights)).rsplit("/", 1)[1], "title": sorted(map(str, graph.objects(one, dct.title))), "told": told(one),
             **{name: below(one, name) for name in ("dct:publisher", "healthdcatap:hdab", "dcat:distribution", "dcat:contactPoint")}}
            for one in graph.subjects(rdflib.RDF.type, dcat.Dataset)]


print(json.dumps({"catalogue": catalogue, "tables": tables, "package": package, "age": age}[sys.argv[1]](*sys.argv[2:]), default=str))
