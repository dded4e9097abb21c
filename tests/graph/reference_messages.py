"""The reference's fifth step: calls by messages (rules G28 to G33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.graph.edge import Protocol
from model.graph.place import Place
from model.graph.span_columns import SpanLink
from model.span import SpanKind
from tests.graph.reference_calls import (
    UNKNOWN,
    Call,
    group_above,
    group_below,
    is_self_call,
    main_root,
    without_port,
)
from tests.graph.reference_peers import messaging_place, produces
from tests.graph.reference_trace import Node

__all__ = ["Producer", "message_calls"]


@dataclass(frozen=True)
class Producer:
    """What caused a message: a span above the consumer, or one that it links to."""

    link: SpanLink
    place: Place
    end_ns: int
    to: Place | None
    node: Node | None = None


def message_calls(nodes: list[Node], linked: Mapping[SpanLink, Producer]) -> list[Call]:
    """Return producer to destination, destination to consumer, or producer to consumer."""
    sent: dict[Node, Place] = {
        node: to
        for node in nodes
        if node.place is not None and produces(node) and (to := messaging_place(node)) is not None
    }
    root = main_root(nodes)
    calls = []
    for node in nodes:
        if node.place is None or node.what.kind is not SpanKind.CONSUMER:
            continue
        above = node.placed_ancestor()
        parent = None
        if above is not None:
            if above.place == node.place and not is_self_call(node, above):
                continue
            parent = _producer(above) if above.is_outbound else None
        calls += _into(node, parent, linked, sent, root)
    calls += [_out_of(node, to) for node, to in sent.items()]
    return calls


def _producer(node: Node) -> Producer:
    assert node.place is not None
    link = SpanLink(node.trace_id, node.span_id)
    return Producer(link, node.place, node.end_ns, messaging_place(node), node)


def _into(
    node: Node,
    parent: Producer | None,
    linked: Mapping[SpanLink, Producer],
    sent: dict[Node, Place],
    root: Node | None,
) -> list[Call]:
    assert node.place is not None
    own = messaging_place(node)
    producers = {} if parent is None else {parent.link: parent}
    for link in sorted(node.links, key=lambda one: (one.trace_id, one.span_id)):
        if link in linked:
            producers.setdefault(link, linked[link])
    if own is not None and parent is not None and parent.to is None and parent.node is not None:
        sent.setdefault(parent.node, own)
    if producers:
        return [_received(node, own or one.to, one) for one in producers.values()]
    if own is not None:
        return [_received(node, own, None)]
    return [_without_producer(node, root)]


def _received(node: Node, to: Place | None, producer: Producer | None) -> Call:
    assert node.place is not None
    if to is not None:
        source = to
    else:
        assert producer is not None
        source = producer.place
    call = Call(
        source,
        node.place,
        node,
        [node],
        caller=None if producer is None else producer.node,
        incoming=group_below(node),
        asynchronous=True,
        protocol=Protocol.MESSAGING,
        server_ns=node.duration_ns,
    )
    if producer is not None:
        call.lag_ns = max(0, node.start_ns - producer.end_ns)
        if to is None and producer.node is not None:
            call.outgoing = group_above(producer.node, producer.place)
    return call


def _without_producer(node: Node, root: Node | None) -> Call:
    assert node.place is not None
    above = node.placed_ancestor()
    return Call(
        above.place if above is not None and above.place is not None else UNKNOWN,
        node.place,
        node,
        [node],
        caller=above,
        incoming=group_below(node),
        asynchronous=True,
        protocol=Protocol.MESSAGING,
        server_ns=node.duration_ns,
        source_address="" if above is not None else without_port(node.peer_address),
    )


def _out_of(node: Node, to: Place) -> Call:
    assert node.place is not None
    return Call(
        node.place,
        to,
        peer=node,
        caller=node,
        outgoing=group_above(node, node.place),
        asynchronous=True,
        protocol=Protocol.MESSAGING,
        client_ns=node.duration_ns,
    )
