"""Every parameter of every resource: what is accepted, and what is refused with which words."""

import pytest

from api import ApiConfig
from model.query import AttributeCondition, Comparison, TraceQuery
from model.span import SpanKind, StatusCode
from tests.api.conftest import ApiClient, Connect
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import NOON_NS, SECOND

NOW_NS = NOON_NS + 60 * SECOND
DAY = ("from", "2026-11-20T00:00:00Z"), ("to", "2026-11-21T00:00:00Z")
HOUR_NS = 3600 * SECOND
SEARCHES = ["/api/v1/traces", "/api/v1/search/histogram"]


@pytest.mark.parametrize(
    ("pairs", "field", "expected"),
    [
        ([("service", "cart.shop")], "service", "cart.shop"),
        ([("namespace", "shop")], "namespace", "shop"),
        ([("cluster", "east")], "cluster", "east"),
        ([("operation", "GET /")], "operation", "GET /"),
        ([("kind", "server")], "kind", SpanKind.SERVER),
        ([("status", "error")], "status", StatusCode.ERROR),
        ([("error", "true")], "error", True),
        ([("error", "false")], "error", False),
        ([("min_duration", "15ms")], "min_duration_ns", 15_000_000),
        ([("max_duration", "1.5s")], "max_duration_ns", 1_500_000_000),
        ([("min_trace_duration", "15")], "min_trace_duration_ns", 15),
        ([("max_trace_duration", "1m")], "max_trace_duration_ns", 60 * SECOND),
        ([("request_id", "abc")], "request_id", "abc"),
        ([("limit", "7")], "limit", 7),
        ([], "limit", 20),
        ([], "from_ns", NOW_NS - HOUR_NS),
        ([], "to_ns", NOW_NS),
        ([("last", "15m")], "from_ns", NOW_NS - 900 * SECOND),
        ([("to", str(NOON_NS)), ("last", "1s")], "from_ns", NOON_NS - SECOND),
        ([("to", str(NOON_NS))], "from_ns", NOON_NS - HOUR_NS),
        ([("from", "2026-11-20T12:00:00Z")], "from_ns", NOON_NS),
        ([("from", "2026-11-20T12:00:00Z")], "to_ns", NOW_NS),
        ([("last", "100000d")], "from_ns", 0),
        (
            [("attribute", "a=1"), ("attribute", "!b")],
            "attributes",
            (
                AttributeCondition("a", Comparison.EQUAL, "1"),
                AttributeCondition("b", Comparison.NOT_EXISTS),
            ),
        ),
    ],
)
async def test_a_parameter_becomes_a_condition_of_the_query(
    api: ApiClient,
    reader: ReferenceReader,
    pairs: list[tuple[str, str]],
    field: str,
    expected: object,
) -> None:
    await api.json("/api/v1/traces", *pairs)

    (query,) = reader.queries
    assert isinstance(query, TraceQuery)
    assert expected == getattr(query, field)


@pytest.mark.parametrize("path", SEARCHES)
@pytest.mark.parametrize(
    ("pairs", "parameter", "words"),
    [
        ([("servce", "a")], "servce", "is not a parameter of this resource"),
        ([("service", "")], "service", "is empty"),
        ([("service", "a"), ("service", "b")], "service", "is given more than once"),
        ([("service", "x" * 1025)], "service", "has 1025 characters; at most 1024"),
        ([("kind", "SERVER")], "kind", "is none of unspecified, internal, server"),
        ([("status", "2")], "status", "is none of unset, ok, error"),
        ([("error", "1")], "error", "is neither true nor false"),
        ([("min_duration", "fast")], "min_duration", "is not a duration"),
        ([("max_duration", "1.0.0s")], "max_duration", "is not a duration"),
        ([("min_trace_duration", "0.1ns")], "min_trace_duration", "finer than a nanosecond"),
        ([("max_trace_duration", "-1s")], "max_trace_duration", "is not a duration"),
        (
            [("min_duration", "2s"), ("max_duration", "1s")],
            "min_duration",
            "2s is longer than max_duration 1s",
        ),
        (
            [("min_trace_duration", "2s"), ("max_trace_duration", "1s")],
            "min_trace_duration",
            "2s is longer than max_trace_duration 1s",
        ),
        ([("from", "now")], "from", "neither an RFC 3339 time"),
        ([("to", "2026-11-20")], "to", "neither an RFC 3339 time"),
        ([("from", "5"), ("to", "5")], "to", "must be later than from"),
        ([("to", "0")], "to", "must be later than from"),
        ([("from", "5"), ("last", "1h")], "last", "cannot be combined with from"),
        ([("last", "0s")], "last", "must be longer than 0"),
        ([("attribute", "=x")], "attribute", "no key before its operator"),
        ([("attribute", "a")] * 17, "attribute", "is given 17 times; at most 16"),
        ([("attribute", "")], "attribute", "is empty"),
    ],
)
async def test_a_search_refuses_what_it_does_not_understand(
    api: ApiClient, path: str, pairs: list[tuple[str, str]], parameter: str, words: str
) -> None:
    status, error = await api.error(path, *pairs)

    assert (400, "invalid_parameter", parameter) == (status, error["code"], error["parameter"])
    assert words in error["message"]


@pytest.mark.parametrize(
    ("path", "pairs", "parameter", "words"),
    [
        ("/api/v1/traces", [("limit", "0")], "limit", "not an integer between 1 and 1000"),
        ("/api/v1/traces", [("limit", "1001")], "limit", "not an integer between 1 and 1000"),
        ("/api/v1/traces", [("limit", "ten")], "limit", "not an integer"),
        ("/api/v1/traces", [("limit", "9" * 30)], "limit", "not an integer"),
        ("/api/v1/traces", [("cursor", "abc")], "cursor", "not a cursor of this API"),
        ("/api/v1/traces", [("trace_id", "xyz")], "trace_id", "1 to 32 hex digits"),
        ("/api/v1/traces", [("trace_id", "0")], "trace_id", "must not be all zeros"),
        (
            "/api/v1/traces",
            [("trace_id", "1"), ("service", "a")],
            "trace_id",
            "cannot be combined with service",
        ),
        (
            "/api/v1/traces",
            [("trace_id", "1"), ("attribute", "a")],
            "trace_id",
            "cannot be combined with attribute",
        ),
        (
            "/api/v1/traces",
            [("trace_id", "1")] * 101,
            "trace_id",
            "is given 101 times; at most 100",
        ),
        ("/api/v1/traces/xyz", [], "trace_id", "1 to 32 hex digits"),
        ("/api/v1/traces/" + "1" * 33, [], "trace_id", "1 to 32 hex digits"),
        ("/api/v1/traces/1", [("format", "jaeger")], "format", "is none of spanloom, otlp"),
        ("/api/v1/traces/1", [("adjust_clock_skew", "yes")], "adjust_clock_skew", "neither true"),
        (
            "/api/v1/traces/1",
            [("adjust_clock_skew", "true"), ("format", "otlp")],
            "adjust_clock_skew",
            "cannot be combined with format",
        ),
        ("/api/v1/traces/1", [("service", "a")], "service", "is not a parameter"),
        ("/api/v1/requests/a", [("limit", "1")], "limit", "is not a parameter"),
        ("/api/v1/requests/" + "a" * 1025, [], "x_request_id", "at most 1024"),
        ("/api/v1/services", [("kind", "server")], "kind", "is not a parameter"),
        ("/api/v1/services/a/operations", [("kind", "x")], "kind", "is none of"),
        ("/api/v1/attributes", [("limit", "0")], "limit", "between 1 and 1000"),
        ("/api/v1/attributes", [("prefix", "x" * 1025)], "prefix", "at most 1024"),
        ("/api/v1/attributes/a/values", [("service", "")], "service", "is empty"),
        ("/api/v1/attributes/a/values", [("key", "b")], "key", "is not a parameter"),
        ("/api/v1/search/histogram", [("buckets", "0")], "buckets", "between 1 and 1000"),
        ("/api/v1/search/histogram", [("width", "0s")], "width", "must be longer than 0"),
        ("/api/v1/search/histogram", [("width", "1ms")], "width", "more than 1000 buckets"),
        ("/api/v1/search/histogram", [("width", "1s"), ("buckets", "5")], "width", "combined"),
        ("/api/v1/search/histogram", [("limit", "5")], "limit", "is not a parameter"),
        ("/api/v1/openapi.yaml", [("v", "1")], "v", "is not a parameter"),
    ],
)
async def test_a_resource_refuses_what_it_does_not_understand(
    api: ApiClient, path: str, pairs: list[tuple[str, str]], parameter: str, words: str
) -> None:
    status, error = await api.error(path, *pairs)

    assert (400, "invalid_parameter", parameter) == (status, error["code"], error["parameter"])
    assert words in error["message"]


async def test_an_unknown_parameter_gets_the_likely_name_and_the_list(api: ApiClient) -> None:
    _, error = await api.error("/api/v1/traces", ("servce", "a"))

    assert error["hint"].startswith("did you mean service? the parameters here are from, to, last")


async def test_the_limits_are_those_of_the_settings(connect: Connect) -> None:
    config = ApiConfig(
        max_page_size=5,
        default_page_size=5,
        max_attribute_conditions=1,
        max_trace_ids=1,
        max_histogram_buckets=10,
    )
    api = await connect(config)
    at_limit = [
        ("/api/v1/traces", [("limit", "5")]),
        ("/api/v1/traces", [("attribute", "a")]),
        ("/api/v1/traces", [("trace_id", "1")]),
        ("/api/v1/search/histogram", [("buckets", "10")]),
        ("/api/v1/search/histogram", [("width", "6m"), *DAY[:1], ("to", "2026-11-20T01:00:00Z")]),
    ]
    beyond = [
        ("/api/v1/traces", [("limit", "6")]),
        ("/api/v1/traces", [("attribute", "a")] * 2),
        ("/api/v1/traces", [("trace_id", "1")] * 2),
        ("/api/v1/search/histogram", [("buckets", "11")]),
        ("/api/v1/search/histogram", [("width", "5m"), *DAY[:1], ("to", "2026-11-20T01:00:00Z")]),
    ]

    assert [200] * 5 == [(await api.get(path, *pairs)).status for path, pairs in at_limit]
    assert [400] * 5 == [(await api.get(path, *pairs)).status for path, pairs in beyond]


async def test_all_parameters_at_their_longest_fit_into_a_request(api: ApiClient) -> None:
    widest = "\U0001f578" * 1024  # twelve bytes each in a URL
    names = ("service", "namespace", "cluster", "operation", "request_id")
    pairs = [*((name, widest) for name in names), *[("attribute", widest)] * 16]

    assert {"traces": [], "next_cursor": None, "missing_trace_ids": []} == await api.json(
        "/api/v1/traces", *pairs
    )
