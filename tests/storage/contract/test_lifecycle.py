"""Opening, closing, and the signs of life in between."""

from __future__ import annotations

import pytest

from storage.interface import SpoolPosition, Store, StoreState, StoreUnavailable
from tests.engines import OpenStore
from tests.storage.batches import batch_from_spans
from tests.storage.spans import START_NS, TIMEOUT_S, make_span


def test_what_was_stored_is_there_after_a_restart(open_again: OpenStore) -> None:
    span = make_span(1, 1, attributes={"http.method": "GET", "custom": [1]})
    store = open_again()
    store.writer.write(batch_from_spans([span]), [SpoolPosition("a", 1)])
    before = store.stats()
    store.close()

    store = open_again()
    assert store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S) == {span.trace_id: [span]}
    after = store.stats()
    assert (after.spans, after.oldest_ns, after.newest_ns) == (
        before.spans,
        before.oldest_ns,
        before.newest_ns,
    )


def test_an_empty_store_says_so(store: Store) -> None:
    stats = store.stats()

    assert (stats.spans, stats.oldest_ns, stats.newest_ns) == (0, None, None)
    assert stats.schema_version >= 1
    assert store.state() is StoreState.OK


def test_stats_count_spans_and_the_time_they_cover(store: Store) -> None:
    store.writer.write(batch_from_spans([make_span(1, 5), make_span(2, 2)]), [])

    stats = store.stats()
    assert (stats.spans, stats.oldest_ns, stats.newest_ns) == (2, START_NS + 2000, START_NS + 5000)
    assert stats.bytes_on_disk > 0


def test_a_store_that_is_alone_leads_each_time_that_it_asks(open_again: OpenStore) -> None:
    for _ in range(2):
        store = open_again()
        assert (True, True) == (store.lead(), store.lead())
        store.close()


def test_a_closed_store_is_unavailable_and_may_be_closed_again(store: Store) -> None:
    store.close()
    store.close()

    assert store.state() is StoreState.UNAVAILABLE
    with pytest.raises(StoreUnavailable):
        store.writer.write(batch_from_spans([make_span()]), [])
    with pytest.raises(StoreUnavailable):
        store.reader.services(timeout_s=TIMEOUT_S)
