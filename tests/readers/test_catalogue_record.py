"""The catalogue record as a reader of RDF has it: what HealthDCAT-AP requires of data that are not public is there, as often as it may be."""

import json
import os
import pathlib
import subprocess
import urllib.request

from conftest import Server, free_port

HERE = pathlib.Path(__file__).parent
TOOLS = pathlib.Path(os.environ["KPR_READERS"])
# The profile's release 5: at least one of each, and of the second at most one.
REQUIRED = {"dct:accessRights", "dcatap:applicableLegislation", "dcat:distribution", "dct:identifier", "dcat:theme", "healthdcatap:hdab", "healthdcatap:healthCategory",
            "dcat:contactPoint", "dcat:keyword", "dct:type", "dct:provenance", "dct:title", "dct:description", "dct:publisher"}
ONCE = {"dct:accessRights", "dct:publisher", "healthdcatap:hdab", "healthdcatap:minTypicalAge", "healthdcatap:maxTypicalAge", "healthdcatap:numberOfUniqueIndividuals"}


def test_the_record_is_whole(kpr_binary, tmp_path):
    port = free_port()
    holder = {"address": "https://statistikk.example.no", "publisher": "Helsedirektoratet", "publisher_email": "post@example.no", "access_body": "Helsedataservice",
              "access_body_email": "data@example.no", "health_category": "http://example.org/category"}
    server = Server(kpr_binary, tmp_path, {"http": {"listen": f"127.0.0.1:{port}"}, "catalogue": holder}).start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/open/v1/kpr/catalogue", timeout=30) as answer:
            assert answer.headers["Content-Type"] == "application/ld+json"
            (tmp_path / "record.jsonld").write_bytes(answer.read())
    finally:
        server.stop()
    done = subprocess.run([TOOLS / "venv/bin/python", HERE / "read.py", "catalogue", tmp_path / "record.jsonld"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    register, = json.loads(done.stdout)
    assert register["access"] == "NON_PUBLIC" and register["title"] == ["Kommunalt pasient- og brukerregister", "Register of municipal care services"]
    assert REQUIRED <= set(register["told"]) and all(register["told"].get(name, 1) == 1 for name in ONCE)
    for agent in register["dct:publisher"] + register["healthdcatap:hdab"]:
        assert agent["dcat:contactPoint"] == 1 and agent["foaf:name"] == 1
    assert all(contact["vcard:hasEmail"] == 1 for contact in register["dcat:contactPoint"])
    assert all({"dcat:accessURL", "dcatap:applicableLegislation"} <= set(file) for file in register["dcat:distribution"])
