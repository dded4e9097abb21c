"""The traffic that the UI's tests stand on is the same every time, and holds what it promises."""

from collections import Counter

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.ui.apps import HTML_OPERATION, HTML_SERVICE
from tests.ui.large_trace import DEPTH, SPANS
from tests.ui.traffic import traffic

NOW_NS = 1_790_000_000_000_000_000
MINUTE = 60_000_000_000


@pytest.fixture(scope="module")
def drafted():
    return traffic(NOW_NS)


def spans_of(trace):
    exported = ExportTraceServiceRequest.FromString(b"".join(trace.exports))
    return [
        span
        for resource_spans in exported.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def test_it_is_the_same_every_time_but_for_its_times(drafted):
    later = traffic(NOW_NS + MINUTE)

    assert [(trace.trace_id, trace.span_count) for trace in drafted.traces] == [
        (trace.trace_id, trace.span_count) for trace in later.traces
    ]


def test_every_span_ended_before_now_and_after_it_began(drafted):
    for trace in drafted.traces:
        for span in spans_of(trace):
            assert span.start_time_unix_nano < span.end_time_unix_nano <= NOW_NS


def test_no_two_spans_share_an_id(drafted):
    ids = [span.span_id for trace in drafted.traces for span in spans_of(trace)]

    assert drafted.span_count == len(ids) == len(set(ids))


def test_the_last_quarter_of_an_hour_has_the_more_traffic(drafted):
    starts = [spans_of(trace)[0].start_time_unix_nano for trace in drafted.traces]
    recent = sum(start >= NOW_NS - 15 * MINUTE for start in starts)

    assert recent > 400 > len(starts) - recent > 100


def test_the_large_trace_is_wide_and_deep_and_every_span_lies_within_its_parent(drafted):
    spans = spans_of(drafted.large)
    by_id = {span.span_id: span for span in spans}
    depths = Counter()
    for span in spans:
        depth = 1
        above = span
        while above.parent_span_id:
            below, above = above, by_id[above.parent_span_id]
            assert above.start_time_unix_nano <= below.start_time_unix_nano
            assert below.end_time_unix_nano <= above.end_time_unix_nano
            depth += 1
        depths[depth] += 1

    assert (SPANS, DEPTH) == (len(spans), max(depths))


def test_a_parent_is_missing_only_where_it_is_meant_to_be(drafted):
    missing = {}
    for trace in drafted.traces:
        spans = spans_of(trace)
        ids = {span.span_id for span in spans} | {b""}
        lost = {span.parent_span_id for span in spans} - ids
        if lost:
            missing[trace.trace_id] = len(lost)

    assert {drafted.missing_parent.trace_id: 1} == missing


def test_an_app_that_forwards_nothing_begins_a_trace_with_the_same_request_id(drafted):
    traces = [
        trace for trace in drafted.traces if trace.request_id == drafted.unforwarded.request_id
    ]

    assert 2 == len({trace.trace_id for trace in traces})


def test_names_that_look_like_markup_are_sent_as_they_are(drafted):
    (span,) = spans_of(drafted.html)

    assert HTML_OPERATION == span.name
    assert HTML_SERVICE.encode() in b"".join(drafted.html.exports)
