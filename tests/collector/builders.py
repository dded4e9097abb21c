"""Short ways to say OTLP requests in tests."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE_ID = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
START = 1_795_000_000_000_000_000


def any_value(value):
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case _:
            return AnyValue()


def key_values(attributes):
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def span(number=1, attributes=None, **fields):
    """A span with a valid id; ``fields`` are those of the official message."""
    known = {
        "trace_id": TRACE_ID,
        "span_id": number.to_bytes(8, "big"),
        "name": f"span {number}",
        "kind": Span.SPAN_KIND_SERVER,
        "start_time_unix_nano": START + number,
        "end_time_unix_nano": START + number + 1_000_000,
    }
    return Span(**{**known, **fields}, attributes=key_values(attributes or {}))


def request(*spans, resource=None):
    """The serialised request of one resource with these spans."""
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add()
    found = {"service.name": "reviews.default"} if resource is None else resource
    resource_spans.resource.attributes.extend(key_values(found))
    resource_spans.scope_spans.add().spans.extend(spans)
    return message.SerializeToString()
