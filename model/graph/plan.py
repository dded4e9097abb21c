"""What of a drawn graph its numbers do not change: nodes, edges, names, frames, orders.

A mesh has the same edges from one minute to the next, so plans are kept and used again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from model.graph.edge import EdgeKey, Protocol, Via, View
from model.graph.health import KIALI, Direction, HealthRules, Tolerances
from model.graph.kept import Kept
from model.graph.legs import PROTOCOLS, Legs, Nodes, is_drawn
from model.graph.nodes import NodeFacts, digest, frames, node_label
from model.graph.place import Place, PlaceKind
from model.graph.traffic import OutcomeKey, RowGroups
from model.graph.view import Box, BoxKind, GraphType

__all__ = ["EdgePlan", "GraphPlan", "NodePlan", "Projection", "plan_graph"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_T = TypeVar("_T", "NodePlan", "EdgePlan")
_VIAS = (Via.GATEWAY, Via.WAYPOINT)


@dataclass(frozen=True, slots=True)
class Projection:
    """How a graph is drawn.

    Attributes:
        type: what a node stands for. In a graph of operations, each call goes to a node of the
            called operation, and on from there to the called service.
        view: exactly one: whether gateways and waypoints are nodes or passed through.
        boxes: frames around nodes.
        health: thresholds.
    """

    type: GraphType = GraphType.WORKLOAD
    view: View = View.GATEWAYS
    boxes: tuple[BoxKind, ...] = ()
    health: HealthRules = KIALI


@dataclass(frozen=True, slots=True, eq=False)
class NodePlan:
    """A node without its numbers; see :class:`model.graph.view.GraphNode`.

    Attributes:
        inbound_rules, outbound_rules: tolerances for what it is sent, and for what it sends.
    """

    id: str
    kind: PlaceKind
    label: str
    name: str
    cluster: str
    namespace: str
    service: str
    version: str
    workload: str
    operation: str
    box: str
    is_root: bool
    is_idle: bool
    hosts: tuple[str, ...]
    inbound_rules: Tolerances
    outbound_rules: Tolerances


@dataclass(frozen=True, slots=True, eq=False)
class EdgePlan:
    """An edge without its numbers; ``source`` and ``target`` are numbers of nodes."""

    id: str
    source: int
    target: int
    protocol: Protocol
    asynchronous: bool
    inferred: bool
    via: tuple[Via, ...]
    source_principal: str
    destination_principal: str


@dataclass(frozen=True, slots=True, eq=False)
class GraphPlan:
    """A graph without its numbers.

    Attributes:
        legs: the rows that are drawn, and between which nodes.
        nodes, edges: by their numbers.
        node_order, edge_order: numbers in the order in which they are told.
        boxes: frames.
        groups: how the rows of the table add up: to the edges, then to what each node received,
            then to what each node sent.
        edges_from, edges_to: of each node the edges that leave it, and that lead to it.
        tells_mtls, is_mutual: flags of the rows.
        may_fail: of each edge, then of each node, whether calls of it may have ended in a way that
            a tolerance is about; the others are healthy, as most of a mesh are.
    """

    legs: Legs
    nodes: tuple[NodePlan, ...]
    edges: tuple[EdgePlan, ...]
    node_order: tuple[int, ...]
    edge_order: tuple[int, ...]
    boxes: tuple[Box, ...]
    groups: RowGroups
    edges_from: tuple[tuple[int, ...], ...]
    edges_to: tuple[tuple[int, ...], ...]
    tells_mtls: Bools
    is_mutual: Bools
    may_fail: tuple[bool, ...]


_Question: TypeAlias = tuple[tuple[EdgeKey, ...], tuple[Place, ...], tuple[Place, ...], Projection]


def plan_graph(
    keys: tuple[EdgeKey, ...],
    places: tuple[Place, ...],
    idle: tuple[Place, ...],
    projection: Projection,
) -> GraphPlan:
    """Return the plan of a graph.

    Args:
        keys: of the edges, resolved.
        places: that made spans, resolved.
        idle: places seen earlier; those without traffic now become idle nodes.
        projection: what to draw.
    """
    return _PLANS.to((keys, places, idle, projection))


def _planned(question: _Question) -> GraphPlan:
    keys, places, idle, projection = question
    nodes = Nodes(projection.type)
    legs = Legs.of(keys, nodes, projection.type, projection.view)
    for place in places:
        if is_drawn(place, projection.view):
            nodes.index(place)
    active = len(nodes.facts)
    for place in idle:
        if is_drawn(place, projection.view):
            nodes.index(place)
    node_plans, boxes = _nodes(nodes.facts, legs, active, projection)
    edge_plans = _edges(node_plans, legs)
    groups = RowGroups(
        keys,
        [
            *_rows_by(legs.edge, legs.rows, len(edge_plans)),
            *_rows_by(legs.target, legs.rows, len(node_plans)),
            *_rows_by(legs.source, legs.rows, len(node_plans)),
        ],
    )
    return GraphPlan(
        legs,
        node_plans,
        edge_plans,
        _order(node_plans, lambda node: (node.label, node.id)),
        _order(
            edge_plans,
            lambda edge: (
                node_plans[edge.source].label,
                node_plans[edge.target].label,
                edge.protocol,
                edge.id,
            ),
        ),
        boxes,
        groups,
        _rows_by(legs.edge_source, np.arange(len(edge_plans)), len(node_plans)),
        _rows_by(legs.edge_target, np.arange(len(edge_plans)), len(node_plans)),
        np.array([key.mtls is not None for key in legs.keys], np.bool_),
        np.array([key.mtls is True for key in legs.keys], np.bool_),
        tuple(_may_fail(node_plans, edge_plans, groups)),
    )


_PLANS = Kept(_planned)


def _nodes(
    all_facts: Sequence[NodeFacts], legs: Legs, active: int, projection: Projection
) -> tuple[tuple[NodePlan, ...], tuple[Box, ...]]:
    ids = [digest(facts.key) for facts in all_facts]
    inner, boxes = frames(zip(ids, all_facts, strict=True), projection.type, projection.boxes)
    ends = set(zip(legs.edge_source.tolist(), legs.edge_target.tolist(), strict=True))
    calls_others = {source for source, target in ends if source != target}
    called_by_others = {target for source, target in ends if source != target}
    found = []
    for number, (node_id, facts) in enumerate(zip(ids, all_facts, strict=True)):
        label = node_label(facts, projection.type)
        namespace, service = facts.common("namespace"), facts.common("service")
        inbound, outbound = (
            projection.health.tolerances(namespace, facts.kind, service or label, direction)
            for direction in (Direction.INBOUND, Direction.OUTBOUND)
        )
        found.append(
            NodePlan(
                id=node_id,
                kind=facts.kind,
                label=label,
                name=facts.name,
                cluster=facts.common("cluster"),
                namespace=namespace,
                service=service,
                version=facts.common("version"),
                workload=facts.common("workload"),
                operation=facts.operation,
                box=inner.get(node_id, ""),
                is_root=number in calls_others and number not in called_by_others,
                is_idle=number >= active,
                hosts=tuple(sorted(facts.hosts)),
                inbound_rules=inbound,
                outbound_rules=outbound,
            )
        )
    return tuple(found), boxes


def _edges(nodes: Sequence[NodePlan], legs: Legs) -> tuple[EdgePlan, ...]:
    keys: list[list[EdgeKey]] = [[] for _ in legs.edge_source]
    for edge, key in zip(legs.edge.tolist(), legs.keys, strict=True):
        keys[edge].append(key)
    ends = zip(
        legs.edge_source.tolist(),
        legs.edge_target.tolist(),
        legs.edge_protocol.tolist(),
        strict=True,
    )
    found = []
    for (source, target, number), of_edge in zip(ends, keys, strict=True):
        protocol = PROTOCOLS[number]
        vias = {key.via for key in of_edge}
        found.append(
            EdgePlan(
                id=digest((nodes[source].id, nodes[target].id, protocol.value)),
                source=source,
                target=target,
                protocol=protocol,
                asynchronous=all(key.asynchronous for key in of_edge),
                inferred=all(key.inferred for key in of_edge),
                via=tuple(via for via in _VIAS if via in vias),
                source_principal=_common(key.source_principal for key in of_edge),
                destination_principal=_common(key.destination_principal for key in of_edge),
            )
        )
    return tuple(found)


def _may_fail(
    nodes: Sequence[NodePlan], edges: Sequence[EdgePlan], groups: RowGroups
) -> Iterator[bool]:
    """Yield for each edge, then for each node, whether a tolerance is about any of its outcomes."""
    inbound, outbound = (groups.number[len(edges) + at :] for at in (0, len(nodes)))
    for number, edge in zip(groups.number[: len(edges)], edges, strict=True):
        outcomes = groups.outcomes_in(number)
        rules = (nodes[edge.source].outbound_rules, nodes[edge.target].inbound_rules)
        yield any(_is_judged(outcomes, one) for one in rules)
    for received, sent, node in zip(inbound, outbound, nodes, strict=False):
        yield _is_judged(groups.outcomes_in(received), node.inbound_rules) or _is_judged(
            groups.outcomes_in(sent), node.outbound_rules
        )


def _is_judged(outcomes: Iterable[OutcomeKey], rules: Tolerances) -> bool:
    return any(
        rules.matching(protocol, code, grpc_status)
        for protocol, code, _, grpc_status, _ in outcomes
    )


def _rows_by(groups: Int64s, rows: Int64s, count: int) -> tuple[tuple[int, ...], ...]:
    """Return the rows of each of ``count`` groups."""
    found: list[list[int]] = [[] for _ in range(count)]
    for group, row in zip(groups.tolist(), rows.tolist(), strict=True):
        found[group].append(row)
    return tuple(map(tuple, found))


def _order(items: Sequence[_T], key: Callable[[_T], tuple[str, ...]]) -> tuple[int, ...]:
    return tuple(sorted(range(len(items)), key=lambda number: key(items[number])))


def _common(values: Iterable[str]) -> str:
    """Return the one value that all agree on who tell any."""
    found = set(values) - {""}
    return found.pop() if len(found) == 1 else ""
