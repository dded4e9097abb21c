"""What an exporter sent comes out of the store as it went in: nothing lost, no type changed."""

import math
import os

import pytest
from hypothesis import given

from collector.config import default_processors
from collector.decode import Decoder
from collector.processors import Chain
from model.columns import WELL_KNOWN
from storage.config import StoreConfig
from storage.engines import open_store
from tests.collector.otlp_strategies import export_requests


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(StoreConfig(path=tmp_path_factory.mktemp("store") / "spans.duckdb"))
    yield store
    store.close()


def with_ids_of_its_own(message):
    """Examples share the store, and one identity is stored once: no two spans may have one."""
    spans = [
        span
        for resource_spans in message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]
    trace_id = os.urandom(16)
    for number, span in enumerate(spans, 1):
        span.trace_id = trace_id
        span.span_id = number.to_bytes(8, "big")
    return message


def python_value(value):
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [python_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return python_attributes(value.kvlist_value.values)
        case "double_value" if math.isnan(value.double_value):
            return "a NaN"  # which equals nothing, not even itself
        case member:
            return getattr(value, member)


def python_attributes(attributes):
    return {attribute.key: python_value(attribute.value) for attribute in attributes}


def without_nan(value):
    match value:
        case float() if math.isnan(value):
            return "a NaN"
        case list():
            return [without_nan(item) for item in value]
        case dict():
            return {key: without_nan(item) for key, item in value.items()}
        case _:
            return value


def typed(attributes):
    """Attributes in order, with the Python type of each, since 1 == 1.0 == True."""
    return [(key, repr(value)) for key, value in without_nan(attributes).items()]


def sent(message):
    """Every span of the request, in plain values, by identity."""
    return {
        (span.trace_id.hex(), span.span_id.hex(), span.kind): {
            "parent": span.parent_span_id.hex() if any(span.parent_span_id) else "",
            "name": span.name,
            "start": span.start_time_unix_nano,
            "end": span.end_time_unix_nano,
            "status": (span.status.code, span.status.message),
            "trace_state": span.trace_state,
            "flags": span.flags,
            "attributes": typed(python_attributes(span.attributes)),
            "dropped": (
                span.dropped_attributes_count,
                span.dropped_events_count,
                span.dropped_links_count,
            ),
            "events": [
                (
                    event.time_unix_nano,
                    event.name,
                    typed(python_attributes(event.attributes)),
                    event.dropped_attributes_count,
                )
                for event in span.events
            ],
            "links": [
                (
                    link.trace_id.hex(),
                    link.span_id.hex(),
                    link.trace_state,
                    typed(python_attributes(link.attributes)),
                    link.dropped_attributes_count,
                    link.flags,
                )
                for link in span.links
            ],
            "resource": (
                typed(python_attributes(resource_spans.resource.attributes)),
                resource_spans.resource.dropped_attributes_count,
                resource_spans.schema_url,
            ),
            "scope": (
                scope_spans.scope.name,
                scope_spans.scope.version,
                typed(python_attributes(scope_spans.scope.attributes)),
                scope_spans.scope.dropped_attributes_count,
                scope_spans.schema_url,
            ),
        }
        for resource_spans in message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    }


def read_back(spans):
    return {
        (span.trace_id, span.span_id, span.kind): {
            "parent": span.parent_span_id,
            "name": span.name,
            "start": span.start_ns,
            "end": span.end_ns,
            "status": (span.status_code, span.status_message),
            "trace_state": span.trace_state,
            "flags": span.flags,
            "attributes": typed(span.attributes),
            "dropped": (
                span.dropped_attributes_count,
                span.dropped_events_count,
                span.dropped_links_count,
            ),
            "events": [
                (event.time_ns, event.name, typed(event.attributes), event.dropped_attributes_count)
                for event in span.events
            ],
            "links": [
                (
                    link.trace_id,
                    link.span_id,
                    link.trace_state,
                    typed(link.attributes),
                    link.dropped_attributes_count,
                    link.flags,
                )
                for link in span.links
            ],
            "resource": (
                typed(span.resource.attributes),
                span.resource.dropped_attributes_count,
                span.resource.schema_url,
            ),
            "scope": (
                span.scope.name,
                span.scope.version,
                typed(span.scope.attributes),
                span.scope.dropped_attributes_count,
                span.scope.schema_url,
            ),
        }
        for span in spans
    }


@given(export_requests())
def test_everything_an_exporter_sent_comes_back(store, message):
    body = with_ids_of_its_own(message).SerializeToString()
    batch = Chain(default_processors(), WELL_KNOWN).process(Decoder().decode(body))

    store.writer.write(batch, [])

    expected = sent(message)
    traces = store.reader.get_traces(sorted({key[0] for key in expected}), timeout_s=10)
    assert expected == read_back(span for spans in traces.values() for span in spans)
