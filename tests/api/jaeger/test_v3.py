"""Jaeger's v3 HTTP API: shapes, parameters under both of their names, and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from model.span import Span
from storage.interface import QueryTimeout, StoreUnavailable
from tests.api.conftest import ApiClient, Connect
from tests.api.jaeger.ui_rules import check_operations, check_services, check_summaries
from tests.api.jaeger.v3_client import DAY, ask, found, refusal, trace_ids
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_TRACE, ODD_TRACE, sample_spans

GOLDEN = Path(__file__).parent / "golden"
SEARCHES = ("/api/v3/traces", "/api/v3/trace-summaries")
PREFIXES = ("", "/jaeger")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("path", "parameters", "golden"),
    [
        ("/api/v3/services", {}, "v3_services.json"),
        ("/api/v3/operations", {"service": "pay.bank"}, "v3_operations.json"),
        (f"/api/v3/traces/{CART_TRACE}", {"rawTraces": "1"}, "v3_trace.json"),
        (f"/api/v3/traces/{ODD_TRACE}", {"rawTraces": "1"}, "v3_odd_trace.json"),
        ("/api/v3/trace-summaries", DAY, "v3_trace_summaries.json"),
    ],
)
async def test_answers_have_the_shape_of_jaeger_at_the_root_and_below_the_base_path(
    api: ApiClient, prefix: str, path: str, parameters: dict[str, str], golden: str
) -> None:
    expected = json.loads((GOLDEN / golden).read_text("utf-8"))
    assert expected == await ask(api, prefix + path, **parameters)


async def test_jaeger_ui_accepts_every_answer(api: ApiClient) -> None:
    check_services(await ask(api, "/api/v3/services"))
    check_operations(await ask(api, "/api/v3/operations", service="cart"))
    check_summaries(await ask(api, "/api/v3/trace-summaries", **DAY))


async def test_a_store_without_spans_answers_with_empty_lists(connect: Connect) -> None:
    api = await connect(of=ReferenceReader([]))

    assert {"services": []} == await ask(api, "/api/v3/services")
    assert {"operations": []} == await ask(api, "/api/v3/operations", service="x")
    assert {"summaries": []} == await ask(api, "/api/v3/trace-summaries", **DAY)
    assert (404, "No traces found") == await refusal(api, "/api/v3/traces", **DAY)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, []),
        ({"service": "nobody"}, []),
        ({"service": "front"}, ["GET /", "cart.shop.svc.cluster.local:80/*"]),
        ({"service": "front.shop", "spanKind": "server"}, ["GET /"]),
        ({"service": "front.shop", "span_kind": "client"}, ["cart.shop.svc.cluster.local:80/*"]),
        ({"service": "front.shop", "spanKind": "server", "span_kind": "client"}, ["GET /"]),
        ({"service": "pay.bank", "spanKind": "internal"}, ["charge", "odd"]),
        ({"service": "pay.bank", "spanKind": "strange"}, []),
    ],
)
async def test_operations_are_those_of_a_service_and_a_kind(
    api: ApiClient, parameters: dict[str, str], names: list[str]
) -> None:
    answer = await ask(api, "/api/v3/operations", **parameters)
    assert names == [operation["name"] for operation in answer["operations"]]


@pytest.mark.parametrize(
    "trace_id", ["c47", "C47", "0c47", CART_TRACE, "AAAAAAAADEc=", "AAAAAAAAAAAAAAAAAAAMRw"]
)
async def test_short_and_base64_ids_name_the_same_trace(api: ApiClient, trace_id: str) -> None:
    answer = await ask(api, f"/api/v3/traces/{trace_id}")
    assert [CART_TRACE] == trace_ids(answer)


async def test_a_base64_id_may_hold_an_escaped_slash(connect: Connect, span: Span) -> None:
    api = await connect(of=ReferenceReader([replace(span, trace_id="ff" * 16)]))

    response = await api.http.get(URL("/api/v3/traces/%2F%2F" + "%2F" * 19 + "w==", encoded=True))

    assert 200 == response.status
    assert ["ff" * 16] == trace_ids(await response.json())


@pytest.fixture
def span() -> Span:
    return sample_spans()[0]


@pytest.mark.parametrize(
    ("path", "parameters", "status", "message"),
    [
        ("1", {}, 404, "No traces found"),
        (
            "xyz",
            {},
            400,
            'malformed parameter trace_id: strconv.ParseUint: parsing "xyz": invalid syntax',
        ),
        (
            "1" * 33,
            {},
            400,
            "malformed parameter trace_id: TraceID cannot be longer than 32 hex characters: "
            + "1" * 33,
        ),
        (
            "1",
            {"rawTraces": "maybe"},
            400,
            'malformed parameter rawTraces: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
        (
            "1",
            {"raw_traces": "maybe"},
            400,
            'malformed parameter raw_traces: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
    ],
)
async def test_a_trace_that_cannot_be_answered(
    api: ApiClient, path: str, parameters: dict[str, str], status: int, message: str
) -> None:
    assert (status, message) == await refusal(api, f"/api/v3/traces/{path}", **parameters)


@pytest.mark.parametrize("name", ["startTime", "start_time", "endTime", "end_time"])
async def test_hints_of_time_are_checked_but_not_needed(api: ApiClient, name: str) -> None:
    path = f"/api/v3/traces/{CART_TRACE}"

    assert [CART_TRACE] == trace_ids(await ask(api, path, **{name: "2020-01-01T00:00:00.5Z"}))
    status, message = await refusal(api, path, **{name: "yesterday"})
    assert 400 == status
    assert message.startswith(f"malformed parameter {name}: 'yesterday' ")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.serviceName": "pay"}, [BROKEN_TRACE, ODD_TRACE]),
        ({"query.service_name": "pay.bank"}, [BROKEN_TRACE, ODD_TRACE]),
        ({"query.serviceName": "cart", "query.service_name": "pay"}, [CART_TRACE]),
        ({"query.serviceName": "", "query.service_name": "cart"}, [CART_TRACE]),
        ({"query.operationName": "charge"}, [BROKEN_TRACE]),
        ({"query.operation_name": "charge"}, [BROKEN_TRACE]),
        ({"query.attributes": '{"http.status_code": "200"}'}, [CART_TRACE, BROKEN_TRACE]),
        ({"query.attributes": '{"user.id": "7"}'}, [BROKEN_TRACE]),
        ({"query.attributes": '{"error": "true"}'}, [CART_TRACE]),
        ({"query.attributes": '{"why": "self"}'}, [ODD_TRACE]),
        ({"query.attributes": '{"scope.name": "envoy", "user.id": "7"}'}, [BROKEN_TRACE]),
        ({"query.attributes": "{}"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.attributes": "null"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.searchDepth": "1"}, [CART_TRACE]),
        ({"query.search_depth": "2"}, [CART_TRACE, BROKEN_TRACE]),
        ({"query.num_traces": "1"}, [CART_TRACE]),
        ({"query.searchDepth": "0"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.searchDepth": "-5"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.searchDepth": "2147483647"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"query.durationMin": "1s"}, [CART_TRACE]),
        ({"query.duration_min": "1.5s", "query.durationMax": "1500ms"}, [CART_TRACE]),
        ({"query.duration_max": "1ms"}, [ODD_TRACE]),
        ({"query.durationMin": "20ms", "query.durationMax": "21ms"}, [BROKEN_TRACE]),
        ({"query.durationMin": "2s", "query.durationMax": "1s"}, []),
        ({"query.startTimeMin": "2026-11-20T12:00:00Z"}, [CART_TRACE]),
        ({"query.startTimeMin": "2026-11-20T12:00:00.200000001Z"}, []),
        ({"query.startTimeMax": "2026-11-20T11:59:00Z"}, [BROKEN_TRACE, ODD_TRACE]),
        ({"query.startTimeMax": "2026-11-20T11:58:59.999Z"}, [ODD_TRACE]),
        ({"query.startTimeMin": "2026-11-20T13:00:00+01:00"}, [CART_TRACE]),
        ({"query.startTimeMin": "2026-11-20T13:00:00 01:00"}, [CART_TRACE]),
        ({"query.rawTraces": "true"}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        (
            {
                "query.filter": '{"op": "eq", "args": [{"attr": {"key": "user.id", "level": '
                '"span"}}, {"scalar": {"value": "7"}}]}'
            },
            [BROKEN_TRACE],
        ),
        ({"query.filter": ""}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
    ],
)
async def test_a_search_finds_traces_newest_first(
    api: ApiClient, parameters: dict[str, str], expected: list[str]
) -> None:
    assert expected == await found(api, **parameters)


async def test_deprecated_names_of_times_are_as_good(api: ApiClient) -> None:
    times = {
        "query.start_time_min": DAY["query.startTimeMin"],
        "query.start_time_max": DAY["query.startTimeMax"],
    }
    answer = await ask(api, "/api/v3/traces", **times)
    assert [CART_TRACE, BROKEN_TRACE, ODD_TRACE] == trace_ids(answer)


async def test_an_offset_whose_plus_nobody_escaped_is_understood(api: ApiClient) -> None:
    times = (
        "query.start_time_min=2026-11-20T01:00:00+01:00"
        "&query.start_time_max=2026-11-21T01:00:00.000+01:00"
    )
    response = await api.http.get(URL(f"/api/v3/traces?{times}", encoded=True))
    assert [CART_TRACE, BROKEN_TRACE, ODD_TRACE] == trace_ids(await response.json())


FILTER = "query.filter"


@pytest.mark.parametrize("path", SEARCHES)
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"query.startTimeMin": ""},
            "query.startTimeMin and query.startTimeMax are required",
        ),
        (
            {"query.startTimeMax": ""},
            "query.startTimeMin and query.startTimeMax are required",
        ),
        (
            {"query.startTimeMin": DAY["query.startTimeMax"]},
            "query.startTimeMin must be before query.startTimeMax",
        ),
        (
            {"query.startTimeMin": "1795176000000000000"},
            (
                "malformed parameter query.startTimeMin: '1795176000000000000' is not an RFC 3339 "
                "time, such as 2026-11-20T09:30:00.5Z"
            ),
        ),
        (
            {"query.searchDepth": "many"},
            'malformed parameter query.searchDepth: strconv.Atoi: parsing "many": invalid syntax',
        ),
        (
            {"query.search_depth": "1.5"},
            'malformed parameter query.search_depth: strconv.Atoi: parsing "1.5": invalid syntax',
        ),
        (
            {"query.num_traces": "2147483648"},
            (
                "malformed parameter query.num_traces: strconv.Atoi: parsing "
                '"2147483648": value out of range'
            ),
        ),
        (
            {"query.durationMin": "1"},
            'malformed parameter query.durationMin: time: missing unit in duration "1"',
        ),
        (
            {"query.duration_min": "x"},
            'malformed parameter query.duration_min: time: invalid duration "x"',
        ),
        (
            {"query.durationMax": "1d"},
            'malformed parameter query.durationMax: time: unknown unit "d" in duration "1d"',
        ),
        (
            {"query.duration_max": "-1s"},
            "malformed parameter query.duration_max: time: negative duration '-1s'",
        ),
        (
            {"query.rawTraces": "yes"},
            'malformed parameter query.rawTraces: strconv.ParseBool: parsing "yes": invalid syntax',
        ),
        (
            {"query.raw_traces": "no"},
            'malformed parameter query.raw_traces: strconv.ParseBool: parsing "no": invalid syntax',
        ),
        (
            {"query.attributes": json.dumps({str(number): "" for number in range(101)})},
            "malformed parameter query.attributes: 101 attributes; at most 100 are allowed",
        ),
        (
            {"query.attributes": '{"a": 1}'},
            "malformed parameter query.attributes: Expected `str | null`, got `int` - at `$[...]`",
        ),
        (
            {FILTER: '{"op": "exists"'},
            "malformed parameter query.filter: Input data was truncated",
        ),
        (
            {FILTER: '{"op": "exists"}'},
            "malformed parameter query.filter: exists takes one reference (attr or field)",
        ),
        (
            {FILTER: '{"op": "regex", "args": []}'},
            "unsupported query.filter: the operator regex",
        ),
        *(
            ({FILTER: "{}", name: value}, f"query.filter cannot be combined with {name}")
            for name, value in (
                ("query.serviceName", "a"),
                ("query.operation_name", "a"),
                ("query.attributes", '{"a": "b"}'),
                ("query.durationMin", "1s"),
                ("query.duration_max", "1s"),
            )
        ),
    ],
)
async def test_a_search_that_is_not_understood(
    api: ApiClient, path: str, parameters: dict[str, str], message: str
) -> None:
    assert (400, message) == await refusal(api, path, **{**DAY, **parameters})


@pytest.mark.parametrize("document", ["[]", '"a"', "{", "{" * 9, "[" * 100_000])
async def test_attributes_that_are_no_map_are_refused(api: ApiClient, document: str) -> None:
    status, message = await refusal(api, "/api/v3/traces", **DAY, **{"query.attributes": document})
    assert 400 == status
    assert message.startswith("malformed parameter query.attributes: ")


async def test_traces_are_adjusted_unless_raw_ones_are_wanted(connect: Connect, span: Span) -> None:
    numeric = replace(span, attributes={"peer.ipv4": 0x7F000001})
    api = await connect(of=ReferenceReader([numeric]))

    async def address(**parameters: str) -> Any:
        answer = await ask(api, "/api/v3/traces", **DAY, **parameters)
        (resource,) = answer["result"]["resourceSpans"]
        return resource["scopeSpans"][0]["spans"][0]["attributes"][0]["value"]

    assert {"stringValue": "127.0.0.1"} == await address()
    assert {"intValue": str(0x7F000001)} == await address(**{"query.rawTraces": "t"})


async def test_warnings_are_an_attribute(connect: Connect, span: Span) -> None:
    warned = replace(span, attributes={"a": "b", "@jaeger@warnings": ["repaired"]})
    api = await connect(of=ReferenceReader([warned]))

    answer = await ask(api, f"/api/v3/traces/{CART_TRACE}")

    attributes = answer["result"]["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
    expected = {
        "key": "@jaeger@warnings",
        "value": {"arrayValue": {"values": [{"stringValue": "repaired"}]}},
    }
    assert [expected] == [each for each in attributes if each["key"] == "@jaeger@warnings"]


async def test_an_answer_that_is_cut_off_says_so_in_a_header(connect: Connect) -> None:
    api = await connect(ApiConfig(jaeger=JaegerConfig(max_spans=5)))

    response = await api.http.get("/api/v3/traces", params=DAY)

    assert "1" == response.headers["X-Spanloom-Traces-Left-Out"]
    assert [CART_TRACE, BROKEN_TRACE] == trace_ids(await response.json())


async def test_a_whole_answer_has_no_such_header(api: ApiClient) -> None:
    response = await api.http.get("/api/v3/traces", params=DAY)
    assert "X-Spanloom-Traces-Left-Out" not in response.headers


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreUnavailable("locked"), 503),
        (QueryTimeout("slow"), 504),
        (RuntimeError("a bug"), 500),
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/v3/services", "/api/v3/operations", "/api/v3/traces/1", *SEARCHES]
)
async def test_failures_have_the_shape_too(
    api: ApiClient, reader: ReferenceReader, path: str, error: Exception, status: int
) -> None:
    reader.before = raising(error)
    found_status, message = await refusal(api, path, service="x", **DAY)
    assert status == found_status
    assert message
