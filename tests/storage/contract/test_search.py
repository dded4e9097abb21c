"""Searching: the same answer as a full scan, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import storage.search
from model.query import AttributeCondition, AttributeScope, Comparison, Cursor, TraceQuery
from model.span import SpanKind, StatusCode
from storage.interface import SpoolPosition, Store
from tests.engines import Engine
from tests.storage.batches import batch_from_spans
from tests.storage.brute_force import matching_spans, matching_traces
from tests.storage.spans import START_NS, TIMEOUT_S, make_span, random_spans

_COVERS_NS = 100_000_000_000
_SPANS = random_spans(seed=1, count=600, traces=120, covers_ns=_COVERS_NS)
_REQUEST_ID = "3f2e1d0c-aaaa-bbbb-8ccc-123456789abc"


@pytest.fixture(scope="module")
def filled(engine: Engine) -> Iterator[Store]:
    with engine.place() as open_it, pytest.MonkeyPatch.context() as patch:
        store = open_it()
        for first in range(0, len(_SPANS), 75):
            batch = batch_from_spans(_SPANS[first : first + 75])
            store.writer.write(batch, [SpoolPosition("spool", first)])
        # So small that 600 spans take several slices, and a slice several rounds.
        patch.setattr(storage.search, "_FIRST_SLICE_SPANS", 5)
        patch.setattr(storage.search, "_GROWTH", 3)
        patch.setattr(storage.search, "_CANDIDATES_PER_TRACE", 1)
        yield store


_conditions = st.builds(
    AttributeCondition,
    key=st.sampled_from(
        [
            *("http.method", "http.request.method", "http.status_code", "error", "component"),
            *("guid:x-request-id", "custom", "a/b~c", "é key", "scope only", "reason", "l"),
            "unknown",
        ]
    ),
    comparison=st.sampled_from(list(Comparison)),
    value=st.sampled_from(
        ["GET", "200", "7", "1.5", "-1", "300", "true", "", "e", "é", "{", "AP8=", _REQUEST_ID]
    ),
    scope=st.sampled_from(list(AttributeScope)),
    or_absent=st.booleans(),
)
_moments = st.integers(START_NS - 10, START_NS + 2 * _COVERS_NS)
_durations = st.none() | st.sampled_from([0, 10, 1_000_000, 70_000_000, 10_000_000_000])

_queries = st.builds(
    TraceQuery,
    from_ns=st.just(START_NS) | _moments,
    to_ns=st.just(START_NS + 2 * _COVERS_NS) | _moments,
    service=st.sampled_from(
        ["", "", "reviews", "reviews.default", "reviews.test.svc.cluster.local", "api.example.com"]
    ),
    namespace=st.sampled_from(["", "", "default"]),
    cluster=st.sampled_from(["", "", "east"]),
    operation=st.sampled_from(["", "", "é"]),
    scope_name=st.sampled_from([None, None, "", "envoy", "other"]),
    scope_version=st.sampled_from([None, None, "", "1.40", "other"]),
    kind=st.none() | st.sampled_from(SpanKind),
    status=st.none() | st.sampled_from(StatusCode),
    error=st.none() | st.booleans(),
    min_duration_ns=_durations,
    max_duration_ns=_durations,
    min_trace_duration_ns=_durations,
    max_trace_duration_ns=_durations,
    request_id=st.sampled_from(["", "", "", _REQUEST_ID, "007"]),
    attributes=st.lists(_conditions, max_size=2).map(tuple),
    limit=st.integers(1, 30),
)


def _query(**fields: object) -> TraceQuery:
    return replace(TraceQuery(START_NS, START_NS + 2 * _COVERS_NS), **fields)  # type: ignore[arg-type]  # fields of TraceQuery


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=_queries)
def test_all_pages_together_are_what_a_full_scan_finds(filled: Store, query: TraceQuery) -> None:
    found = []
    page = filled.reader.find_traces(query, timeout_s=TIMEOUT_S)
    found.extend(page.summaries)
    while page.next is not None:
        page = filled.reader.find_traces(replace(query, after=page.next), timeout_s=TIMEOUT_S)
        found.extend(page.summaries)

    assert found == matching_traces(_SPANS, query)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(condition=_conditions)
def test_every_attribute_condition_is_exact(filled: Store, condition: AttributeCondition) -> None:
    query = _query(attributes=(condition,), limit=1000)

    page = filled.reader.find_traces(query, timeout_s=TIMEOUT_S)

    assert list(page.summaries) == matching_traces(_SPANS, query)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=_queries, start=_moments, digit=st.sampled_from("0123456789abcdef"))
@example(query=_query(), start=START_NS, digit="0")
def test_a_cursor_may_be_any_position(
    filled: Store, query: TraceQuery, start: int, digit: str
) -> None:
    cursor = Cursor(start, digit * 32)

    page = filled.reader.find_traces(replace(query, after=cursor), timeout_s=TIMEOUT_S)

    after = [
        summary
        for summary in matching_traces(_SPANS, query)
        if Cursor(summary.start_ns, summary.trace_id) < cursor
    ]
    assert list(page.summaries) == after[: query.limit]
    assert (page.next is None) == (len(after) <= query.limit)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=_queries, width_ns=st.sampled_from([1_000_000_000, 7_000_000_000, 10**12]))
def test_a_histogram_counts_what_a_full_scan_counts(
    filled: Store, query: TraceQuery, width_ns: int
) -> None:
    buckets = filled.reader.histogram(query, width_ns, timeout_s=TIMEOUT_S)

    spans = matching_spans(_SPANS, query)
    first_ns = query.from_ns - query.from_ns % width_ns
    assert [bucket.start_ns for bucket in buckets] == list(range(first_ns, query.to_ns, width_ns))
    for bucket in buckets:
        here = [s for s in spans if s.start_ns - s.start_ns % width_ns == bucket.start_ns]
        assert bucket.span_count == len(here)
        assert bucket.error_count == sum(span.is_error for span in here)


def test_a_histogram_of_too_many_buckets_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="at most 10000 buckets"):
        store.reader.histogram(_query(), 1_000, timeout_s=TIMEOUT_S)


def test_an_empty_store_finds_nothing(store: Store) -> None:
    page = store.reader.find_traces(_query(), timeout_s=TIMEOUT_S)

    assert page.summaries == ()
    assert page.next is None


def test_a_late_span_moves_its_trace_to_its_earlier_start(store: Store) -> None:
    store.writer.write(batch_from_spans([make_span(1, 5), make_span(2, 6)]), [])
    store.writer.write(batch_from_spans([make_span(2, 1, start_ns=START_NS)]), [])

    page = store.reader.find_traces(_query(), timeout_s=TIMEOUT_S)

    assert [summary.trace_id[-1] for summary in page.summaries] == ["1", "2"]
    assert page.summaries[1].start_ns == START_NS


def test_a_search_sees_what_was_committed_before_it(store: Store) -> None:
    for number in range(1, 6):
        span = make_span(number, number, attributes={f"key {number}": "v"})
        store.writer.write(batch_from_spans([span]), [])

        query = _query(attributes=(AttributeCondition(f"key {number}", Comparison.EQUAL, "v"),))
        page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)
        assert [summary.trace_id for summary in page.summaries] == [span.trace_id]


@pytest.mark.parametrize("text", ["C:\\u0000x", "C:\\\\u0000x", "\\u0000x"])
def test_a_text_that_reads_as_an_escape_of_json_is_found_as_it_is(store: Store, text: str) -> None:
    store.writer.write(batch_from_spans([make_span(1, 1, attributes={"path": text})]), [])

    query = _query(attributes=(AttributeCondition("path", Comparison.CONTAINS, "\\u0000x"),))
    page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)

    assert len(page.summaries) == 1
