"""The door of roles behind nginx as deploy/nginx/roles.conf has it: the gRPC methods for clients of the Connect protocol, and
the page on which municipalities sign off."""

import json
import re
import socket
import subprocess

import grpc
import pytest
from google.protobuf import json_format

from authority import Authority
from conftest import ROOT, RolesFront, SecureServer, free_port, reported_providers, wait_until
from web.published_site import HERE, run

PLAN = """
id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "public_health_institute"
sign_off { required: true deadline: "2999-12-31" silent: UNAPPROVED_PUBLISH objected: UNAPPROVED_EXCLUDE }
tables { indicator: "nursing_home_residents" periods: "2023" }
tables { indicator: "medication_review" periods: "2023" }
"""
POLICY = '''
[[principal]]
name = "urn:kpr:sender"
roles = ["sender"]
municipalities = ["1103", "5001"]
person_authority = true
providers = {providers}
[[principal]]
name = "urn:kpr:stavanger"
roles = ["municipal_reader"]
municipalities = ["1103"]
[[principal]]
name = "urn:kpr:national"
roles = ["national_reader"]
[[principal]]
name = "urn:kpr:operator"
roles = ["operator"]
[[principal]]
name = "urn:kpr:publisher"
roles = ["publisher"]
'''
NAMES = ["sender", "stavanger", "national", "operator", "publisher", "stranger"]


class Door(RolesFront):
    def __init__(self, secure, folder):
        super().__init__(folder, folder, folder / "roles.sock")
        self.secure, self.server, self.socket = secure, secure.server, folder / "roles.sock"

    def call(self, name, method, request=None, **options):
        status, _, body = self.post(name, f"/kpr.v1.{method}", json.dumps(request or {}).encode(), **options)
        return status, json.loads(body)


@pytest.fixture(scope="module")
def door(kpr_binary, simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    certificates = {"": folder, **{name: authority.sign(name, [f"URI:urn:kpr:{name}"]) for name in NAMES}}
    public = free_port()
    secure = SecureServer(kpr_binary, folder, POLICY.format(providers=reported_providers(simulated / "1103.ndjson")), certificates, {
        "server": {"front_socket": str(folder / "front.sock")},
        "http": {"listen": f"127.0.0.1:{public}", "roles": f"unix:{folder / 'roles.sock'}"}})
    secure.push("sender", simulated / "1103.ndjson")
    wait_until(lambda: secure.ask("operator", "status", "--csv").count(",0,") >= 3, "all events are applied")
    (folder / "care.textproto").write_text(PLAN)
    secure.ask("publisher", "release", "draft", folder / "care.textproto")
    made = Door(secure, folder)
    made.public = public
    yield made
    made.stop()
    secure.server.stop()


def test_a_foreign_client_gets_what_grpc_gives(door, stubs, tmp_path):
    descriptors = tmp_path / "kpr.descriptors"
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", "--include_imports", f"--descriptor_set_out={descriptors}",
                    *sorted((ROOT / "proto").rglob("*.proto"))], check=True)
    answers = json.loads(run("node", HERE / "connect.mjs", f"https://{door.address}", descriptors, door.keys / "ca.crt",
                             door.keys / "stavanger.crt", door.keys / "stavanger.key"))
    with door.secure.channel("stavanger") as channel:
        indicators = stubs.indicator_pb2_grpc.IndicatorsStub(channel)
        values = indicators.GetIndicatorValues(stubs.indicator_pb2.GetIndicatorValuesRequest(
            indicator="nursing_home_residents", from_period="2023", to_period="2024",
            level=stubs.indicator_pb2.LEVEL_MUNICIPALITY, areas=["1103"]))
        with pytest.raises(grpc.RpcError) as refused:
            indicators.ExplainIndicatorValue(stubs.indicator_pb2.ExplainIndicatorValueRequest(
                indicator="nursing_home_residents", period="2023", area="1103"))
    assert len(values.rows) == 2 and values.rows[0].estimates
    for answer in answers.values():
        assert json_format.ParseDict(answer["values"], stubs.indicator_pb2.IndicatorTable()) == values
        assert answer["caller"] == {"principal": "urn:kpr:stavanger", "roles": ["CALLER_ROLE_MUNICIPAL_READER"]}
        assert answer["others"]["code"] == "PermissionDenied" and answer["others"]["message"] == refused.value.details()
        assert answer["invalid"]["code"] in ("NotFound", "InvalidArgument")
        assert "google.rpc.ErrorInfo" in answer["invalid"]["details"]


def test_a_municipality_sees_and_signs_its_own_alone(door):
    status, answer = door.call("stavanger", "Publications/ListDrafts")
    assert status == 200
    assert [one["code"] for draft in answer["drafts"] for one in draft["municipalities"]] == ["1103"]
    status, answer = door.call("publisher", "Publications/ListDrafts")
    assert len(answer["drafts"][0]["municipalities"]) == 357
    own = {"series": "care", "municipality": "1103", "answer": "ANSWER_APPROVED"}
    assert door.call("stavanger", "Publications/SignOffDraft", {**own, "municipality": "5001"})[0] == 403
    assert door.call("publisher", "Publications/SignOffDraft", own)[0] == 403
    status, answer = door.call("stavanger", "Publications/SignOffDraft", own)
    assert (status, answer["principal"]) == (200, "urn:kpr:stavanger")


def raw(door, text):
    """What the socket behind nginx answers to these bytes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(door.socket))
        connection.sendall(text)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_nobody_is_let_in_by_a_header_of_their_own(door):
    operator = "kpr.v1.Operations/GetStatus"
    forged = (door.keys / "operator.crt").read_text().replace("\n", "%0A").replace(" ", "%20")
    assert door.post("operator", f"/{operator}")[0] == 200
    status, _, body = door.post("stavanger", f"/{operator}", headers={"Kpr-Client-Certificate": forged})
    assert status == 403 and b"operator" in body
    request = "POST /" + operator + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    for headers in ("", "Kpr-Client-Certificate: x\r\n", f"Kpr-Client-Certificate: {forged}\r\n" * 2,
                    "Kpr-Client-Certificate: a\x01b\r\n"):
        assert raw(door, (request + headers + "\r\n{}").encode()).split(b" ", 2)[1] in (b"403", b"400"), headers
    assert raw(door, (request + f"Kpr-Client-Certificate: {forged}\r\n\r\n{{}}").encode()).startswith(b"HTTP/1.1 200")


def test_what_is_no_call_is_told_so(door):
    method = "/kpr.v1.Indicators/ListIndicators"
    for arguments, expected in [
            (dict(method="GET"), 405), (dict(content_type="text/plain"), 415), (dict(body=b"{"), 400), (dict(body=b"[" * 100_000), 400),
            (dict(body=b'{"a":' * 50_000), 400), (dict(body=b'{"page_size": "many"}'), 400), (dict(body=b'{"nothing": 1}'), 400),
            (dict(body=b"\xff", content_type="application/proto"), 400), (dict(body=b"x" * 300_000), 413),
            (dict(headers={"Sec-Fetch-Site": "cross-site"}), 403)]:
        status, headers, body = door.post("national", method, **arguments)
        assert status == expected, (arguments.get("body", b"")[:20], status, body[:200])
        if expected != 413:
            assert json.loads(body)["code"] and json.loads(body)["message"] and headers["Cache-Control"] == "no-store"
    assert b"nothing" in door.post("national", method, b'{"nothing": 1}')[2]
    assert door.post("national", "/kpr.v1.Indicators/Nothing")[0] == 404
    assert door.post("national", "/kpr.v1.Indicators/WatchIndicatorValues")[0] == 501
    assert door.call("stranger", "Access/GetCaller")[0] == 403


def test_the_public_door_has_nothing_of_it(door):
    certificate = (door.keys / "national.crt").read_text().replace("\n", "%0A").replace(" ", "%20")
    for path, options in [("/kpr.v1.Indicators/ListIndicators", ["-X", "POST", "-d", "{}", "-H", "Content-Type: application/json"]),
                          ("/kpr.v1.Access/GetCaller", []), ("/roles", [])]:
        code = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Kpr-Client-Certificate: {certificate}", *options,
                               f"http://127.0.0.1:{door.public}{path}"], capture_output=True, text=True, timeout=60).stdout
        assert code == "404", (path, code)


def test_a_trial_server_answers_to_this_machine_alone(new_server, unused_port):
    new_server({"http": {"roles": f"127.0.0.1:{unused_port}"}})
    def status(*options):
        return subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-d", "{}", "-H", "Content-Type: application/json", *options,
                               f"http://127.0.0.1:{unused_port}/kpr.v1.Access/GetCaller"], capture_output=True, text=True, timeout=60).stdout
    assert status() == "200"
    assert status("-H", "Host: localhost:8080") == "200"
    # A name of its own that a page from elsewhere has pointed at this machine.
    assert status("-H", "Host: attacker.example") == "403"
    assert status("-H", "Host: 127.0.0.1.attacker.example:80") == "403"


def test_the_configuration_names_what_is_missing(kpr_binary, tmp_path):
    for text, said in [('[server]\nplaintext_loopback = true\n[http]\nroles = "0.0.0.0:8080"\n', "loopback only"),
                       ('[http]\nroles = "127.0.0.1:8080"\n', "expected unix:PATH"),
                       ('[http]\nroles = "unix:/tmp/x"\n', "server.front_socket is missing")]:
        config = tmp_path / "kpr.toml"
        config.write_text(text)
        done = subprocess.run([kpr_binary, "serve", "--config", config], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and re.search(said, done.stderr), done.stderr


def test_page_of_roles(door, tmp_path):
    print(run("node", HERE / "roles_page.mjs", f"https://{door.address}", door.keys, tmp_path))
    status, answer = door.call("stavanger", "Publications/ListDrafts")
    signed = answer["drafts"][0]["municipalities"][0]["signOff"]
    assert (signed["answer"], signed["text"]) == ("ANSWER_OBJECTED", "Fire beboere mangler i 2023")
