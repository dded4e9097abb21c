"""The derived message forms carry exactly what the official messages carry."""

from hypothesis import given
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.messages import LenientExportRequest, LenientKeyValue, ShadowExportRequest
from tests.collector.otlp_strategies import export_requests


@given(export_requests())
def test_the_lenient_form_gives_back_the_official_bytes(request_message):
    body = request_message.SerializeToString(deterministic=True)

    again = ExportTraceServiceRequest.FromString(
        LenientExportRequest.FromString(body).SerializeToString()
    )

    assert again == request_message


@given(export_requests())
def test_the_shadow_form_gives_back_the_official_bytes(request_message):
    for resource_spans in request_message.resource_spans:
        # An empty message and an absent one are the same here, so make them all present.
        resource_spans.resource.dropped_attributes_count = 7
        for scope_spans in resource_spans.scope_spans:
            scope_spans.scope.dropped_attributes_count = 7
    body = request_message.SerializeToString()

    again = ExportTraceServiceRequest.FromString(
        ShadowExportRequest.FromString(body).SerializeToString()
    )

    assert again == request_message


@given(export_requests())
def test_the_shadow_form_has_the_attributes_of_the_official_message_as_raw_bytes(request_message):
    shadow = ShadowExportRequest.FromString(request_message.SerializeToString())

    expected = [
        [attribute.key.encode() for attribute in span.attributes]
        for resource_spans in request_message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]
    assert expected == [
        [LenientKeyValue.FromString(raw).key for raw in span.attributes]
        for resource_spans in shadow.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def test_text_that_is_no_utf8_parses_in_the_lenient_form():
    official = ExportTraceServiceRequest()
    official.resource_spans.add().scope_spans.add().spans.add().name = "bad??name"
    body = official.SerializeToString().replace(b"bad??name", b"bad\xff\xfename")

    parsed = LenientExportRequest.FromString(body)

    assert body == parsed.SerializeToString()


def test_concatenated_requests_are_one_request():
    one = ExportTraceServiceRequest()
    one.resource_spans.add().scope_spans.add().spans.add().name = "first"
    two = ExportTraceServiceRequest()
    two.resource_spans.add().scope_spans.add().spans.add().name = "second"

    joined = ShadowExportRequest.FromString(one.SerializeToString() + two.SerializeToString())

    assert [b"first", b"second"] == [
        resource_spans.scope_spans[0].spans[0].name for resource_spans in joined.resource_spans
    ]
