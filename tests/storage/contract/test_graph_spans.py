"""Spans in columns, as they come out of the store: what the specification of columns says."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings

import storage.graph.span_rows
from model.graph.span_columns import SpanColumns
from model.span import Link, Span, SpanKind
from storage.interface import Store
from tests.engines import Engine
from tests.graph.columns import columns_of
from tests.graph.meshes import mesh_spans, seeds
from tests.storage.batches import batch_from_spans
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_WINDOW = (0, 1 << 62)


def _told(columns: SpanColumns) -> list[tuple[object, ...]]:
    """All that columns tell, span by span, without the numbers that name shared things."""
    traces = [
        (columns.trace_id(trace), int(columns.times_ns[trace]))
        for trace in range(len(columns.times_ns))
    ]
    rows = [
        (
            traces[columns.trace[row]],
            int(columns.span_id[row]),
            int(columns.parent_id[row]) if columns.has_parent[row] else None,
            int(columns.start_ns[row]),
            int(columns.duration_ns[row]),
            int(columns.request_bytes[row]),
            int(columns.response_bytes[row]),
            columns.classes[columns.span_class[row]],
            columns.peer_addresses[columns.peer_address[row]],
            columns.trace_states[columns.trace_state[row]],
            columns.request_id[row].tolist(),
            columns.links.get(row, ()),
        )
        for row in range(len(columns))
    ]
    return [*sorted(rows, key=repr), columns.linked]


def _loaded(store: Store, **options: int) -> list[SpanColumns]:
    return list(store.graph.spans(*_WINDOW, timeout_s=TIMEOUT_S, **options))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(seed=seeds)
def test_columns_are_those_that_were_sent(engine: Engine, seed: int) -> None:
    spans = _distinct(mesh_spans(seed))
    Random(seed).shuffle(spans)
    with engine.place() as open_it:
        store = open_it()
        for first in range(0, len(spans), 9):
            store.writer.write(batch_from_spans(spans[first : first + 9]), [])

        (columns,) = _loaded(store)

        assert _told(columns_of(spans)) == _told(columns)
        assert (columns.trace[1:] >= columns.trace[:-1]).all()
        chunks = _loaded(store, chunk_spans=1)
        assert [columns.trace_id(n) for n in range(len(columns.trace_ids))] == [
            chunk.trace_id(0) for chunk in chunks
        ]


def _distinct(spans: Sequence[Span]) -> list[Span]:
    """The spans that the store keeps: one of each identity and start (rule G1)."""
    kept = {(span.trace_id, span.span_id, span.kind, span.start_ns): span for span in spans[::-1]}
    return list(kept.values())


_URLS = [
    *("http://api.example.com/a/b?x=http://other", "https://user:secret@api.example.com:8443"),
    *("http://[::1]:80/x", "http://h?q", "http://h#f", "/only/a/path", "", "http://a@b@c/d"),
    "no url",
]


@pytest.mark.parametrize("url", _URLS)
@pytest.mark.parametrize(
    "cluster", ["outbound|80||a.b.svc", "inbound|80||", "", "PassthroughCluster"]
)
@pytest.mark.parametrize("kind", [SpanKind.CLIENT, SpanKind.SERVER])
def test_the_host_of_a_url_is_told_where_no_cluster_tells_it(
    filled: SpanColumns, url: str, cluster: str, kind: SpanKind
) -> None:
    (expected,) = columns_of([_with_url(url, cluster, kind)]).classes

    assert expected in filled.classes


@pytest.fixture(scope="module")
def filled(engine: Engine) -> SpanColumns:
    spans = [
        _with_url(url, cluster, kind)
        for url in _URLS
        for cluster in ("outbound|80||a.b.svc", "inbound|80||", "", "PassthroughCluster")
        for kind in (SpanKind.CLIENT, SpanKind.SERVER)
    ]
    with engine.place() as open_it:
        store = open_it()
        store.writer.write(batch_from_spans(spans), [])
        (columns,) = _loaded(store)
    return columns


def _with_url(url: str, cluster: str, kind: SpanKind) -> Span:
    attributes = {"http.url": url, "upstream_cluster": cluster}
    name = f"{url} {cluster}"  # so that each has a class of its own
    return make_span(
        1, 1 + crc32(f"{name} {kind}".encode()), name=name, kind=kind, attributes=attributes
    )


def test_spans_far_from_one_another_in_the_table_are_read_in_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.graph.span_rows, "_GAP", 2)
    monkeypatch.setattr(storage.graph.span_rows, "_LEAST_RANGE", 4)
    monkeypatch.setattr(storage.graph.span_rows, "_FEW_RANGES", 1)
    monkeypatch.setattr(storage.graph.span_rows, "_WIDE_GAP", 10)
    choose = Random(3)
    wanted = [make_span(n % 7 + 1, n, start_ns=START_NS + n) for n in range(1, 60)]
    others = [make_span(1000 + n, 1000 + n, start_ns=START_NS - 10**12) for n in range(200)]
    spans = [*wanted, *others]
    choose.shuffle(spans)
    while spans:
        count = choose.choice((1, 5, 20))
        store.writer.write(batch_from_spans(spans[:count]), [])
        spans = spans[count:]

    (columns,) = store.graph.spans(START_NS - 10, START_NS + 10**9, timeout_s=TIMEOUT_S)

    assert _told(columns_of(wanted)) == _told(columns)


def test_a_link_names_the_callers_side_of_a_shared_id_wherever_its_trace_is(store: Store) -> None:
    client = make_span(1, 5, kind=SpanKind.PRODUCER, service_name="a")
    server = make_span(1, 5, kind=SpanKind.CONSUMER, service_name="b", start_ns=START_NS + 9)
    links = (Link(client.trace_id, client.span_id), Link("f" * 32, "f" * 16), Link("no", "id"))
    linking = make_span(2, 7, start_ns=START_NS + 10**12, links=links)
    store.writer.write(batch_from_spans([client, server]), [])
    store.writer.write(batch_from_spans([linking]), [])

    (columns,) = store.graph.spans(START_NS + 10**11, 1 << 62, timeout_s=TIMEOUT_S)

    ((link, linked),) = columns.linked.items()
    assert (client.trace_id, client.span_id) == (link.trace_id, link.span_id)
    assert ("a", client.start_ns, client.duration_ns) == (
        linked.span_class.service_name,
        linked.start_ns,
        linked.duration_ns,
    )
