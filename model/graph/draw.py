"""The last step of a projection: everything counted, judged and made into nodes and edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from model.graph.edge import EdgeKey, Via
from model.graph.health import (
    Direction,
    HealthRules,
    Tolerances,
    edge_health,
    node_health,
)
from model.graph.legs import PROTOCOLS, Legs
from model.graph.nodes import NodeFacts, digest, frames, node_label
from model.graph.place import PlaceKind
from model.graph.traffic import Outcomes, traffics
from model.graph.view import (
    Box,
    BoxKind,
    GraphEdge,
    GraphNode,
    GraphType,
    Health,
    HealthStatus,
    Traffic,
)

__all__ = ["Drawing"]

_VIAS = (Via.GATEWAY, Via.WAYPOINT)
_NOT_JUDGED = (PlaceKind.INGRESS, PlaceKind.UNKNOWN)


class Drawing:
    """A graph being drawn.

    Args:
        facts: the nodes, by their numbers.
        legs: the rows between them.
        type: of the graph.
        rules: of health.
        seconds: length of the window.
    """

    def __init__(
        self,
        facts: Sequence[NodeFacts],
        legs: Legs,
        type: GraphType,
        rules: HealthRules,
        seconds: float,
    ) -> None:
        self._facts = facts
        self._legs = legs
        self._type = type
        self._ids = [digest(one.key) for one in facts]
        self._labels = [node_label(one, type) for one in facts]
        self._kinds = [one.kind for one in facts]
        self._inbound_rules, self._outbound_rules = (
            [self._tolerances(rules, node, direction) for node in range(len(facts))]
            for direction in (Direction.INBOUND, Direction.OUTBOUND)
        )
        outcomes = Outcomes(legs.keys, legs.measures)
        edges, nodes = len(legs.edge_source), len(facts)
        of_edges = legs.measures.grouped(legs.edge, edges)
        self._estimated = of_edges.estimated
        self._edge_traffic = traffics(of_edges, outcomes.grouped(legs.edge, edges), seconds)
        self._inbound = traffics(
            of_edges.grouped(legs.edge_target, nodes),
            outcomes.grouped(legs.target, nodes),
            seconds,
        )
        self._outbound = traffics(
            of_edges.grouped(legs.edge_source, nodes),
            outcomes.grouped(legs.source, nodes),
            seconds,
        )

    def edges(self) -> list[GraphEdge]:
        """Return the edges, in no order."""
        keys: list[list[EdgeKey]] = [[] for _ in self._edge_traffic]
        for edge, key in zip(self._legs.edge.tolist(), self._legs.keys, strict=True):
            keys[edge].append(key)
        mtls = self._mtls()
        shares = self._shares()
        found = []
        for edge, (source, target, protocol) in enumerate(self._ends()):
            traffic = self._edge_traffic[edge]
            if traffic is None:
                continue
            ends = (self._ids[source], self._ids[target])
            vias = {key.via for key in keys[edge]}
            found.append(
                GraphEdge(
                    id=digest((*ends, PROTOCOLS[protocol].value)),
                    source=ends[0],
                    target=ends[1],
                    protocol=PROTOCOLS[protocol],
                    asynchronous=all(key.asynchronous for key in keys[edge]),
                    inferred=all(key.inferred for key in keys[edge]),
                    via=tuple(via for via in _VIAS if via in vias),
                    traffic=traffic,
                    share=shares[edge],
                    mtls=mtls[edge],
                    source_principal=_common(key.source_principal for key in keys[edge]),
                    destination_principal=_common(key.destination_principal for key in keys[edge]),
                    health=edge_health(
                        traffic,
                        self._outbound_rules[source],
                        self._inbound_rules[target],
                        self._labels[source],
                    ),
                )
            )
        return found

    def nodes(
        self, active: int, boxes: Sequence[BoxKind]
    ) -> tuple[list[GraphNode], tuple[Box, ...]]:
        """Return the nodes, in no order, and the boxes; nodes numbered from ``active`` are idle."""
        inner, drawn = frames(zip(self._ids, self._facts, strict=True), self._type, boxes)
        calls, called = self._neighbours()
        found = []
        for node, facts in enumerate(self._facts):
            others_call = any(edge[0] != node for edge in called[node])
            calls_others = any(edge[0] != node for edge in calls[node])
            found.append(
                GraphNode(
                    id=self._ids[node],
                    kind=self._kinds[node],
                    label=self._labels[node],
                    name=facts.name,
                    cluster=facts.common("cluster"),
                    namespace=facts.common("namespace"),
                    service=facts.common("service"),
                    version=facts.common("version"),
                    workload=facts.common("workload"),
                    operation=facts.operation,
                    box=inner.get(self._ids[node], ""),
                    inbound=self._inbound[node],
                    outbound=self._outbound[node],
                    health=self._health(node, called[node], calls[node]),
                    is_root=calls_others and not others_call,
                    is_idle=node >= active,
                    hosts=tuple(sorted(facts.hosts)),
                )
            )
        return found, drawn

    def _health(
        self,
        node: int,
        called: Sequence[tuple[int, Traffic]],
        calls: Sequence[tuple[int, Traffic]],
    ) -> Health:
        if self._kinds[node] in _NOT_JUDGED:
            return Health(HealthStatus.NA)
        return node_health(
            self._inbound[node],
            self._outbound[node],
            self._inbound_rules[node],
            self._outbound_rules[node],
            ((self._labels[other], traffic) for other, traffic in called),
            ((self._labels[other], traffic) for other, traffic in calls),
        )

    def _tolerances(self, rules: HealthRules, node: int, direction: Direction) -> Tolerances:
        facts = self._facts[node]
        name = facts.common("service") or self._labels[node]
        return rules.tolerances(facts.common("namespace"), self._kinds[node], name, direction)

    def _ends(self) -> Iterable[tuple[int, int, int]]:
        legs = self._legs
        return zip(
            legs.edge_source.tolist(),
            legs.edge_target.tolist(),
            legs.edge_protocol.tolist(),
            strict=True,
        )

    def _neighbours(
        self,
    ) -> tuple[list[list[tuple[int, Traffic]]], list[list[tuple[int, Traffic]]]]:
        """Return, of each node, whom it calls and who calls it, with the traffic between."""
        calls: list[list[tuple[int, Traffic]]] = [[] for _ in self._facts]
        called: list[list[tuple[int, Traffic]]] = [[] for _ in self._facts]
        for (source, target, _), traffic in zip(self._ends(), self._edge_traffic, strict=True):
            if traffic is not None:
                calls[source].append((target, traffic))
                called[target].append((source, traffic))
        return calls, called

    def _shares(self) -> list[float]:
        """Return each edge's part of what its source sends by its protocol."""
        legs, estimated = self._legs, self._estimated
        cells = legs.edge_source * len(PROTOCOLS) + legs.edge_protocol
        totals = np.bincount(cells, estimated)[cells]
        shares = np.divide(estimated, totals, out=np.zeros_like(estimated), where=totals > 0)
        return [float(share) for share in np.minimum(shares, 1.0)]

    def _mtls(self) -> list[float | None]:
        """Return each edge's share of calls that were mutual TLS, of those that tell."""
        legs, count = self._legs, len(self._edge_traffic)
        calls = legs.measures.calls
        told = np.array([key.mtls is not None for key in legs.keys], np.bool_)
        mutual = np.array([key.mtls is True for key in legs.keys], np.bool_)
        all_told = np.bincount(legs.edge[told], calls[told], count).tolist()
        all_mutual = np.bincount(legs.edge[mutual], calls[mutual], count).tolist()
        return [
            some / all_ if all_ else None for some, all_ in zip(all_mutual, all_told, strict=True)
        ]


def _common(values: Iterable[str]) -> str:
    """Return the one value that all agree on who tell any."""
    found = set(values) - {""}
    return found.pop() if len(found) == 1 else ""
