"""``/api/services`` and both forms of operations."""

from dataclasses import replace

import pytest

from model.span import SpanKind
from tests.api.conftest import Connect
from tests.api.jaeger.conftest import JaegerClient
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import sample_spans

FRONT = "cart.shop.svc.cluster.local:80/*"


def envelope(data: object, total: int) -> dict[str, object]:
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": None}


@pytest.mark.parametrize("path", ["/api/services", "/jaeger/api/services"])
async def test_services_are_names_as_sent(jaeger: JaegerClient, path: str) -> None:
    answer = await jaeger.get(path)

    assert (200, "application/json") == (answer.status, answer.content_type)
    assert envelope(["cart.shop", "front.shop", "pay.bank"], 3) == answer.document


async def test_without_services_the_list_is_empty(connect: Connect) -> None:
    jaeger = JaegerClient(await connect(of=ReferenceReader([])))

    assert envelope([], 0) == (await jaeger.get("/api/services")).document


async def test_a_service_without_a_name_is_not_listed(connect: Connect) -> None:
    spans = [replace(span, service_name="") for span in sample_spans()[:1]]
    jaeger = JaegerClient(await connect(of=ReferenceReader(spans)))

    assert envelope([], 0) == (await jaeger.get("/api/services")).document


async def test_a_services_operations_are_their_names_once(connect: Connect) -> None:
    spans = sample_spans()
    spans.append(replace(spans[0], span_id="f" * 16, kind=SpanKind.CLIENT))
    jaeger = JaegerClient(await connect(of=ReferenceReader(spans)))

    answer = await jaeger.get("/api/services/front.shop/operations")

    assert envelope(["GET /", FRONT], 2) == answer.document


async def test_a_service_without_operations_has_null(jaeger: JaegerClient) -> None:
    answer = await jaeger.get("/api/services/nobody/operations")

    assert (200, envelope(None, 0)) == (answer.status, answer.document)


@pytest.mark.parametrize("path", ["a+b%2Fc", "a%20b%2Fc", "a%2520b%252Fc", "a%2Bb%252Fc"])
async def test_the_name_in_the_path_is_decoded_as_in_a_form(connect: Connect, path: str) -> None:
    spans = [replace(span, service_name="a b/c") for span in sample_spans()[:1]]
    jaeger = JaegerClient(await connect(of=ReferenceReader(spans)))

    assert ["GET /"] == await jaeger.data(f"/api/services/{path}/operations")


async def test_a_plus_sign_that_is_encoded_is_one(connect: Connect) -> None:
    spans = [replace(span, service_name="c++") for span in sample_spans()[:1]]
    jaeger = JaegerClient(await connect(of=ReferenceReader(spans)))

    assert ["GET /"] == await jaeger.data("/api/services/c%2B%2B/operations")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("", [("GET /", "server"), (FRONT, "client")]),
        ("server", [("GET /", "server")]),
        ("SERVER", [("GET /", "server")]),
        ("client", [(FRONT, "client")]),
        ("consumer", []),
        ("no kind", []),
    ],
)
async def test_operations_come_with_the_kinds_of_their_spans(
    jaeger: JaegerClient, kind: str, expected: list[tuple[str, str]]
) -> None:
    answer = await jaeger.get("/api/operations", ("service", "front.shop"), ("spanKind", kind))
    operations = [{"name": name, "spanKind": of_kind} for name, of_kind in expected]

    assert envelope(operations, len(expected)) == answer.document


async def test_a_span_without_a_kind_has_an_empty_one(jaeger: JaegerClient) -> None:
    data = await jaeger.data("/api/operations", ("service", "pay"), ("spanKind", "unspecified"))

    assert [
        {"name": "charge", "spanKind": ""},
        {"name": "odd", "spanKind": ""},
    ] == data


@pytest.mark.parametrize("pairs", [[], [("service", "")], [("spanKind", "server")]])
async def test_operations_are_of_a_service(
    jaeger: JaegerClient, pairs: list[tuple[str, str]]
) -> None:
    assert "parameter 'service' is required" == await jaeger.refusal("/api/operations", *pairs)
