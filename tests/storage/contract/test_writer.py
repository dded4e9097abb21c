"""Writing: all or nothing, each span once, and durable."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.batch import SpanBatch
from model.query import TraceQuery
from model.span import Resource, Span, SpanKind
from storage.interface import SpoolPosition, Store, StoreError, WriteResult
from tests.engines import Engine, OpenStore
from tests.storage.batches import batch_from_spans
from tests.storage.envoy import EnvoyTraffic
from tests.storage.spans import START_NS, TIMEOUT_S, make_span, random_spans

_HOUR_NS = 3_600_000_000_000


def _stored(store: Store, *spans: Span) -> list[Span]:
    traces = store.reader.get_traces([span.trace_id for span in spans], timeout_s=TIMEOUT_S)
    return [span for trace in traces.values() for span in trace]


def test_every_field_of_a_span_comes_back_as_it_was_sent(store: Store) -> None:
    spans = random_spans(seed=2, count=300, traces=40, covers_ns=10**12)
    spans.append(
        make_span(
            99,
            1,
            parent_span_id="f" * 16,
            span_id="8" + "0" * 15,
            status_message="boom",
            trace_state="a=b",
            flags=0xFFFFFFFF,
            dropped_attributes_count=0xFFFFFFFF,
            dropped_events_count=2,
            dropped_links_count=3,
            attributes={
                "double": 1.0,
                "nan": float("inf"),
                "big": (1 << 63) - 1,
                "": "empty key",
                "http.status_code": 9,
                "http.response.status_code": "9",
            },
        )
    )

    store.writer.write(batch_from_spans(spans), [])

    traces = store.reader.get_traces([span.trace_id for span in spans], timeout_s=TIMEOUT_S)
    stored = {(s.trace_id, s.span_id): s for trace in traces.values() for s in trace}
    assert stored == {(span.trace_id, span.span_id): span for span in spans}
    for span in spans:
        read = stored[span.trace_id, span.span_id]
        assert repr(read.attributes) == repr(span.attributes)  # types and order too


def test_spans_of_a_trace_come_in_order_of_start_then_id(store: Store) -> None:
    late, high, low = make_span(1, 9), make_span(1, 3), make_span(1, 2)
    high = replace(high, span_id="f" * 16, start_ns=low.start_ns)

    store.writer.write(batch_from_spans([late]), [])
    store.writer.write(batch_from_spans([high, low]), [])

    assert _stored(store, late) == [low, high, late]


def test_a_span_written_again_is_stored_once(store: Store) -> None:
    span, other = make_span(1, 1), make_span(1, 2)
    store.writer.write(batch_from_spans([span]), [])

    result = store.writer.write(batch_from_spans([span, other]), [])

    assert result == WriteResult(written=1, duplicates=1)
    assert _stored(store, span) == [span, other]


def test_a_span_twice_in_a_batch_is_stored_once(store: Store) -> None:
    span = make_span(1, 1)

    result = store.writer.write(batch_from_spans([span, span, make_span(2, 2)]), [])

    assert result == WriteResult(written=2, duplicates=1)
    assert _stored(store, span) == [span]


@pytest.mark.parametrize(
    "other",
    [{"kind": SpanKind.CLIENT}, {"span_id": "a" * 16}, {"trace_id": "a" * 32}, {"start_ns": 5}],
    ids=lambda fields: next(iter(fields)),
)
def test_another_side_id_or_start_is_another_span(store: Store, other: dict[str, object]) -> None:
    span = make_span(1, 1)
    store.writer.write(batch_from_spans([span]), [])

    result = store.writer.write(batch_from_spans([replace(span, **other)]), [])

    assert result.written == 1


def test_late_duplicates_of_many_times_are_found(store: Store) -> None:
    old = [make_span(n, n, start_ns=START_NS + n * _HOUR_NS) for n in range(1, 30)]
    store.writer.write(batch_from_spans(old), [])

    result = store.writer.write(batch_from_spans([*old, make_span(50, 50)]), [])

    assert result == WriteResult(written=1, duplicates=29)


# Opening a store takes longer than an example: each has traces of its own in one store.
_examples = itertools.count(1)


@pytest.fixture(scope="module")
def shared(engine: Engine) -> Iterator[Store]:
    with engine.place() as open_it:
        yield open_it()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6),
    seed=st.integers(0, 5),
)
def test_batches_that_overlap_store_each_span_once(
    shared: Store, cuts: list[tuple[int, int]], seed: int
) -> None:
    example = next(_examples)
    spans = [
        replace(span, trace_id=f"{example:08x}{span.trace_id[8:]}")
        for span in random_spans(seed, count=60, traces=8, covers_ns=10**12)
    ]
    before = shared.stats().spans
    written = 0
    sent: dict[str, Span] = {}
    for first, count in cuts:
        part = spans[first : first + count]
        written += shared.writer.write(batch_from_spans(part), []).written
        sent.update((span.span_id, span) for span in part)

    assert written == len(sent) == shared.stats().spans - before
    stored = _stored(shared, *spans)
    assert {span.span_id: span for span in stored} == sent
    assert len(stored) == len(sent)


def test_positions_are_stored_with_the_rows_and_survive_a_restart(open_again: OpenStore) -> None:
    store = open_again()
    store.writer.write(batch_from_spans([make_span()]), [SpoolPosition("a", 1)])
    store.writer.write(batch_from_spans([]), [SpoolPosition("a", 2), SpoolPosition("b", 7)])
    assert store.writer.positions() == {"a": 2, "b": 7}
    store.close()

    assert open_again().writer.positions() == {"a": 2, "b": 7}


def test_a_failure_in_the_middle_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_span(1, 1)
    store.writer.write(batch_from_spans([first]), [SpoolPosition("a", 1)])
    resource = Resource({"service.name": "new"})
    batch = batch_from_spans([make_span(2, 2, attributes={"new key": 1}, resource=resource)])

    with monkeypatch.context() as patch:
        # The positions are the last thing that a transaction writes.
        patch.setattr(type(store.writer), "_write_positions", _fail)
        with pytest.raises(RuntimeError, match="injected"):
            store.writer.write(batch, [SpoolPosition("a", 2)])

    assert store.writer.positions() == {"a": 1}
    assert _stored(store, first, make_span(2, 2)) == [first]
    assert store.reader.attribute_keys("new key", timeout_s=TIMEOUT_S) == []
    assert store.writer.write(batch, [SpoolPosition("a", 2)]) == WriteResult(1, 0)
    assert _stored(store, make_span(2, 2))[0].resource == resource


def _fail(*_: object) -> None:
    raise RuntimeError("injected")


def test_spans_go_on_after_a_restart(open_again: OpenStore) -> None:
    spans = random_spans(seed=4, count=100, traces=20, covers_ns=10**12)
    store = open_again()
    store.writer.write(batch_from_spans(spans[:50]), [])
    store.close()

    store = open_again()
    result = store.writer.write(batch_from_spans(spans[25:]), [])

    assert result == WriteResult(written=50, duplicates=25)
    assert {span.span_id: span for span in _stored(store, *spans)} == {
        span.span_id: span for span in spans
    }
    assert store.stats().spans == 100


def test_a_batch_with_a_column_that_the_store_lacks_is_refused(store: Store) -> None:
    batch = batch_from_spans([make_span()])
    wider = SpanBatch(
        batch.spans.append_column("unheard_of", [["x"]]),
        batch.resources,
        batch.scopes,
        batch.shapes,
    )

    with pytest.raises(StoreError, match="unheard_of"):
        store.writer.write(wider, [])


def test_readers_see_whole_batches_while_a_writer_writes(store: Store) -> None:
    traffic = EnvoyTraffic()
    batches = [traffic.batch(500) for _ in range(12)]
    query = TraceQuery(0, 1 << 62, limit=1000)

    def read() -> list[int]:
        counts = []
        while not counts or counts[-1] < 12 * 50:
            page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)
            counts.append(len(page.summaries))
            assert all(summary.span_count == 10 for summary in page.summaries)
        return counts

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for batch in batches:
            store.writer.write(batch, [])
        for reader in readers:
            counts = reader.result()
            assert counts == sorted(counts)
            assert all(count % 50 == 0 for count in counts)
