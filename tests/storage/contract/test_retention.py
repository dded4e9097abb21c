"""Retention: what is deleted, what stays, and that nothing refers to what is gone."""

from __future__ import annotations

from model.query import TraceQuery
from model.span import Event, Link, Resource
from storage.interface import Store
from tests.engines import Engine, OpenStore
from tests.storage.batches import batch_from_spans
from tests.storage.envoy import EnvoyTraffic
from tests.storage.graph_spans import MIDNIGHT_NS
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS


def _trace_ids(store: Store) -> set[int]:
    query = TraceQuery(0, 1 << 62, limit=1000)
    page = store.reader.find_traces(query, timeout_s=TIMEOUT_S)
    return {int(summary.trace_id, 16) for summary in page.summaries}


def test_what_is_too_old_goes_and_the_rest_stays(store: Store) -> None:
    spans = [make_span(day, day, start_ns=START_NS + day * _DAY_NS) for day in range(1, 11)]
    store.writer.write(batch_from_spans(spans), [])

    report = store.apply_retention(START_NS + 12 * _DAY_NS, 7 * _DAY_NS, None)

    assert report.spans_deleted == report.by_age == 4
    assert _trace_ids(store) == {5, 6, 7, 8, 9, 10}
    assert store.stats().spans == 6
    assert store.stats().oldest_ns == START_NS + 5 * _DAY_NS


def test_what_is_not_too_old_stays_and_what_is_goes_in_time(store: Store, engine: Engine) -> None:
    spans = [make_span(n, n, start_ns=MIDNIGHT_NS + n * _HOUR_NS) for n in range(1, 60)]
    store.writer.write(batch_from_spans(spans), [])

    for cut_ns in range(MIDNIGHT_NS, MIDNIGHT_NS + 60 * _HOUR_NS, 7 * _HOUR_NS):
        store.apply_retention(cut_ns + _DAY_NS, _DAY_NS, None)

        kept = _trace_ids(store)
        assert kept >= {n for n, span in enumerate(spans, 1) if span.start_ns >= cut_ns}
        in_time_ns = cut_ns - engine.kept_longer_ns
        assert kept.isdisjoint(n for n, span in enumerate(spans, 1) if span.start_ns < in_time_ns)


def test_a_trace_is_not_cut_in_half(store: Store, engine: Engine) -> None:
    step_ns = _HOUR_NS // 4
    first, second = (make_span(1, n, start_ns=MIDNIGHT_NS + n * step_ns) for n in (1, 3))
    before_midnight = make_span(2, 5, start_ns=MIDNIGHT_NS - step_ns)
    after_midnight = make_span(2, 6, start_ns=MIDNIGHT_NS + step_ns)
    alone = make_span(3, 7, start_ns=MIDNIGHT_NS - step_ns)
    traces = [[first, second], [before_midnight, after_midnight], [alone]]
    for span in (first, after_midnight, alone, before_midnight, second):
        store.writer.write(batch_from_spans([span]), [])

    for cut_ns in range(MIDNIGHT_NS - 2 * step_ns, MIDNIGHT_NS + 28 * _HOUR_NS, step_ns // 2):
        store.apply_retention(cut_ns + _DAY_NS, _DAY_NS, None)

        ids = [trace[0].trace_id for trace in traces]
        kept = store.reader.get_traces(ids, timeout_s=TIMEOUT_S)
        for trace in traces:
            stored = kept.get(trace[0].trace_id, [])
            if trace[-1].start_ns >= cut_ns:
                assert stored == trace
            elif trace[-1].start_ns < cut_ns - engine.kept_longer_ns:
                assert stored == []
            else:
                assert stored in ([], trace)


def test_a_trace_that_never_ends_does_not_keep_its_old_spans_for_ever(
    store: Store, engine: Engine
) -> None:
    spans = [make_span(1, n, start_ns=MIDNIGHT_NS + n * _HOUR_NS) for n in range(1, 60)]
    for span in spans:
        store.writer.write(batch_from_spans([span]), [])

    for cut_ns in range(MIDNIGHT_NS, MIDNIGHT_NS + 58 * _HOUR_NS, 7 * _HOUR_NS):
        store.apply_retention(cut_ns + _DAY_NS, _DAY_NS, None)

        traces = store.reader.get_traces([spans[0].trace_id], timeout_s=TIMEOUT_S)
        kept = traces[spans[0].trace_id]
        assert kept == spans[-len(kept) :]
        in_time_ns = cut_ns - _HOUR_NS - engine.kept_longer_ns
        assert in_time_ns <= kept[0].start_ns <= max(cut_ns, spans[0].start_ns)


def test_what_only_deleted_spans_named_is_deleted_too(store: Store) -> None:
    old = make_span(
        1,
        1,
        attributes={"old key": 1},
        events=(Event(START_NS, "e", {"old event key": 1}),),
        links=(Link("ab" * 16, "cd" * 8, attributes={"old link key": 1}),),
        resource=Resource({"old": 1}),
        service_name="o",
    )
    new = make_span(2, 2, start_ns=START_NS + 3 * _DAY_NS, resource=Resource({"new": 1}))
    for span in (old, new):
        store.writer.write(batch_from_spans([span]), [])

    store.apply_retention(START_NS + 3 * _DAY_NS, _DAY_NS, None)

    keys = [key.key for key in store.reader.attribute_keys(timeout_s=TIMEOUT_S)]
    assert keys == ["new"]
    assert [s.name for s in store.reader.services(timeout_s=TIMEOUT_S)] == ["reviews.default"]

    # And it comes back with the next span that names it.
    again = make_span(3, 3, start_ns=new.start_ns, resource=old.resource, attributes={"old key": 1})
    store.writer.write(batch_from_spans([again]), [])
    traces = store.reader.get_traces([again.trace_id, new.trace_id], timeout_s=TIMEOUT_S)
    assert traces == {again.trace_id: [again], new.trace_id: [new]}


def test_too_many_bytes_cost_the_oldest_spans(open_again: OpenStore) -> None:
    traffic = EnvoyTraffic()
    store = open_again()
    for _ in range(4):
        store.writer.write(traffic.batch(5_000), [])
        traffic.start_ns += _DAY_NS
    store.close()
    store = open_again()
    before = store.stats()
    assert before.oldest_ns is not None
    assert before.newest_ns is not None

    report = store.apply_retention(START_NS, None, before.bytes_on_disk // 2)

    after = store.stats()
    assert after.oldest_ns is not None
    assert report.spans_deleted == report.by_size == before.spans - after.spans > 0
    assert after.spans > 0
    assert after.oldest_ns > before.oldest_ns
    assert after.newest_ns == before.newest_ns


def test_without_bounds_nothing_is_deleted(store: Store) -> None:
    store.writer.write(batch_from_spans([make_span()]), [])

    report = store.apply_retention(1 << 62, None, None)

    assert report.spans_deleted == 0
    assert store.stats().spans == 1
