"""Calls between two services, and the graph that a store has to give of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from model.span import Link, MeshIdentity, Span, SpanKind
from storage.interface import Store
from tests.graph.comparison import Plain, plain_table
from tests.graph.memory import MemoryGraph
from tests.storage.batches import batch_from_spans
from tests.storage.spans import TIMEOUT_S, make_span

__all__ = [
    "HOUR_NS",
    "MIDNIGHT_NS",
    "MINUTE_NS",
    "assert_graph",
    "call",
    "calls_of",
    "consumer",
    "producer",
    "write",
]

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
MIDNIGHT_NS = 1_760_054_400_000_000_000

_CART = MeshIdentity("east", "shop", "cart", "v1", "cart-v1", "cart-v1-7d4b9c5d6f-x2x4z")
_STOCK = MeshIdentity("east", "shop", "stock", "v1", "stock-v1", "stock-v1-5f6d7c8b9-q8w7z")


def call(trace: int, time_ns: int, *, duration_ns: int = 5_000_000) -> tuple[Span, Span]:
    """A trace of one request from ``cart`` to ``stock``: the client's and the server's span."""
    client = make_span(
        trace,
        2 * trace,
        start_ns=time_ns,
        duration_ns=duration_ns,
        kind=SpanKind.CLIENT,
        service_name="cart.shop",
        identity=_CART,
        attributes={
            "component": "proxy",
            "node_id": f"sidecar~10.0.0.1~{_CART.pod}.shop~shop.svc.cluster.local",
            "upstream_cluster": "outbound|8080||stock.shop.svc.cluster.local",
            "http.status_code": "200",
        },
    )
    server = make_span(
        trace,
        2 * trace + 1,
        parent_span_id=client.span_id,
        start_ns=time_ns + 1_000,
        duration_ns=duration_ns - 2_000,
        kind=SpanKind.SERVER,
        service_name="stock.shop",
        identity=_STOCK,
        attributes={
            "component": "proxy",
            "node_id": f"sidecar~10.0.0.2~{_STOCK.pod}.shop~shop.svc.cluster.local",
            "http.status_code": "200",
        },
    )
    return client, server


def producer(trace: int, time_ns: int) -> Span:
    """The span of ``cart`` that sends a message."""
    return make_span(
        trace,
        2 * trace,
        start_ns=time_ns,
        kind=SpanKind.PRODUCER,
        service_name="cart.shop",
        identity=_CART,
    )


def consumer(trace: int, time_ns: int, *producers: Span) -> Span:
    """The span of ``stock``, in a trace of its own, that takes the messages of ``producers``."""
    return make_span(
        trace,
        2 * trace,
        start_ns=time_ns,
        kind=SpanKind.CONSUMER,
        service_name="stock.shop",
        identity=_STOCK,
        links=tuple(Link(one.trace_id, one.span_id) for one in producers),
    )


def write(store: Store, *spans: Span) -> None:
    """Write spans in one batch."""
    store.writer.write(batch_from_spans(spans), [])


def calls_of(store: Store, from_ns: int, to_ns: int) -> int:
    """The calls of all edges of a window."""
    return int(store.graph.edges(from_ns, to_ns, timeout_s=TIMEOUT_S).measures.calls.sum())


def assert_graph(spans: Iterable[Span], store: Store, from_ns: int, to_ns: int) -> None:
    """Assert that a window says of edges, operations and pods what one delivery would."""
    expected = MemoryGraph(spans)
    edges = store.graph.edges(from_ns, to_ns, timeout_s=TIMEOUT_S)
    assert _plain(expected.edges(from_ns, to_ns)) == _plain(edges)
    operations = store.graph.operations(from_ns, to_ns, timeout_s=TIMEOUT_S)
    assert _plain(expected.operations(from_ns, to_ns)) == _plain(operations)


def _plain(table: object) -> Mapping[Hashable, Plain]:
    return plain_table(table)
