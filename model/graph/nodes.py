"""What the nodes of a graph type stand for: from places to nodes, their names and frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from model.graph.place import Place, PlaceKind
from model.graph.view import Box, BoxKind, GraphType

__all__ = ["NodeFacts", "NodeKey", "digest", "frames", "node_key", "node_label"]

NodeKey = tuple[str, ...]
"""What a node stands for: a word for its grain, then the parts that tell it from others (G7)."""

_VIRTUAL = frozenset(
    {
        PlaceKind.DATABASE,
        PlaceKind.MESSAGING,
        PlaceKind.EXTERNAL,
        PlaceKind.INGRESS,
        PlaceKind.UNKNOWN,
    }
)
# A node takes the first of these that one of its places is.
_KINDS = (PlaceKind.GATEWAY, PlaceKind.WAYPOINT, PlaceKind.WORKLOAD, PlaceKind.SERVICE)
_FRAMES = (BoxKind.CLUSTER, BoxKind.NAMESPACE, BoxKind.APP)
# Elsewhere a node is as large as its app.
_APP_BOXES = (GraphType.VERSIONED_APP, GraphType.WORKLOAD)


def node_key(place: Place, type: GraphType) -> NodeKey:
    """Return what the node of ``place`` stands for in a graph of this type (rule G47).

    Equal keys are one node. Where a part is not known (the workload of a service that is named
    by its callers only), the node is as coarse as it has to be.
    """
    if place.kind in _VIRTUAL:
        return (place.kind.value, place.cluster, place.namespace, place.name)
    where = (place.cluster, place.namespace)
    if place.kind is PlaceKind.WAYPOINT:
        return (place.kind.value, *where, place.workload or place.service)
    if place.workload and (type is GraphType.WORKLOAD or not place.service):
        return ("workload", *where, place.workload)
    if place.version and type is GraphType.VERSIONED_APP:
        return ("version", *where, place.service, place.version)
    return ("service", *where, place.service)


def digest(key: Sequence[str]) -> str:
    """Return the id of what ``key`` names: 16 hex digits, the same at any time and place."""
    # Lengths, because names are from outside and may hold any separator.
    text = "".join(f"{len(part)}:{part}" for part in key)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@dataclass(slots=True)
class NodeFacts:
    """A node while its graph is put together.

    Attributes:
        places: every place that it stands for.
        operation: of operation nodes.
        hosts: by which it was called.
    """

    key: NodeKey
    places: list[Place]
    operation: str = ""
    hosts: set[str] = field(default_factory=set)

    @property
    def kind(self) -> PlaceKind:
        """The most telling kind of its places."""
        if len(self.places) == 1:
            return self.places[0].kind
        found = {place.kind for place in self.places}
        return next((kind for kind in _KINDS if kind in found), self.places[0].kind)

    def common(self, part: str) -> str:
        """Return ``cluster``, ``service``, … if all places that know it agree, else nothing."""
        if len(self.places) == 1:
            return str(getattr(self.places[0], part))
        values = {getattr(place, part) for place in self.places} - {""}
        return str(values.pop()) if len(values) == 1 else ""

    @property
    def name(self) -> str:
        """By which its traces are found (rule G46); Envoy's ``<app>.<namespace>`` if seen."""
        names = {place.name for place in self.places} - {""}
        usual = {f"{place.service}.{place.namespace}" for place in self.places}
        return min(names & usual or names, default="")


def node_label(facts: NodeFacts, type: GraphType) -> str:
    """Return what to write on a node."""
    if facts.operation:
        return facts.operation
    grain, *parts = facts.key
    if grain == "version":
        return f"{parts[2]} {parts[3]}"
    return parts[-1] or grain


def frames(
    nodes: Iterable[tuple[str, NodeFacts]], type: GraphType, kinds: Sequence[BoxKind]
) -> tuple[dict[str, str], tuple[Box, ...]]:
    """Return the innermost box of each node that has one, by node id, and all boxes.

    Boxes are nested: cluster, namespace, app. App boxes exist in graphs whose nodes are smaller
    than an app, and hold two nodes or more (as Kiali's).
    """
    wanted = [
        kind
        for kind in _FRAMES
        if kind in kinds and (kind is not BoxKind.APP or type in _APP_BOXES)
    ]
    members: dict[NodeKey, set[str]] = {}
    chains: dict[str, list[NodeKey]] = {}
    for node_id, facts in nodes:
        chain = [key for kind in wanted if (key := _frame(facts, kind)) is not None]
        chains[node_id] = chain
        for key in chain:
            members.setdefault(key, set()).add(node_id)
    drawn = {key for key, held in members.items() if key[0] != BoxKind.APP or len(held) > 1}
    inner: dict[str, str] = {}
    boxes: dict[NodeKey, Box] = {}
    for node_id, chain in chains.items():
        outer = ""
        for key in chain:
            if key not in drawn:
                continue
            box_id = digest(("box", *key))
            cluster, namespace, service = (*key[1:], "", "", "")[:3]
            boxes[key] = Box(box_id, BoxKind(key[0]), key[-1], cluster, namespace, service, outer)
            outer = box_id
        if outer:
            inner[node_id] = outer
    return inner, tuple(boxes[key] for key in sorted(boxes, key=_frame_order))


def _frame(facts: NodeFacts, kind: BoxKind) -> NodeKey | None:
    if facts.kind in _VIRTUAL:
        return None
    known = ("cluster", "namespace", "service")[: _FRAMES.index(kind) + 1]
    parts = tuple(facts.common(part) for part in known)
    return (kind.value, *parts) if parts[-1] else None


def _frame_order(key: NodeKey) -> tuple[int, NodeKey]:
    return _FRAMES.index(BoxKind(key[0])), key
