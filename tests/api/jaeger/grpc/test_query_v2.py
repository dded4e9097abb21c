from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from grpc import StatusCode

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.config import JaegerConfig
from api.jaeger.grpc.config import JaegerGrpcConfig
from api.jaeger.grpc.jaeger_messages import span_message
from api.jaeger.grpc.protos import api_v2_pb2 as v2
from api.jaeger.jaeger_model import to_jaeger
from model.span import Span, SpanKind
from tests.api.jaeger.grpc.conftest import Serve, Served
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_TRACE, NOON_NS, ODD_TRACE, SECOND, sample_spans

_GO_ZERO_TIME = -62_135_596_800
DAY = 86_400 * SECOND


def times(**ns: int) -> dict[str, Any]:
    """Return timestamps and durations of nanoseconds."""
    return {name: {"seconds": at // SECOND, "nanos": at % SECOND} for name, at in ns.items()}


def query(**fields: Any) -> v2.FindTracesRequest:
    window = times(start_time_min=NOON_NS - DAY, start_time_max=NOON_NS + DAY)
    return v2.FindTracesRequest(query=v2.TraceQueryParameters(**{**window, **fields}))


def trace_ids(chunks: list[v2.SpansResponseChunk]) -> list[str]:
    """Return the trace of each chunk, which must be one."""
    found = []
    for chunk in chunks:
        (trace_id,) = {span.trace_id.hex() for span in chunk.spans}
        found.append(trace_id)
    return found


def many(count: int, trace_id: str = CART_TRACE, **fields: Any) -> list[Span]:
    span = sample_spans()[0]
    return [
        replace(span, trace_id=trace_id, span_id=f"{number:016x}", **fields)
        for number in range(1, count + 1)
    ]


async def test_a_trace_comes_with_everything_that_jaeger_knows_of_its_spans(
    served: Served,
) -> None:
    (chunk,) = await served.v2.all(
        "GetTrace", v2.GetTraceRequest(trace_id=bytes.fromhex(ODD_TRACE), raw_traces=True)
    )

    (odd,) = (span for span in sample_spans() if span.trace_id == ODD_TRACE)
    assert [span_message(to_jaeger(AdjustedSpan(odd)))] == list(chunk.spans)


async def test_each_field_of_a_span_has_jaegers_form(served: Served) -> None:
    (chunk,) = await served.v2.all(
        "GetTrace", v2.GetTraceRequest(trace_id=bytes.fromhex(ODD_TRACE), raw_traces=True)
    )
    (span,) = chunk.spans

    assert bytes.fromhex(ODD_TRACE) == span.trace_id
    assert bytes.fromhex("0000000000000030") == span.span_id
    assert "odd" == span.operation_name
    assert NOON_NS - 120 * SECOND == span.start_time.ToNanoseconds()
    assert 1_000_000 == span.duration.ToNanoseconds()
    assert "pay.bank" == span.process.service_name
    assert "" == span.process_id
    assert [v2.FOLLOWS_FROM, v2.FOLLOWS_FROM] == [ref.ref_type for ref in span.references]
    assert bytes.fromhex(CART_TRACE) == span.references[1].trace_id
    tags = {tag.key: tag for tag in span.tags}
    assert v2.KeyValue(key="big", v_type=v2.INT64, v_int64=2**60) == tags["big"]
    assert v2.KeyValue(key="ratio", v_type=v2.FLOAT64, v_float64=0.25) == tags["ratio"]
    assert v2.KeyValue(key="raw", v_type=v2.BINARY, v_binary=b"\x00\xff") == tags["raw"]
    assert v2.KeyValue(key="list", v_str='["a",1,true]') == tags["list"]
    (log,) = span.logs
    assert NOON_NS - 119_999_000_000 == log.timestamp.ToNanoseconds()
    assert ["event", "attempt"] == [field.key for field in log.fields]


async def test_the_parent_is_the_first_reference(served: Served) -> None:
    (chunk,) = await served.v2.all(
        "GetTrace", v2.GetTraceRequest(trace_id=bytes.fromhex(CART_TRACE))
    )

    parents = {
        span.span_id.hex(): [(ref.ref_type, ref.span_id.hex()) for ref in span.references]
        for span in chunk.spans
    }
    assert {
        "0000000000000001": [],
        "0000000000000002": [(v2.CHILD_OF, "0000000000000001")],
        "0000000000000003": [(v2.CHILD_OF, "0000000000000002")],
    } == parents


async def test_every_span_carries_its_process(served: Served) -> None:
    chunks = await served.v2.all("FindTraces", query())

    names = {span.process.service_name for chunk in chunks for span in chunk.spans}
    assert {"front.shop", "cart.shop", "pay.bank"} == names


@pytest.mark.parametrize("size", [8, 16])
async def test_ids_of_8_and_16_bytes_name_the_same_trace(served: Served, size: int) -> None:
    sent = bytes.fromhex(CART_TRACE)[-size:]

    chunks = await served.v2.all("GetTrace", v2.GetTraceRequest(trace_id=sent))

    assert [CART_TRACE] == trace_ids(chunks)


@pytest.mark.parametrize(
    ("method", "request_type"),
    [("GetTrace", v2.GetTraceRequest), ("ArchiveTrace", v2.ArchiveTraceRequest)],
)
@pytest.mark.parametrize(
    ("trace_id", "message"),
    [
        (b"", "uninitialized TraceID is not allowed"),
        (bytes(16), "uninitialized TraceID is not allowed"),
        (b"\x01" * 5, "a TraceID has 16 bytes, not 5"),
        (b"\x01" * 17, "a TraceID has 16 bytes, not 17"),
    ],
)
async def test_what_is_no_trace_id_is_refused(
    served: Served, method: str, request_type: Any, trace_id: bytes, message: str
) -> None:
    status = await served.v2.refused(method, request_type(trace_id=trace_id))

    assert (StatusCode.INVALID_ARGUMENT, message) == status


async def test_the_times_that_go_sends_for_none_are_no_times(served: Served) -> None:
    zero = {"seconds": _GO_ZERO_TIME}
    request = v2.GetTraceRequest(trace_id=bytes.fromhex(CART_TRACE), start_time=zero, end_time=zero)

    found = await served.v2.all("GetTrace", request)
    searched = await served.v2.all("FindTraces", query(start_time_min=zero, start_time_max=zero))

    assert [CART_TRACE] == trace_ids(found)
    assert [CART_TRACE, BROKEN_TRACE, ODD_TRACE] == trace_ids(searched)


async def test_an_unknown_trace_is_not_found(served: Served) -> None:
    status = await served.v2.refused("GetTrace", v2.GetTraceRequest(trace_id=b"\x07" * 16))

    assert (StatusCode.NOT_FOUND, "trace not found") == status


async def test_an_unknown_trace_can_be_an_empty_stream(serve: Serve) -> None:
    served = await serve(JaegerConfig(unknown_trace_is_empty=True))

    assert [] == await served.v2.all("GetTrace", v2.GetTraceRequest(trace_id=b"\x07" * 16))


async def test_a_known_trace_cannot_be_archived(served: Served) -> None:
    status = await served.v2.refused(
        "ArchiveTrace", v2.ArchiveTraceRequest(trace_id=bytes.fromhex(CART_TRACE))
    )

    text = "failed to archive trace: archive span storage was not configured"
    assert (StatusCode.INTERNAL, text) == status


async def test_an_unknown_trace_to_archive_is_not_found(served: Served) -> None:
    status = await served.v2.refused("ArchiveTrace", v2.ArchiveTraceRequest(trace_id=b"\x07" * 16))

    assert (StatusCode.NOT_FOUND, "trace not found") == status


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"search_depth": 1}, [CART_TRACE]),
        ({"search_depth": -1}, [CART_TRACE, BROKEN_TRACE, ODD_TRACE]),
        ({"service_name": "pay.bank"}, [BROKEN_TRACE, ODD_TRACE]),
        ({"service_name": "nobody"}, []),
        ({"operation_name": "charge"}, [BROKEN_TRACE]),
        ({"tags": {"user.id": "7"}}, [BROKEN_TRACE]),
        ({"tags": {"user.id": "7", "component": "proxy"}}, []),
        ({"tags": {"error": "true"}, "search_depth": 0}, [CART_TRACE]),
        (times(duration_min=1_100_000_000), [CART_TRACE]),
        (times(duration_max=1_000_000), [ODD_TRACE]),
        (times(start_time_max=NOON_NS - 1), [BROKEN_TRACE, ODD_TRACE]),
        (times(start_time_min=NOON_NS), [CART_TRACE]),
        (times(start_time_min=NOON_NS, start_time_max=NOON_NS), [CART_TRACE]),
    ],
)
async def test_a_search_finds_the_newest_whole_traces(
    served: Served, fields: dict[str, Any], expected: list[str]
) -> None:
    assert expected == trace_ids(await served.v2.all("FindTraces", query(**fields)))


async def test_proxies_of_a_service_carry_the_name_that_was_asked_for(served: Served) -> None:
    host = "cart.shop.svc.cluster.local"

    (chunk,) = await served.v2.all("FindTraces", query(service_name=host))

    names = {span.span_id.hex(): span.process.service_name for span in chunk.spans}
    assert {
        "0000000000000001": "front.shop",
        "0000000000000002": "front.shop",
        "0000000000000003": host,
    } == names


async def test_a_search_answers_whole_traces(served: Served) -> None:
    (chunk,) = await served.v2.all("FindTraces", query(operation_name="GET /"))

    assert 3 == len(chunk.spans)


async def test_a_search_without_a_depth_takes_the_installations(serve: Serve) -> None:
    served = await serve(JaegerConfig(default_limit=2, max_limit=2))

    assert [CART_TRACE, BROKEN_TRACE] == trace_ids(await served.v2.all("FindTraces", query()))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (v2.FindTracesRequest(), "missing query"),
        (
            query(**times(start_time_min=NOON_NS + 2 * DAY)),
            "start_time_min must be before start_time_max",
        ),
        (query(duration_min={"seconds": -1}), "duration_min must not be negative"),
        (query(duration_max={"nanos": -1}), "duration_max must not be negative"),
        (query(tags={str(n): "" for n in range(101)}), "101 tags; at most 100 are allowed"),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    served: Served, request_: v2.FindTracesRequest, message: str
) -> None:
    assert (StatusCode.INVALID_ARGUMENT, message) == await served.v2.refused("FindTraces", request_)


async def test_times_beyond_all_data_are_answered(served: Served) -> None:
    far = {"seconds": 253_402_300_799, "nanos": 999_999_999}

    assert [] == await served.v2.all("FindTraces", query(start_time_min=far, start_time_max=far))


async def test_a_chunk_has_at_most_ten_spans_of_one_trace(serve: Serve) -> None:
    spans = [*many(23), *many(4, BROKEN_TRACE, start_ns=NOON_NS - SECOND)]
    served = await serve(of=ReferenceReader(spans))

    chunks = await served.v2.all("FindTraces", query())

    assert [10, 10, 3, 4] == [len(chunk.spans) for chunk in chunks]
    assert [CART_TRACE] * 3 + [BROKEN_TRACE] == trace_ids(chunks)


async def test_no_span_is_lost_or_sent_twice(serve: Serve) -> None:
    served = await serve(of=ReferenceReader(many(1003)))

    chunks = await served.v2.all("FindTraces", query())

    sent = [span.span_id.hex() for chunk in chunks for span in chunk.spans]
    assert sorted(span.span_id for span in many(1003)) == sorted(sent)


async def test_a_chunk_stays_below_the_largest_message(serve: Serve) -> None:
    config = JaegerConfig(grpc=JaegerGrpcConfig(max_message_bytes=64 << 10))
    large = many(5, attributes={"text": "x" * 30_000})
    served = await serve(config, of=ReferenceReader(large))

    chunks = await served.v2.all("FindTraces", query())

    assert [2, 2, 1] == [len(chunk.spans) for chunk in chunks]
    assert all(chunk.ByteSize() <= 64 << 10 for chunk in chunks)


async def test_a_span_larger_than_a_message_comes_alone(serve: Serve) -> None:
    config = JaegerConfig(grpc=JaegerGrpcConfig(max_message_bytes=64 << 10))
    small, large, last = many(3)
    large = replace(large, attributes={"text": "x" * 100_000})
    served = await serve(config, of=ReferenceReader([small, large, last]))

    chunks = await served.v2.all("FindTraces", query())

    assert [1, 1, 1] == [len(chunk.spans) for chunk in chunks]


async def test_an_answer_that_was_cut_off_says_so(serve: Serve) -> None:
    served = await serve(JaegerConfig(max_spans=3))
    call = served.v2.stream("FindTraces", query())

    assert [CART_TRACE] == trace_ids([chunk async for chunk in call])
    assert "2" == dict(await call.trailing_metadata())["x-spanloom-traces-left-out"]


async def test_a_whole_answer_has_no_such_metadata(served: Served) -> None:
    call = served.v2.stream("FindTraces", query())

    assert 3 == len([chunk async for chunk in call])
    assert "x-spanloom-traces-left-out" not in dict(await call.trailing_metadata())


async def test_services_are_listed_by_name(served: Served) -> None:
    found = await served.v2.ask("GetServices", v2.GetServicesRequest())

    assert ["cart.shop", "front.shop", "pay.bank"] == list(found.services)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("", [("SELECT", "client"), ("charge", ""), ("odd", "")]),
        ("client", [("SELECT", "client")]),
        ("server", []),
        ("nonsense", []),
    ],
)
async def test_operations_are_listed_with_their_kinds(
    served: Served, kind: str, expected: list[tuple[str, str]]
) -> None:
    request = v2.GetOperationsRequest(service="pay.bank", span_kind=kind)
    found = await served.v2.ask("GetOperations", request)

    assert expected == [(each.name, each.span_kind) for each in found.operations]
    assert [name for name, _ in expected] == list(found.operationNames)


async def test_an_operation_of_two_kinds_is_one_name(serve: Serve) -> None:
    kinds = (SpanKind.SERVER, SpanKind.CLIENT)
    spans = [replace(span, kind=kind) for span, kind in zip(many(2), kinds, strict=True)]
    served = await serve(of=ReferenceReader(spans))

    found = await served.v2.ask("GetOperations", v2.GetOperationsRequest(service="front"))

    assert ["server", "client"] == [each.span_kind for each in found.operations]
    assert ["GET /"] == list(found.operationNames)


async def test_an_unknown_service_has_no_operations(served: Served) -> None:
    found = await served.v2.ask("GetOperations", v2.GetOperationsRequest(service="nobody"))

    assert v2.GetOperationsResponse() == found


async def test_dependencies_are_counted_in_the_window(served: Served) -> None:
    request = v2.GetDependenciesRequest(
        **times(start_time=NOON_NS - 2 * 60 * SECOND, end_time=NOON_NS)
    )
    found = await served.v2.ask("GetDependencies", request)

    assert [
        ("istio-ingressgateway.istio-system", "productpage.default", 60),
        ("productpage.default", "details.default", 60),
        ("productpage.default", "reviews.default", 60),
        ("ratings.default", "mysql:3306", 38),
        ("reviews.default", "ratings.default", 38),
    ] == [(link.parent, link.child, link.call_count) for link in found.dependencies]


@pytest.mark.parametrize("name", ["start_time", "end_time"])
async def test_dependencies_need_both_times(served: Served, name: str) -> None:
    request = v2.GetDependenciesRequest(**times(**{name: NOON_NS}))

    text = "StartTime and EndTime must be initialized."
    assert (StatusCode.INVALID_ARGUMENT, text) == await served.v2.refused(
        "GetDependencies", request
    )


async def test_dependencies_of_a_window_that_ends_before_it_begins_are_refused(
    served: Served,
) -> None:
    request = v2.GetDependenciesRequest(**times(start_time=NOON_NS, end_time=NOON_NS - 1))

    text = "StartTime must not be after EndTime."
    assert (StatusCode.INVALID_ARGUMENT, text) == await served.v2.refused(
        "GetDependencies", request
    )
