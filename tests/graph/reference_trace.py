"""The reference's first step: the spans of one trace, merged and joined (rules G1, G2, G10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from model.envoy import ClusterKind, ProxyType, parse_node_id, parse_upstream_cluster
from model.graph.place import Place
from model.graph.span_columns import SpanClass, SpanLink
from model.side import Side, side_of
from model.span import Span, SpanKind
from tests.graph.columns import class_of, well_known

__all__ = ["Node", "build", "is_attempt", "proxy_type", "upstream_kind"]

INWARD = (ClusterKind.INBOUND, ClusterKind.INBOUND_PASSTHROUGH)
OUTWARD = (ClusterKind.OUTBOUND, ClusterKind.PASSTHROUGH, ClusterKind.BLACK_HOLE)


@dataclass(eq=False)
class Node:
    """One span, merged from its reports.

    ``missing`` is the parent id that was sent and is not stored; ``own`` is the place of a
    waypoint itself, whose ``place`` is that of its destination.
    """

    trace_id: str
    span_id: str
    side: Side
    what: SpanClass
    start_ns: int
    end_ns: int
    parent_id: str
    error: bool
    links: set[SpanLink]
    request_bytes: int
    response_bytes: int
    peer_address: str
    trace_state: str
    parent: Node | None = None
    missing: str = ""
    children: list[Node] = field(default_factory=list)
    place: Place | None = None
    own: Place | None = None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns

    @property
    def order(self) -> tuple[int, str, Side]:
        return self.start_ns, self.span_id, self.side

    @property
    def is_proxy(self) -> bool:
        return self.what.component == "proxy"

    @property
    def is_waypoint(self) -> bool:
        return proxy_type(self.what) is ProxyType.WAYPOINT

    @property
    def is_outbound(self) -> bool:
        return self._direction() == "outbound"

    @property
    def is_inbound(self) -> bool:
        return self._direction() == "inbound"

    def _direction(self) -> str:
        kind, cluster = self.what.kind, upstream_kind(self.what)
        if self.is_waypoint:
            return "inbound"
        if kind in (SpanKind.CLIENT, SpanKind.PRODUCER):
            delivers = self.is_proxy and kind is SpanKind.CLIENT and cluster in INWARD
            return "local" if delivers else "outbound"
        if kind in (SpanKind.SERVER, SpanKind.CONSUMER):
            listens_outward = (
                kind is SpanKind.SERVER
                and proxy_type(self.what) is ProxyType.SIDECAR
                and cluster in OUTWARD
            )
            return "outbound" if listens_outward else "inbound"
        return "local"

    def ancestors(self) -> list[Node]:
        """From the parent upwards."""
        found = []
        node = self.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return found

    def placed_ancestor(self) -> Node | None:
        return next((one for one in self.ancestors() if one.place is not None), None)

    def descendants(self) -> list[Node]:
        found = list(self.children)
        for node in found:
            found.extend(node.children)
        return found


def proxy_type(what: SpanClass) -> ProxyType | None:
    node = parse_node_id(what.node_id) if what.component == "proxy" else None
    return None if node is None else node.type


def upstream_kind(what: SpanClass) -> ClusterKind | None:
    cluster = parse_upstream_cluster(what.upstream_cluster) if what.component == "proxy" else None
    return None if cluster is None else cluster.kind


def is_attempt(node: Node) -> bool:
    """Whether the span is one try of the proxy span above it (rule G4)."""
    return (
        node.is_proxy
        and node.what.kind is SpanKind.CLIENT
        and not node.what.node_id
        and node.parent is not None
        and node.parent.is_proxy
        and node.parent.what.service_name == node.what.service_name
    )


def build(spans: Iterable[Span]) -> list[Node]:
    """Return the merged spans of one trace with their parents, ordered by id and side."""
    reports: dict[tuple[str, Side], list[Span]] = {}
    for span in spans:
        reports.setdefault((span.span_id, side_of(span.kind)), []).append(span)
    nodes = [_merge(reports[identity]) for identity in sorted(reports)]
    _find_parents(nodes)
    _break_cycles(nodes)
    for node in nodes:
        if node.parent is not None:
            node.parent.children.append(node)
    return nodes


def _merge(reports: list[Span]) -> Node:
    first = min(reports, key=_fullest_first)
    values = [well_known(span) for span in reports]

    def greatest(column: str) -> int:
        return max(int(value.get(column, -1)) for value in values)

    return Node(
        trace_id=first.trace_id,
        span_id=first.span_id,
        side=side_of(first.kind),
        what=class_of(first),
        start_ns=min(span.start_ns for span in reports),
        end_ns=max(span.end_ns for span in reports),
        parent_id=max(span.parent_span_id for span in reports),
        error=any(span.is_error for span in reports),
        links={SpanLink(link.trace_id, link.span_id) for one in reports for link in one.links},
        request_bytes=greatest("request_size"),
        response_bytes=greatest("response_size"),
        peer_address=str(well_known(first).get("peer_address", "")),
        trace_state=first.trace_state,
    )


def _fullest_first(span: Span) -> tuple[int, str, str, str]:
    what = class_of(span)
    told = sum(getattr(what, name) not in ("", None) for name in SpanClass.__dataclass_fields__)
    return -told, repr(what), str(well_known(span).get("peer_address", "")), span.trace_state


def _find_parents(nodes: list[Node]) -> None:
    by_id: dict[str, list[Node]] = {}
    for node in nodes:
        by_id.setdefault(node.span_id, []).append(node)
    for span_id, sides in by_id.items():
        for caller, callee in pairwise(sides):
            callee.parent = caller
        # The first side to name a parent other than itself speaks for all of them.
        named = [one.parent_id for one in sides if one.parent_id not in ("", span_id)]
        if named and named[0] in by_id:
            sides[0].parent = by_id[named[0]][-1]
        elif named:
            sides[0].missing = named[0]


def _break_cycles(nodes: list[Node]) -> None:
    for node in nodes:
        walked: list[Node] = []
        above: Node | None = node
        while above is not None and above not in walked:
            walked.append(above)
            above = above.parent
        if above is not None:
            min(walked[walked.index(above) :], key=lambda one: one.order).parent = None
