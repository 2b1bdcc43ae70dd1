"""What one question can cost, and values that no version knows."""

import grpc
import pytest

from conftest import Server, peak_kib


@pytest.fixture(scope="module")
def server(kpr_binary, simulated, tmp_path_factory):
    server = Server(kpr_binary, tmp_path_factory.mktemp("requests")).start()
    for file in sorted(simulated.glob("*.ndjson")):
        server.push(file)
    server.wait_applied()
    yield server
    server.stop()


@pytest.fixture
def ask(server, stubs):
    stub = stubs.indicator_pb2_grpc.IndicatorsStub(server.channel())

    def values(**fields):
        try:
            return stub.GetIndicatorValues(stubs.indicator_pb2.GetIndicatorValuesRequest(
                indicator="nursing_home_residents", **fields)), None
        except grpc.RpcError as error:
            return None, error

    return values


@pytest.mark.parametrize("field", ["level", "unit", "incomplete_policy"])
@pytest.mark.parametrize("value", [99, -1, 2**31 - 1])
def test_a_value_that_is_none_of_the_enum_is_refused(ask, field, value):
    _, error = ask(**{field: value})
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and field in error.details()


def test_a_question_about_two_thousand_years_by_month_is_refused(ask, server):
    before = peak_kib(server)
    _, error = ask(from_period="0001-01", to_period="2024-06", level=3)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "periods" in error.details()
    assert peak_kib(server) - before < 16 << 10


def test_the_largest_question_that_is_answered_stays_small(ask, server):
    before = peak_kib(server)
    table, error = ask(from_period="1991-04", to_period="2024-06", level=3, by_sex=True, by_age=True, page_size=10_000)
    assert table is not None or error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    print("grew by", (peak_kib(server) - before) >> 10, "MiB,", len(table.rows) if table else error.details())
    assert peak_kib(server) - before < 512 << 10
