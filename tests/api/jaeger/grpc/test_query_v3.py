from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from google.protobuf.json_format import MessageToDict
from grpc import StatusCode
from opentelemetry.proto.trace.v1 import trace_pb2 as otlp

from api.jaeger.config import JaegerConfig
from api.jaeger.grpc.config import JaegerGrpcConfig
from api.jaeger.grpc.protos import api_v3_pb2 as v3
from api.otlp_json import traces_data
from model.span import Resource, Span
from tests.api.jaeger.grpc.conftest import Serve, Served
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_TRACE, NOON_NS, ODD_TRACE, SECOND, sample_spans

DAY = 86_400 * SECOND


def times(**ns: int) -> dict[str, Any]:
    """Return timestamps and durations of nanoseconds."""
    return {name: {"seconds": at // SECOND, "nanos": at % SECOND} for name, at in ns.items()}


def parameters(**fields: Any) -> v3.TraceQueryParameters:
    window = times(start_time_min=NOON_NS - DAY, start_time_max=NOON_NS + DAY)
    return v3.TraceQueryParameters(**{**window, **fields})


def query(**fields: Any) -> v3.FindTracesRequest:
    return v3.FindTracesRequest(query=parameters(**fields))


def spans_of(messages: list[otlp.TracesData]) -> list[otlp.Span]:
    return [
        span
        for message in messages
        for resource in message.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def trace_ids(messages: list[otlp.TracesData]) -> list[str]:
    """Return the trace of each message, which must be one."""
    found = []
    for message in messages:
        (trace_id,) = {span.trace_id.hex() for span in spans_of([message])}
        found.append(trace_id)
    return found


def many(count: int, **fields: Any) -> list[Span]:
    span = sample_spans()[0]
    return [replace(span, span_id=f"{number:016x}", **fields) for number in range(1, count + 1)]


@pytest.mark.parametrize("trace_id", [CART_TRACE, BROKEN_TRACE, ODD_TRACE])
async def test_a_trace_is_what_the_exporters_sent(served: Served, trace_id: str) -> None:
    request = v3.GetTraceRequest(trace_id=trace_id, raw_traces=True)
    messages = await served.v3.all("GetTrace", request)

    stored = [span for span in sample_spans() if span.trace_id == trace_id]
    sent = {span["spanId"]: span for span in _documents(traces_data(stored))}
    assert sent == {span.span_id.hex(): _as_sent(span) for span in spans_of(messages)}


@pytest.mark.parametrize(
    "trace_id", ["c47", "C47", "0000000000000c47", CART_TRACE, "AAAAAAAAAAAAAAAAAAAMRw=="]
)
async def test_an_id_may_be_short_upper_case_or_base64(served: Served, trace_id: str) -> None:
    messages = await served.v3.all("GetTrace", v3.GetTraceRequest(trace_id=trace_id))

    assert {CART_TRACE} == set(trace_ids(messages))


async def test_what_is_no_trace_id_is_refused(served: Served) -> None:
    code, text = await served.v3.refused("GetTrace", v3.GetTraceRequest(trace_id="xyz"))

    assert StatusCode.INVALID_ARGUMENT == code
    assert text.startswith("malformed trace ID: ")


async def test_an_unknown_trace_is_not_found(served: Served) -> None:
    status = await served.v3.refused("GetTrace", v3.GetTraceRequest(trace_id="7"))

    assert (StatusCode.NOT_FOUND, "trace not found") == status


async def test_an_unknown_trace_can_be_an_empty_stream(serve: Serve) -> None:
    served = await serve(JaegerConfig(unknown_trace_is_empty=True))

    assert [] == await served.v3.all("GetTrace", v3.GetTraceRequest(trace_id="7"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"search_depth": 1}, [CART_TRACE]),
        ({"service_name": "pay.bank", "operation_name": "odd"}, [ODD_TRACE]),
        ({"attributes": {"user.id": "7"}}, [BROKEN_TRACE]),
        (times(duration_min=1_100_000_000), [CART_TRACE]),
        (times(start_time_max=NOON_NS - 1), [BROKEN_TRACE, ODD_TRACE]),
    ],
)
async def test_a_search_finds_the_newest_traces(
    served: Served, fields: dict[str, Any], expected: list[str]
) -> None:
    assert expected == trace_ids(await served.v3.all("FindTraces", query(**fields)))


async def test_a_search_without_a_depth_answers_a_hundred(serve: Serve) -> None:
    span = sample_spans()[0]
    spans = [replace(span, trace_id=f"{number:032x}") for number in range(1, 121)]
    served = await serve(of=ReferenceReader(spans))

    assert 100 == len(await served.v3.all("FindTraces", query()))


@pytest.mark.parametrize("method", ["FindTraces", "FindTraceSummaries"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (None, "missing query"),
        ({"start_time_min": None}, "start time min and max are required parameters"),
        ({"start_time_max": None}, "start time min and max are required parameters"),
        (
            {"start_time_max": {"seconds": -62_135_596_800}},
            "start time min and max are required parameters",
        ),
        (times(start_time_max=NOON_NS - DAY), "start_time_min must be before start_time_max"),
        ({"duration_min": {"seconds": -1}}, "duration_min must not be negative"),
        (
            {"attributes": {str(n): "" for n in range(101)}},
            "101 tags; at most 100 are allowed",
        ),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    served: Served, method: str, fields: dict[str, Any] | None, message: str
) -> None:
    types = {"FindTraces": v3.FindTracesRequest, "FindTraceSummaries": v3.FindTraceSummariesRequest}
    request = types[method](query=None if fields is None else parameters(**fields))

    assert (StatusCode.INVALID_ARGUMENT, message) == await served.v3.refused(method, request)


async def test_a_structured_filter_narrows_a_search(served: Served) -> None:
    longer = {
        "op": "gt",
        "args": [
            {"field": {"level": "span", "name": "duration"}},
            {"scalar": {"value": "1100ms"}},
        ],
    }

    assert [CART_TRACE] == trace_ids(await served.v3.all("FindTraces", query(filter=longer)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"filter": {"op": "exists"}, "service_name": "x"},
            "filter cannot be combined with service_name",
        ),
        (
            {"filter": {"op": "exists"}, "duration_max": {"seconds": 1}},
            "filter cannot be combined with duration_max",
        ),
        ({"filter": {"op": "guess"}}, "malformed filter: "),
        (
            {
                "filter": {
                    "op": "regex",
                    "args": [
                        {"attr": {"key": "a", "level": "span"}},
                        {"scalar": {"value": "b"}},
                    ],
                }
            },
            "unsupported filter: ",
        ),
    ],
)
async def test_a_filter_that_cannot_be_answered_exactly_is_refused(
    served: Served, fields: dict[str, Any], message: str
) -> None:
    code, text = await served.v3.refused("FindTraces", query(**fields))

    assert StatusCode.INVALID_ARGUMENT == code
    assert text.startswith(message)


async def test_a_message_holds_neighbours_below_their_resource_and_scope(serve: Serve) -> None:
    other = Resource({"service.name": "other"})
    one, two, three, four = many(4)
    spans = [one, two, replace(three, resource=other), replace(four, resource=other)]
    served = await serve(of=ReferenceReader(spans))

    (message,) = await served.v3.all("FindTraces", query())

    groups = [
        (
            next(
                attribute.value.string_value
                for attribute in group.resource.attributes
                if attribute.key == "service.name"
            ),
            [span.span_id.hex() for scope in group.scope_spans for span in scope.spans],
        )
        for group in message.resource_spans
    ]
    assert [
        ("front.shop", [one.span_id, two.span_id]),
        ("other", [three.span_id, four.span_id]),
    ] == groups


async def test_a_large_trace_comes_in_messages_of_a_hundred_spans(serve: Serve) -> None:
    served = await serve(of=ReferenceReader(many(250)))

    messages = await served.v3.all("FindTraces", query())

    assert [100, 100, 50] == [len(spans_of([message])) for message in messages]
    assert all(message.resource_spans[0].HasField("resource") for message in messages)


async def test_a_message_stays_below_the_largest(serve: Serve) -> None:
    config = JaegerConfig(grpc=JaegerGrpcConfig(max_message_bytes=64 << 10))
    served = await serve(config, of=ReferenceReader(many(5, attributes={"text": "x" * 30_000})))

    messages = await served.v3.all("FindTraces", query())

    assert [2, 2, 1] == [len(spans_of([message])) for message in messages]
    assert all(message.ByteSize() <= 64 << 10 for message in messages)


async def test_an_answer_that_was_cut_off_says_so(serve: Serve) -> None:
    served = await serve(JaegerConfig(max_spans=3))
    call = served.v3.stream("FindTraces", query())

    assert [CART_TRACE] == trace_ids([message async for message in call])
    assert "2" == dict(await call.trailing_metadata())["x-spanloom-traces-left-out"]


async def test_summaries_tell_of_whole_traces_in_a_line_each(served: Served) -> None:
    request = v3.FindTraceSummariesRequest(query=parameters(operation_name="GET /"))

    (message,) = await served.v3.all("FindTraceSummaries", request)

    assert [
        v3.TraceSummary(
            trace_id=CART_TRACE,
            root_service_name="front.shop",
            root_operation_name="GET /",
            min_start_time_unix_nano=NOON_NS,
            max_end_time_unix_nano=NOON_NS + 1_500_000_000,
            span_count=3,
            error_span_count=1,
            services=[
                v3.ServiceSummary(name="cart.shop", span_count=1),
                v3.ServiceSummary(name="front.shop", span_count=2, error_span_count=1),
            ],
        )
    ] == list(message.summaries)


async def test_a_trace_without_its_root_has_orphans_and_names_no_root(served: Served) -> None:
    request = v3.FindTraceSummariesRequest(query=parameters(operation_name="charge"))

    (message,) = await served.v3.all("FindTraceSummaries", request)

    (summary,) = message.summaries
    assert 1 == summary.orphan_span_count
    assert ("", "") == (summary.root_service_name, summary.root_operation_name)


async def test_no_match_is_a_stream_without_summaries(served: Served) -> None:
    request = v3.FindTraceSummariesRequest(query=parameters(service_name="nobody"))

    assert [] == await served.v3.all("FindTraceSummaries", request)


async def test_services_are_listed_by_name(served: Served) -> None:
    found = await served.v3.ask("GetServices", v3.GetServicesRequest())

    assert ["cart.shop", "front.shop", "pay.bank"] == list(found.services)


async def test_operations_are_listed_with_their_kinds(served: Served) -> None:
    found = await served.v3.ask("GetOperations", v3.GetOperationsRequest(service="pay.bank"))

    operations = [(each.name, each.span_kind) for each in found.operations]
    assert [("SELECT", "client"), ("charge", ""), ("odd", "")] == operations


async def test_dependencies_are_counted_in_the_window(served: Served) -> None:
    window = times(start_time=NOON_NS - 120 * SECOND, end_time=NOON_NS)

    found = await served.v3.ask("GetDependencies", v3.GetDependenciesRequest(**window))

    counts = [(each.parent, each.child, each.call_count) for each in found.dependencies]
    assert ("productpage.default", "reviews.default", 60) in counts


async def test_dependencies_need_both_times(served: Served) -> None:
    status = await served.v3.refused("GetDependencies", v3.GetDependenciesRequest())

    text = "StartTime and EndTime must be initialized."
    assert (StatusCode.INVALID_ARGUMENT, text) == status


def _documents(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the spans of OTLP/JSON, which the API's own encoder made."""
    plain = msgspec.json.decode(msgspec.json.encode(data))
    return [
        span
        for resource in plain["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def _as_sent(span: otlp.Span) -> dict[str, Any]:
    """Return a span as OTLP/JSON: by protobuf's encoder, but for ids in hex."""
    document = {"kind": 0, **MessageToDict(span, use_integers_for_enums=True)}
    for holder in (document, *document.get("links", ())):
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in holder:
                holder[name] = base64.b64decode(holder[name]).hex()
    return document
