"""Every method with every role, over the wire: gRPC at the bare port and behind nginx, and HTTP at the door of roles. The table is written here once more, apart
from the server's own."""

import json
import tomllib

import grpc
import pytest

from authority import Authority
from conftest import ROOT, Front, RolesFront, SecureServer

ROLES = ["sender", "municipal_reader", "national_reader", "operator", "publisher", "approver", "researcher", "auditor",
         "case_officer", "data_protection_officer", "citizen_desk", "linker"]
READERS = {"municipal_reader", "national_reader"}
DECIDERS = {"case_officer", "data_protection_officer"}
MAY = {
    "kpr.v1.Ingest/SubmitEvents": {"sender"},
    "kpr.v1.Ingest/SubmitMessage": {"sender"},
    "kpr.v1.Ingest/GetSubmissionState": {"sender"},
    "kpr.v1.Ingest/CloseChainGaps": {"sender"},
    "kpr.v1.Ingest/WatchFindings": {"sender"},
    "kpr.v1.Ingest/ListFindings": {"sender"},
    "kpr.v1.Ingest/GetDataQualityReport": {"sender"} | READERS,
    "kpr.v1.Indicators/ListIndicators": READERS,
    "kpr.v1.Indicators/GetIndicatorValues": READERS,
    "kpr.v1.Indicators/WatchIndicatorValues": READERS,
    "kpr.v1.Indicators/ExplainIndicatorValue": {"national_reader"},
    "kpr.v1.Indicators/ListIndicatorRevisions": READERS,
    "kpr.v1.Indicators/CompareMunicipalities": READERS,
    "kpr.v1.Indicators/GetMunicipalityAttributes": READERS,
    "kpr.v1.Access/GetCaller": set(ROLES),
    "kpr.v1.Audit/ListAuditRecords": {"auditor"},
    "kpr.v1.Audit/ProveAuditRecord": {"auditor"},
    "kpr.v1.Operations/GetStatus": {"operator"},
    "kpr.v1.Publications/CreateDraft": {"publisher"},
    "kpr.v1.Publications/ListDrafts": {"municipal_reader", "publisher", "approver"},
    "kpr.v1.Publications/GetDraft": {"publisher", "approver"},
    "kpr.v1.Publications/PreviewDraft": {"municipal_reader", "publisher", "approver"},
    "kpr.v1.Publications/SignOffDraft": {"municipal_reader"},
    "kpr.v1.Publications/ApproveDraft": {"approver"},
    "kpr.v1.Publications/PublishDraft": {"publisher"},
    "kpr.v1.Publications/ListReleases": set(ROLES),
    "kpr.v1.Publications/GetReleaseFile": set(ROLES),
    "kpr.v1.Extracts/ListVariables": set(ROLES),
    "kpr.v1.Extracts/CheckExtract": {"researcher"} | DECIDERS,
    "kpr.v1.Extracts/ProposeExtract": {"researcher"},
    "kpr.v1.Extracts/ApproveExtract": DECIDERS,
    "kpr.v1.Extracts/RejectExtract": DECIDERS,
    "kpr.v1.Extracts/RevokeExtract": DECIDERS,
    "kpr.v1.Extracts/ExpireExtract": {"researcher", "case_officer"},
    "kpr.v1.Extracts/BuildExtract": {"case_officer"},
    "kpr.v1.Extracts/WatchExtract": {"researcher"} | DECIDERS,
    "kpr.v1.Extracts/GetExtract": {"researcher"} | DECIDERS,
    "kpr.v1.Extracts/ListExtracts": {"researcher"} | DECIDERS,
    "kpr.v1.Extracts/GetExtractFile": {"researcher"},
    "kpr.v1.Extracts/GetLinkageKey": {"linker"},
    "kpr.v1.Subjects/GetSubjectAccess": {"citizen_desk"},
    "grpc.health.v1.Health/Check": set(ROLES),
    "grpc.health.v1.Health/Watch": set(ROLES),
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": set(ROLES),
}
# Of a municipal reader of 1103.
OWN, OTHER = "1103", "5001"


@pytest.fixture(scope="module")
def doors(kpr_binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    authority = Authority(folder)
    authority.sign("server", ["IP:127.0.0.1"])
    for name in [*ROLES, "stranger"]:
        authority.sign(name, [f"URI:urn:kpr:{name}"])
    policy = "".join(f'[[principal]]\nname = "urn:kpr:{role}"\nroles = ["{role}"]\n' + (
        f'municipalities = ["{OWN}"]\n' if role in ("sender", "municipal_reader") else "") for role in ROLES)
    secure = SecureServer(kpr_binary, folder, policy, {"": folder}, {
        "server": {"front_socket": str(folder / "front.sock")}, "http": {"roles": f"unix:{folder / 'roles.sock'}"}})
    front = Front(folder, folder, folder / "front.sock")
    addresses = {"bare": secure.server.address, "front": front.address}

    def channel(door, name):
        return grpc.secure_channel(addresses[door], grpc.ssl_channel_credentials(
            authority.crt("ca").read_bytes(), authority.key(name).read_bytes(), authority.crt(name).read_bytes()))

    channels = {(door, name): channel(door, name) for door in addresses for name in [*ROLES, "stranger"]}
    roles_door = RolesFront(folder, folder, folder / "roles.sock")
    yield {**channels, "roles": roles_door}
    for opened in channels.values():
        opened.close()
    roles_door.stop()
    front.stop()
    secure.server.stop()


def code_of(channel, method, request=b""):
    """How a call with the one message ends; OK as soon as something is answered. All kinds of call look alike on the wire."""
    call = channel.stream_stream("/" + method)(iter([request]), timeout=60)
    try:
        next(call)
        return grpc.StatusCode.OK
    except StopIteration:
        return grpc.StatusCode.OK
    except grpc.RpcError as error:
        return error.code()
    finally:
        call.cancel()


def request_of(stubs, method, role):
    """Empty, but where that asks for all municipalities, which is not open to a municipal reader."""
    indicator = {"indicator": "nursing_home_residents", "period": "2023"}
    request = None
    if method.endswith("/ListIndicatorRevisions"):
        request = stubs.indicator_pb2.ListIndicatorRevisionsRequest(area=OWN, **indicator)
    if method.endswith("/CompareMunicipalities"):
        request = stubs.indicator_pb2.CompareMunicipalitiesRequest(areas=[OWN], **indicator)
    if method.endswith("/GetDataQualityReport") and role in READERS:
        request = stubs.ingest_pb2.GetDataQualityReportRequest(municipality=OWN)
    if method.endswith("/PreviewDraft"):
        request = stubs.publication_pb2.PreviewDraftRequest(series="care", municipality=OWN)
    if method.endswith("/SignOffDraft"):
        request = stubs.publication_pb2.SignOffDraftRequest(series="care", municipality=OWN)
    return request.SerializeToString() if request else b""


def test_the_example_of_a_policy_holds_and_has_every_role(kpr_binary, tmp_path):
    policy = (ROOT / "deploy/policy.example.toml").read_text()
    assert {role for principal in tomllib.loads(policy)["principal"] for role in principal["roles"]} == set(ROLES)
    authority = Authority(tmp_path)
    authority.sign("server", ["IP:127.0.0.1"])
    SecureServer(kpr_binary, tmp_path, policy, {"": tmp_path}).server.stop()


STREAMS = {"SubmitEvents", "WatchFindings", "WatchIndicatorValues", "GetReleaseFile", "WatchExtract", "GetExtractFile"}


def code_over_http(door, name, method, request=b""):
    status, _, body = door.post(name, f"/{method}", request, "application/proto")
    return grpc.StatusCode.OK if status == 200 else grpc.StatusCode[json.loads(body)["code"].upper()]


both = pytest.mark.parametrize("door", ["bare", "front"])


def test_the_table_names_every_method(stubs):
    services = {service.full_name: service for module in (stubs.ingest_pb2, stubs.indicator_pb2, stubs.operations_pb2,
                                                                      stubs.publication_pb2, stubs.access_pb2, stubs.audit_pb2,
                                                                      stubs.extract_pb2, stubs.subject_pb2)
                for service in module.DESCRIPTOR.services_by_name.values()}
    methods = {f"{name}/{method.name}" for name, service in services.items() for method in service.methods}
    assert methods == {method for method in MAY if method.startswith("kpr.")}


@both
@pytest.mark.parametrize("method", MAY)
def test_who_may_call(doors, stubs, door, method):
    codes = {role: code_of(doors[door, role], method, request_of(stubs, method, role)) for role in ROLES}
    assert {role for role, code in codes.items() if code != grpc.StatusCode.PERMISSION_DENIED} == MAY[method], codes
    assert code_of(doors[door, "stranger"], method) == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("method", [method for method in MAY if method.startswith("kpr.")])
def test_who_may_call_over_http(doors, stubs, method):
    codes = {role: code_over_http(doors["roles"], role, method, request_of(stubs, method, role)) for role in ROLES}
    if method.split("/")[1] in STREAMS:
        assert set(codes.values()) == {grpc.StatusCode.UNIMPLEMENTED}
        return
    assert {role for role, code in codes.items() if code != grpc.StatusCode.PERMISSION_DENIED} == MAY[method], codes
    assert grpc.StatusCode.UNIMPLEMENTED not in codes.values() and grpc.StatusCode.INTERNAL not in codes.values(), codes
    assert code_over_http(doors["roles"], "stranger", method) == grpc.StatusCode.PERMISSION_DENIED


@both
@pytest.mark.parametrize("method", ["kpr.v1.Nothing/Get", "kpr.v1.Ingest/Nothing", "kpr.v1.ingest/GetSubmissionState", "x"])
def test_a_method_that_there_is_not_is_open_to_nobody(doors, door, method):
    assert {code_of(doors[door, role], method) for role in ROLES} <= {
        grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNIMPLEMENTED}


@both
@pytest.mark.parametrize("method, message, named", [
    ("GetIndicatorValues", "GetIndicatorValuesRequest", {"level": 3}),
    ("WatchIndicatorValues", "GetIndicatorValuesRequest", {"level": 3}),
    ("ListIndicatorRevisions", "ListIndicatorRevisionsRequest", {"period": "2023"}),
    ("CompareMunicipalities", "CompareMunicipalitiesRequest", {"period": "2023"}),
])
@pytest.mark.parametrize("areas", [[OWN], [OTHER], [OWN, OTHER], []], ids=["own", "other", "own-and-other", "none"])
def test_a_municipal_reader_reads_its_own(doors, stubs, door, method, message, named, areas):
    request = getattr(stubs.indicator_pb2, message)(indicator="nursing_home_residents", **named)
    if "areas" in request.DESCRIPTOR.fields_by_name:
        request.areas.extend(areas)
    else:
        request.area = ",".join(areas)
    code = code_of(doors[door, "municipal_reader"], "kpr.v1.Indicators/" + method, request.SerializeToString())
    assert (code != grpc.StatusCode.PERMISSION_DENIED) == (areas == [OWN]), code


@both
@pytest.mark.parametrize("by", [{"group_by": "kind"}, {"adjust_by": ["kind"]}], ids=["grouped", "adjusted"])
def test_a_municipal_reader_compares_by_no_attributes(doors, stubs, door, by):
    """Groups that overlap, and its own figures, would give away another's."""
    request = stubs.indicator_pb2.CompareMunicipalitiesRequest(indicator="nursing_home_residents", period="2023", areas=[OWN], **by)
    codes = {role: code_of(doors[door, role], "kpr.v1.Indicators/CompareMunicipalities", request.SerializeToString()) for role in ("municipal_reader", "national_reader")}
    assert codes["municipal_reader"] == grpc.StatusCode.PERMISSION_DENIED != codes["national_reader"]


@both
@pytest.mark.parametrize("method", ["PreviewDraft", "SignOffDraft"])
@pytest.mark.parametrize("municipality", [OWN, OTHER, ""], ids=["own", "other", "none"])
def test_a_municipality_signs_off_its_own(doors, stubs, door, method, municipality):
    request = getattr(stubs.publication_pb2, method + "Request")(series="care", municipality=municipality)
    code = code_of(doors[door, "municipal_reader"], "kpr.v1.Publications/" + method, request.SerializeToString())
    assert code == {OWN: grpc.StatusCode.NOT_FOUND, OTHER: grpc.StatusCode.PERMISSION_DENIED,
                    "": grpc.StatusCode.INVALID_ARGUMENT}[municipality]


@both
@pytest.mark.parametrize("series", ["", "..", "../log", "care/1", "a" * 100, "Care"])
def test_a_series_names_no_other_folder(doors, stubs, door, series):
    for method, role in (("GetDraft", "publisher"), ("PublishDraft", "publisher"), ("ApproveDraft", "approver"),
                         ("GetReleaseFile", "sender")):
        request = getattr(stubs.publication_pb2, method + "Request")(series=series)
        assert code_of(doors[door, role], "kpr.v1.Publications/" + method,
                       request.SerializeToString()) == grpc.StatusCode.INVALID_ARGUMENT, method
