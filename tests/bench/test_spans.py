"""The load's shape is Envoy's, and every round of it is known."""

from __future__ import annotations

from collections import defaultdict

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.spans import Round, Template, build_template


@pytest.fixture(scope="module")
def template() -> Template:
    return build_template(traces=1000, spans_per_request=5, round_ns=10**9, seed=1)


def spans_of(template: Template) -> list[Span]:
    return [
        span
        for body in template.bodies
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def test_a_span_has_about_nine_hundred_bytes_and_twenty_attributes(template: Template) -> None:
    facts = template.facts()

    assert 880 < facts["bytes_per_span"] < 960
    assert 19.5 < facts["attributes_per_span"] < 21.5


def test_nearly_every_request_has_five_spans_of_one_pod(template: Template) -> None:
    requests = [ExportTraceServiceRequest.FromString(body) for body in template.bodies]
    whole = [
        request
        for request in requests
        if [len(each.scope_spans[0].spans) for each in request.resource_spans] == [5]
    ]

    assert len(whole) > 0.98 * len(requests)


def test_a_request_with_512_spans_is_filled_from_several_pods_at_the_end() -> None:
    template = build_template(traces=1000, spans_per_request=512, round_ns=10**9, seed=1)

    assert len(template.bodies) == -(-template.span_count // 512)


def test_every_attribute_value_is_a_string(template: Template) -> None:
    kinds = {
        each.value.WhichOneof("value") for span in spans_of(template) for each in span.attributes
    }

    assert kinds == {"string_value"}


def test_the_bodies_hold_each_span_of_each_trace_once(template: Template) -> None:
    sent = [(span.trace_id, span.span_id) for span in spans_of(template)]
    drafted = [(trace.trace_id, span.span_id) for trace in template.traces for span in trace.spans]

    assert sorted(sent) == sorted(drafted)


def test_every_trace_is_complete_and_split_over_requests(template: Template) -> None:
    traces: dict[bytes, list[Span]] = defaultdict(list)
    for span in spans_of(template):
        traces[span.trace_id].append(span)

    for spans in traces.values():
        ids = {span.span_id for span in spans}
        assert [span.parent_span_id for span in spans if span.parent_span_id not in ids] == [b""]
        assert 6 <= len(spans) <= 9


def test_one_or_two_percent_of_the_traces_fail(template: Template) -> None:
    failed = sum(any(span.failed for span in trace.spans) for trace in template.traces)

    assert 0.005 < failed / len(template.traces) < 0.025


def test_the_same_seed_gives_the_same_bytes(template: Template) -> None:
    again = build_template(traces=1000, spans_per_request=5, round_ns=10**9, seed=1)

    assert again.bodies == template.bodies


def test_no_two_rounds_share_an_id(template: Template) -> None:
    rounds = [Round(7, number, 0, template.round_ns) for number in range(50)]

    trace_ids = {each.trace_id(trace) for each in rounds for trace in template.traces}
    request_ids = {each.request_id(trace) for each in rounds for trace in template.traces}

    assert len(trace_ids) == len(request_ids) == 50 * len(template.traces)


def test_a_round_keeps_what_the_request_id_says_about_sampling(template: Template) -> None:
    request_id = Round(7, 3, 0, template.round_ns).request_id(template.traces[0])

    assert request_id[14] == "9"
