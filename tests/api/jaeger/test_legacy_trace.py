"""``/api/traces/{id}`` and ``/api/archive/{id}``."""

import base64

import pytest
from aiohttp import web

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from storage.interface import QueryTimeout, StoreUnavailable
from tests.api.conftest import Connect
from tests.api.jaeger.conftest import JaegerClient, failure, golden
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_TRACE, ODD_TRACE

UNKNOWN = "4bf92f3577b34da6a3ce929d0e0e4799"
BYTES = bytes.fromhex(ODD_TRACE)


@pytest.mark.parametrize("base", ["", "/jaeger"])
@pytest.mark.parametrize(("trace_id", "name"), [("c47", "cart_trace"), (ODD_TRACE, "odd_trace")])
async def test_a_trace_is_what_jaeger_would_answer(
    jaeger: JaegerClient, base: str, trace_id: str, name: str
) -> None:
    answer = await jaeger.get(f"{base}/api/traces/{trace_id}")

    assert (200, "application/json") == (answer.status, answer.content_type)
    assert golden(name) == answer.document


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("c47", CART_TRACE),
        ("C47", CART_TRACE),
        ("0000000000000c47", CART_TRACE),
        (CART_TRACE, CART_TRACE),
        (ODD_TRACE.upper(), ODD_TRACE),
        (base64.b64encode(BYTES).decode(), ODD_TRACE),
        (base64.b64encode(BYTES).decode().rstrip("="), ODD_TRACE),
        (base64.urlsafe_b64encode(BYTES).decode(), ODD_TRACE),
        (base64.urlsafe_b64encode(BYTES).decode().rstrip("="), ODD_TRACE),
        ("AAAAAAAADEc%3D", CART_TRACE),
    ],
)
async def test_every_form_of_an_id_names_the_trace(
    jaeger: JaegerClient, asked: str, found: str
) -> None:
    data = await jaeger.data("/api/traces/" + asked.replace("/", "%2F"))

    assert [found.removeprefix("0" * 16)] == [trace["traceID"] for trace in data]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("xyz", 'strconv.ParseUint: parsing "xyz": invalid syntax'),
        ("0" * 33, "TraceID cannot be longer than 32 hex characters: " + "0" * 33),
    ],
)
async def test_what_is_no_id_is_refused(
    jaeger: JaegerClient, method: str, asked: str, message: str
) -> None:
    path = "traces" if method == "GET" else "archive"

    assert message == await jaeger.refusal(f"/api/{path}/{asked}", method=method)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("start", "x", "unable to parse param 'start': strconv.ParseInt: parsing \"x\": {}"),
        ("end", "1.5", "unable to parse param 'end': strconv.ParseInt: parsing \"1.5\": {}"),
        ("raw", "yes", "unable to parse param 'raw': strconv.ParseBool: parsing \"yes\": {}"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    jaeger: JaegerClient, name: str, value: str, message: str
) -> None:
    refusal = await jaeger.refusal("/api/traces/c47", (name, value))

    assert message.format("invalid syntax") == refusal


@pytest.mark.parametrize("trace_id", [UNKNOWN, "0", "7"])
@pytest.mark.parametrize("base", ["", "/jaeger"])
async def test_an_unknown_trace_is_not_found(
    jaeger: JaegerClient, base: str, trace_id: str
) -> None:
    answer = await jaeger.get(f"{base}/api/traces/{trace_id}")

    assert failure(404, "trace not found") == answer


async def test_times_are_hints_that_change_nothing(jaeger: JaegerClient) -> None:
    answer = await jaeger.get("/api/traces/c47", ("start", "1"), ("end", "2"), ("other", "x"))

    assert golden("cart_trace") == answer.document


async def test_a_raw_trace_has_its_tags_in_the_order_sent(jaeger: JaegerClient) -> None:
    (trace,) = await jaeger.data("/api/traces/c47", ("raw", "true"))
    keys = [tag["key"] for tag in trace["spans"][1]["tags"]]

    assert ["guid:x-request-id", "component", "node_id", "upstream_cluster"] == keys[2:6]


async def test_a_raw_trace_has_no_warnings_of_adjusters(jaeger: JaegerClient) -> None:
    (adjusted,) = await jaeger.data(f"/api/traces/{BROKEN_TRACE}")
    (raw,) = await jaeger.data(f"/api/traces/{BROKEN_TRACE}", ("raw", "1"))

    assert [
        "parent span ID=000000000000001f is not in the trace; skipping clock skew adjustment"
    ] == adjusted["spans"][0]["warnings"]
    assert [None, None] == [span["warnings"] for span in raw["spans"]]


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("true", b'{\n    "data": [\n        {'),
        ("yes", b'{\n    "data": [\n        {'),
        ("false", b'{"data":[{"traceID":'),
        ("", b'{"data":[{"traceID":'),
    ],
)
async def test_pretty_print_indents_by_four_spaces(
    jaeger: JaegerClient, value: str, start: bytes
) -> None:
    answer = await jaeger.get("/api/traces/c47", ("prettyPrint", value))

    assert start == answer.body[: len(start)]
    assert golden("cart_trace") == answer.document


async def test_there_is_no_archive(jaeger: JaegerClient) -> None:
    known = await jaeger.get("/api/archive/c47", method="POST")
    unknown = await jaeger.get(f"/jaeger/api/archive/{UNKNOWN}", method="POST")

    assert failure(500, "archive span storage was not configured") == known
    assert failure(404, "trace not found") == unknown


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (QueryTimeout("late"), 504),
        (StoreUnavailable("gone"), 503),
        (RuntimeError("a bug"), 500),
    ],
)
async def test_a_failing_store_is_told_in_the_envelope(
    reader: ReferenceReader, jaeger: JaegerClient, error: Exception, status: int
) -> None:
    def fail() -> None:
        raise error

    reader.before = fail
    for path in ("/api/services", "/api/traces/c47", "/jaeger/api/traces"):
        answer = await jaeger.get(path)

        assert failure(status, answer.document["errors"][0]["msg"]) == answer


async def test_an_unknown_path_below_the_base_path_is_not_found(jaeger: JaegerClient) -> None:
    for path in ("/jaeger/api/nothing", "/jaeger/api/", "/jaeger/api/traces/c47/more"):
        answer = await jaeger.get(path)

        assert (404, "text/plain; charset=utf-8", b"404 page not found\n") == (
            answer.status,
            answer.content_type,
            answer.body,
        )


async def test_the_base_path_is_a_setting(connect: Connect) -> None:
    config = ApiConfig(jaeger=JaegerConfig(base_path="/deep/tracing"))
    jaeger = JaegerClient(await connect(config))

    assert 200 == (await jaeger.get("/api/services")).status
    assert 200 == (await jaeger.get("/deep/tracing/api/services")).status
    assert 404 == (await jaeger.get("/jaeger/api/services")).status


async def test_without_a_base_path_the_api_is_at_the_root_only(connect: Connect) -> None:
    config = ApiConfig(jaeger=JaegerConfig(base_path=""))
    jaeger = JaegerClient(await connect(config))

    assert "application/json" == (await jaeger.get("/api/services")).content_type
    assert 404 == (await jaeger.get("/jaeger/api/services")).status


async def test_the_native_api_stays_as_it_is(jaeger: JaegerClient) -> None:
    native = await jaeger.get("/api/v1/nothing")

    assert "route_not_found" == native.document["error"]["code"]
    assert web.HTTPNotFound.status_code == native.status
