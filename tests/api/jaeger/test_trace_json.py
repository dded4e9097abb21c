"""The legacy JSON, field by field: types, and null, [] and absent told apart."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.aliases import jaeger_spans
from api.jaeger.errors import EnvelopeError
from api.jaeger.trace_json import envelope, envelope_chunks, indented, trace_chunks
from model.attributes import AttributeValue
from model.span import Event, Link, Resource, Span
from tests.api.test_otlp_json import SPANS

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = Span(TRACE, "0000000000000001", "GET /", 1_000_999, 1_999)


def document(*spans: Span, trace_id: str = TRACE) -> Any:
    chunks = trace_chunks(trace_id, jaeger_spans(map(AdjustedSpan, spans)))
    return msgspec.json.decode(b"".join(chunks))


def test_a_bare_trace_has_every_field_but_the_flags() -> None:
    assert {
        "traceID": TRACE,
        "spans": [
            {
                "traceID": TRACE,
                "spanID": "0000000000000001",
                "operationName": "GET /",
                "references": [],
                "startTime": 1000,
                "duration": 1,
                "tags": [],
                "logs": [],
                "processID": "p1",
                "warnings": None,
            }
        ],
        "processes": {"p1": {"serviceName": "OTLPResourceNoServiceName", "tags": []}},
        "warnings": None,
    } == document(SPAN)


def test_fields_have_jaegers_order() -> None:
    trace = document(replace(SPAN, flags=1))

    assert ["traceID", "spans", "processes", "warnings"] == list(trace)
    assert [
        "traceID",
        "spanID",
        "flags",
        "operationName",
        "references",
        "startTime",
        "duration",
        "tags",
        "logs",
        "processID",
        "warnings",
    ] == list(trace["spans"][0])


def test_a_trace_without_spans_is_one() -> None:
    assert {"traceID": TRACE, "spans": [], "processes": {}, "warnings": None} == document()


def test_warnings_are_a_list_when_there_are_some() -> None:
    chunks = trace_chunks(TRACE, jaeger_spans([AdjustedSpan(SPAN, ("late", "odd"))]))
    (span,) = msgspec.json.decode(b"".join(chunks))["spans"]

    assert ["late", "odd"] == span["warnings"]


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("7", "string", "7"),
        (True, "bool", True),
        (7, "int64", 7),
        (2**53 - 1, "int64", 9007199254740991),
        (2**53, "int64", "9007199254740992"),
        (1 - 2**53, "int64", -9007199254740991),
        (-(2**53), "int64", "-9007199254740992"),
        (-(2**63), "int64", "-9223372036854775808"),
        (0.25, "float64", 0.25),
        (float("nan"), "float64", "NaN"),
        (float("inf"), "float64", "Infinity"),
        (float("-inf"), "float64", "-Infinity"),
        (b"\x00\xff", "binary", "AP8="),
        ([1], "string", "[1]"),
        (None, "string", ""),
    ],
)
def test_a_value_has_its_type_wherever_it_is(
    value: AttributeValue, kind: str, shown: object
) -> None:
    trace = document(
        replace(
            SPAN,
            attributes={"first": "text", "key": value},
            events=(Event(5, "", {"key": value}),),
            resource=Resource({"service.name": "cart", "key": value}),
        )
    )
    expected = {"key": "key", "type": kind, "value": shown}
    (span,) = trace["spans"]

    assert [{"key": "first", "type": "string", "value": "text"}, expected] == span["tags"]
    assert [{"timestamp": 0, "fields": [expected]}] == span["logs"]
    assert [expected] == trace["processes"]["p1"]["tags"]
    assert type(shown) is type(span["tags"][1]["value"])


@pytest.mark.parametrize(
    ("trace_id", "shown"),
    [
        ("00000000000000000000000000000c47", "0000000000000c47"),
        ("00000000000000010000000000000c47", "00000000000000010000000000000c47"),
        (TRACE, TRACE),
    ],
)
def test_a_trace_id_is_short_when_its_first_half_is_zero(trace_id: str, shown: str) -> None:
    span = replace(
        SPAN,
        trace_id=trace_id,
        parent_span_id="0000000000000002",
        links=(Link(trace_id, "0000000000000003"),),
    )
    trace = document(span, trace_id=trace_id)

    assert (shown, shown) == (trace["traceID"], trace["spans"][0]["traceID"])
    assert [
        {"refType": "CHILD_OF", "traceID": shown, "spanID": "0000000000000002"},
        {"refType": "FOLLOWS_FROM", "traceID": shown, "spanID": "0000000000000003"},
    ] == trace["spans"][0]["references"]


def test_processes_are_numbered_by_their_first_span() -> None:
    names = ["b", "a", "b", "c", "a"]
    spans = [
        replace(SPAN, span_id=f"{number:016x}", resource=Resource({"service.name": name}))
        for number, name in enumerate(names)
    ]
    trace = document(*spans)

    assert ["p1", "p2", "p1", "p3", "p2"] == [span["processID"] for span in trace["spans"]]
    assert [("p1", "b"), ("p2", "a"), ("p3", "c")] == [
        (name, process["serviceName"]) for name, process in trace["processes"].items()
    ]


def test_a_large_trace_is_one_document_in_many_pieces() -> None:
    spans = [replace(SPAN, span_id=f"{number:016x}") for number in range(1001)]
    chunks = list(trace_chunks(TRACE, jaeger_spans(map(AdjustedSpan, spans))))

    assert len(chunks) > 5
    assert [span.span_id for span in spans] == [
        span["spanID"] for span in msgspec.json.decode(b"".join(chunks))["spans"]
    ]


@given(st.lists(SPANS, max_size=4))
def test_every_span_is_json_and_has_its_process(spans: list[Span]) -> None:
    trace = document(*spans)

    assert len(spans) == len(trace["spans"])
    assert {span["processID"] for span in trace["spans"]} == set(trace["processes"])


@pytest.mark.parametrize(
    ("traces", "errors", "expected"),
    [
        ([], (), b'{"data":[],"total":0,"limit":0,"offset":0,"errors":null}'),
        (
            [[b"1"], [b"[", b"]"]],
            (EnvelopeError(msg="gone", trace_id="c47"),),
            (
                b'{"data":[1,[]],"total":0,"limit":0,"offset":0,'
                b'"errors":[{"msg":"gone","traceID":"c47"}]}'
            ),
        ),
    ],
)
def test_an_envelope_of_traces(
    traces: list[list[bytes]], errors: tuple[EnvelopeError, ...], expected: bytes
) -> None:
    found = b"".join(envelope_chunks(traces, errors))

    assert expected == found


def test_an_envelope_of_names() -> None:
    assert b'{"data":["a"],"total":1,"limit":0,"offset":0,"errors":null}' == envelope(["a"], 1)
    assert b'{"data":null,"total":0,"limit":0,"offset":0,"errors":null}' == envelope(None, 0)


def test_indented_documents_have_four_spaces() -> None:
    assert b'{\n    "data": [\n        1\n    ]\n}' == b"".join(indented([b'{"data":', b"[1]}"]))
