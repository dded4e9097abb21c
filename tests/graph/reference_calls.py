"""The reference's third step: the calls of one trace, but for messages (rules G11 to G27)."""

from __future__ import annotations

from dataclasses import dataclass, field

from model.graph.edge import Protocol
from model.graph.place import Place, PlaceKind
from model.span import SpanKind
from tests.graph.reference_places import source_by_tags
from tests.graph.reference_trace import Node

__all__ = ["INGRESS", "UNKNOWN", "Call", "entry_calls", "group_below", "is_self_call", "main_root"]

INGRESS = Place(PlaceKind.INGRESS, name="ingress")
UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")


@dataclass(eq=False)
class Call:
    """One request over the network.

    Attributes:
        entry: the first span of the callee; None if the callee is known by name only.
        entries: all first spans that stand for this one call (rule G20).
        peer: the span that names the callee; None if there is an entry.
        caller: the span by which the tree tells the caller, if it does.
        outgoing: spans of the caller, innermost first ("CG" in the design's words).
        incoming: spans of the callee, outermost first ("SG").
        protocol: if the kind of the call decides it.
    """

    source: Place
    destination: Place
    entry: Node | None = None
    entries: list[Node] = field(default_factory=list)
    peer: Node | None = None
    caller: Node | None = None
    outgoing: list[Node] = field(default_factory=list)
    incoming: list[Node] = field(default_factory=list)
    inferred: bool = False
    asynchronous: bool = False
    source_address: str = ""
    protocol: Protocol | None = None
    client_ns: int = -1
    server_ns: int = -1
    lag_ns: int = -1
    can_fail: bool = True
    error: bool = False

    @property
    def spans(self) -> list[Node]:
        return [*self.outgoing, *self.entries, *self.incoming]

    @property
    def last_order(self) -> tuple[int, str]:
        """By which the last of several calls is found."""
        node = self.entry or self.peer
        assert node is not None
        return node.start_ns, node.span_id


def main_root(nodes: list[Node]) -> Node | None:
    """Return the earliest span without a parent, stored or not."""
    roots = [node for node in nodes if node.parent is None and not node.missing]
    return min(roots, key=lambda one: one.order, default=None)


def entry_calls(nodes: list[Node]) -> list[Call]:
    """Return the calls that have an entry which is no consumer."""
    root = main_root(nodes)
    calls = []
    siblings: dict[tuple[Place, str], Call] = {}  # orphans that name one missing parent
    for node in sorted(nodes, key=lambda one: one.order):
        if node.place is None or node.what.kind is SpanKind.CONSUMER:
            continue
        call = _call_into(node, root)
        if call is None:
            continue
        missing = _top(node).missing if node.placed_ancestor() is None else ""
        if missing and not node.is_inbound:
            first = siblings.setdefault((node.place, missing), call)
            if first is not call:
                first.entries.append(node)
                continue
        calls.append(call)
    return calls


def _call_into(node: Node, root: Node | None) -> Call | None:
    assert node.place is not None
    above = node.placed_ancestor()
    if above is not None and above.place == node.place and not is_self_call(node, above):
        return None
    tagged = source_by_tags(node)
    if tagged is not None:
        return _entered(Call(tagged, node.place, node, caller=above))
    if above is not None and above.place is not None:
        return _entered(Call(above.place, node.place, node, caller=above))
    top = _top(node)
    if top.missing and root is not None and root.place == node.place:
        return None  # what its root's place does
    inferred = root if top.missing and root is not None and root.place is not None else None
    if node.place.kind is PlaceKind.GATEWAY:
        if inferred is None or inferred.place is None:
            return _entered(Call(INGRESS, node.place, node))
        return _entered(Call(inferred.place, node.place, node, caller=inferred, inferred=True))
    if not node.is_inbound:
        if inferred is None or inferred.place is None:
            return None
        return _entered(Call(inferred.place, node.place, node, caller=inferred, inferred=True))
    address = without_port(node.peer_address)
    if inferred is not None and inferred.place is not None:
        source = inferred.place
    elif node.what.peer_service:
        source = Place(PlaceKind.EXTERNAL, name=node.what.peer_service)
    else:
        source = UNKNOWN
    return _entered(
        Call(
            source,
            node.place,
            node,
            caller=inferred,
            inferred=inferred is not None,
            source_address=address,
        )
    )


def is_self_call(node: Node, above: Node) -> bool:
    """Whether a span of one place with its ancestor is a call of the place to itself (G15)."""
    return node.is_inbound and node.parent is above and above.is_outbound


def without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _top(node: Node) -> Node:
    return [node, *node.ancestors()][-1]


def _entered(call: Call) -> Call:
    entry = call.entry
    assert entry is not None
    call.entries = [entry]
    call.outgoing = group_above(entry.parent, call.source)
    call.can_fail = entry.is_inbound
    if entry.is_inbound:
        call.incoming = group_below(entry)
        call.server_ns = entry.duration_ns
    if call.outgoing:
        call.client_ns = call.outgoing[-1].duration_ns
    return call


def group_above(first: Node | None, source: Place) -> list[Node]:
    """Return the outbound spans of ``source`` from ``first`` upwards, innermost first."""
    found = []
    node = first
    while node is not None and node.place in (None, source):
        if node.place is not None and node.is_inbound:
            break
        if node.place is not None and node.is_outbound:
            found.append(node)
        node = node.parent
    return found


def group_below(entry: Node) -> list[Node]:
    """Return the entry and the inbound spans of its place right below it, outermost first."""
    found = [entry]
    reached = [entry]
    for node in reached:
        for child in sorted(node.children, key=lambda one: one.order):
            if child.place is None or (
                child.place == entry.place and not child.is_inbound and not child.is_outbound
            ):
                reached.append(child)
            elif child.place == entry.place and child.is_inbound:
                reached.append(child)
                found.append(child)
    return found
