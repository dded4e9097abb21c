"""OTLP/JSON in: spans as their exporter sent them."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jaeger.otlp_json_spans import spans_of_otlp_json
from api.otlp_json import traces_data
from model.span import Event, SpanKind, StatusCode
from tests.api.sample import sample_spans
from tests.api.test_otlp_json import SPANS

ONE = {"traceId": "ab" * 16, "spanId": "cd" * 8}


def read(**more):
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [{**ONE, **more}]}]}]}
    (span,) = spans_of_otlp_json(json.dumps(document).encode())
    return span


def has_ids(span):
    return all(
        set(each) != {"0"}
        for each in (
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            *(found for link in span.links for found in (link.trace_id, link.span_id)),
        )
    )


@given(st.lists(SPANS.filter(has_ids), max_size=3))
def test_what_is_written_is_read_again(spans):
    document = msgspec.json.encode(traces_data(spans))

    assert document == msgspec.json.encode(traces_data(spans_of_otlp_json(document)))


def test_the_sample_is_read_as_it_is_but_for_the_meshs_identity():
    spans = sample_spans()
    document = msgspec.json.encode(traces_data(spans))
    found = {(span.trace_id, span.span_id): span for span in spans_of_otlp_json(document)}

    assert {(span.trace_id, span.span_id): span.service_name for span in spans} == {
        key: span.service_name for key, span in found.items()
    }


@pytest.mark.parametrize(
    ("sent", "field", "expected"),
    [
        ({"traceId": "AB" * 16}, "trace_id", "ab" * 16),
        ({"traceId": "abc"}, "trace_id", "abc".zfill(32)),
        ({"parentSpanId": "0" * 16}, "parent_span_id", ""),
        ({"parentSpanId": None}, "parent_span_id", ""),
        ({"startTimeUnixNano": 7}, "start_ns", 7),
        ({"startTimeUnixNano": "7"}, "start_ns", 7),
        ({"startTimeUnixNano": 7.0}, "start_ns", 7),
        ({"startTimeUnixNano": "5", "endTimeUnixNano": "7"}, "duration_ns", 2),
        ({"startTimeUnixNano": "7", "endTimeUnixNano": "5"}, "duration_ns", 0),
        ({"kind": 3}, "kind", SpanKind.CLIENT),
        ({"kind": "SPAN_KIND_CLIENT"}, "kind", SpanKind.CLIENT),
        ({"kind": 99}, "kind", SpanKind.UNSPECIFIED),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, "status_code", StatusCode.ERROR),
        ({"status": None}, "status_code", StatusCode.UNSET),
        ({"flags": "257"}, "flags", 257),
        ({"events": [{"timeUnixNano": "9"}]}, "events", (Event(9, ""),)),
        ({"unknown": [1], "attributes": None}, "attributes", {}),
        ({"attributes": [{"key": "n", "value": {"intValue": 5}}]}, "attributes", {"n": 5}),
        ({"attributes": [{"key": "n"}]}, "attributes", {"n": None}),
    ],
)
def test_every_way_to_write_a_field_is_read(sent, field, expected):
    assert expected == getattr(read(**sent), field)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"traceId": None}, "trace id must be"),
        ({"spanId": "0" * 16}, "span id must not be all zeros"),
        ({"spanId": "xyz"}, "span id must be"),
        ({"links": [{}]}, "trace id must be"),
        ({"startTimeUnixNano": "soon"}, "'soon' is not an integer"),
        ({"startTimeUnixNano": 0.5}, "0.5 is not an integer"),
        ({"startTimeUnixNano": -1}, "beyond 64 bits"),
        ({"startTimeUnixNano": "9" * 30}, "beyond 64 bits"),
        ({"attributes": [{"key": "n", "value": 5}]}, "expected a JSON object"),
        ({"attributes": [{"key": "n", "value": {"what": 5}}]}, "not an OTLP AnyValue"),
        ({"name": 5}, "name"),
    ],
)
def test_what_is_no_span_is_refused(sent, message):
    with pytest.raises(ValueError, match=message):
        read(**sent)


@pytest.mark.parametrize("document", [b"", b"[]", b"[" * 100_000, b'{"resourceSpans": 7}'])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(ValueError, match=r"."):
        list(spans_of_otlp_json(document))


def test_a_document_of_no_spans_has_none():
    assert [] == list(spans_of_otlp_json(b'{"resourceSpans": [{"scopeSpans": [{}]}, {}]}'))
    assert [] == list(spans_of_otlp_json(b"{}"))
