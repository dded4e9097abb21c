"""The last step of a projection: everything counted, judged and made into nodes and edges."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from model.graph.health import HEALTHY, NO_HEALTH, edge_health, node_health
from model.graph.legs import PROTOCOLS
from model.graph.measures import Measures
from model.graph.place import PlaceKind
from model.graph.plan import GraphPlan
from model.graph.view import GraphEdge, GraphNode, Health, Traffic

__all__ = ["Drawing"]

_NOT_JUDGED = (PlaceKind.INGRESS, PlaceKind.UNKNOWN)


class Drawing:
    """A graph being drawn.

    Args:
        plan: of the graph.
        measures: of the rows of its table.
        seconds: length of the window.
    """

    def __init__(self, plan: GraphPlan, measures: Measures, seconds: float) -> None:
        self._plan = plan
        self._measures = measures.take(plan.legs.rows)
        sums, of_group = plan.groups.traffics(measures, seconds)
        nodes, edges = len(plan.nodes), len(plan.edges)
        self._estimated = sums.estimated[plan.groups.number[:edges]]
        found = [of_group[number] for number in plan.groups.number]
        self._traffic = found[:edges]
        self._inbound = found[edges : edges + nodes]
        self._outbound = found[edges + nodes :]

    @property
    def is_estimate(self) -> bool:
        """Whether any count was scaled by sampling."""
        return bool((self._measures.estimated != self._measures.calls).any())

    def edges(self) -> Iterator[GraphEdge]:
        """Yield the edges that have calls."""
        nodes = self._plan.nodes
        mtls, shares, may_fail = self._mtls(), self._shares(), self._plan.may_fail
        for number in self._plan.edge_order:
            traffic = self._traffic[number]
            if traffic is None:
                continue
            edge = self._plan.edges[number]
            source, target = nodes[edge.source], nodes[edge.target]
            yield GraphEdge(
                edge.id,
                source.id,
                target.id,
                edge.protocol,
                edge.asynchronous,
                edge.inferred,
                edge.via,
                traffic,
                shares[number],
                mtls[number],
                edge.source_principal,
                edge.destination_principal,
                edge_health(traffic, source.outbound_rules, target.inbound_rules, source.label)
                if may_fail[number]
                else HEALTHY,
            )

    def nodes(self) -> Iterator[GraphNode]:
        """Yield the nodes."""
        for number in self._plan.node_order:
            node = self._plan.nodes[number]
            yield GraphNode(
                node.id,
                node.kind,
                node.label,
                node.name,
                node.cluster,
                node.namespace,
                node.service,
                node.version,
                node.workload,
                node.operation,
                node.box,
                self._inbound[number],
                self._outbound[number],
                self._health(number),
                node.is_root,
                node.is_idle,
                node.hosts,
            )

    def _health(self, number: int) -> Health:
        node = self._plan.nodes[number]
        inbound, outbound = self._inbound[number], self._outbound[number]
        if node.kind in _NOT_JUDGED or (inbound is None and outbound is None):
            return NO_HEALTH
        if not self._plan.may_fail[len(self._plan.edges) + number]:
            return HEALTHY
        return node_health(
            inbound,
            outbound,
            node.inbound_rules,
            node.outbound_rules,
            self._callers(number),
            self._callees(number),
        )

    def _callers(self, number: int) -> Iterator[tuple[str, Traffic]]:
        for edge in self._plan.edges_to[number]:
            if (traffic := self._traffic[edge]) is not None:
                yield self._plan.nodes[self._plan.edges[edge].source].label, traffic

    def _callees(self, number: int) -> Iterator[tuple[str, Traffic]]:
        for edge in self._plan.edges_from[number]:
            if (traffic := self._traffic[edge]) is not None:
                yield self._plan.nodes[self._plan.edges[edge].target].label, traffic

    def _shares(self) -> list[float]:
        """Return each edge's part of what its source sends by its protocol."""
        legs, estimated = self._plan.legs, self._estimated
        cells = legs.edge_source * len(PROTOCOLS) + legs.edge_protocol
        totals = np.bincount(cells, estimated)[cells]
        shares = np.divide(estimated, totals, out=np.zeros_like(estimated), where=totals > 0)
        return [float(share) for share in np.minimum(shares, 1.0)]

    def _mtls(self) -> list[float | None]:
        """Return each edge's share of calls that were mutual TLS, of those that tell."""
        plan, calls = self._plan, self._measures.calls
        told, mutual = (
            np.bincount(plan.legs.edge[rows], calls[rows], len(plan.edges)).tolist()
            for rows in (plan.tells_mtls, plan.is_mutual)
        )
        return [some / all_ if all_ else None for some, all_ in zip(mutual, told, strict=True)]
