"""Two graphs side by side: of two windows, or of two versions of a service."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from model.graph.measures import EdgeTable, merge_edges
from model.graph.place import Place
from model.graph.view import Graph, GraphEdge, GraphNode, Latency, Traffic
from model.mesh import parse_service_name
from model.span import MeshIdentity

__all__ = ["Change", "Compared", "Comparison", "compare", "only_version"]

_T = TypeVar("_T", GraphNode, GraphEdge)

# Ten percentage points more errors weigh as much as twice the latency.
_ERROR_WEIGHT = 10.0
# With so many calls on the smaller side a difference counts half.
_FEW_CALLS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What is after less what was before; None where one side does not tell.

    Attributes:
        rate: calls a second.
        error_ratio: 0 to 1.
        p50_ns, p95_ns, p99_ns: of the shown latency.
        worse: by how much it is worse, to sort by; negative is better. It is ten times the
            change of the error ratio plus the doublings of the p95, less for few calls.
    """

    rate: float
    error_ratio: float
    p50_ns: float | None
    p95_ns: float | None
    p99_ns: float | None
    worse: float


@dataclass(frozen=True, slots=True)
class Compared(Generic[_T]):
    """A node or an edge on both sides; None where it is not there."""

    id: str
    before: _T | None
    after: _T | None
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two graphs by the ids of their nodes and edges, the worst first."""

    nodes: tuple[Compared[GraphNode], ...]
    edges: tuple[Compared[GraphEdge], ...]


def compare(before: Graph, after: Graph) -> Comparison:
    """Return what changed from one graph to another of the same type."""
    return Comparison(
        _compared(before.nodes, after.nodes, lambda node: node.inbound or node.outbound),
        _compared(before.edges, after.edges, lambda edge: edge.traffic),
    )


def only_version(
    edges: EdgeTable, places: Iterable[Place], service: str, version: str
) -> tuple[EdgeTable, tuple[Place, ...]]:
    """Return what one version of a service calls, is called by and does, without its version.

    So two versions are one node each, and the same one, in graphs of any type.

    Args:
        edges: resolved.
        places: resolved.
        service: its name in any form.
        version: as :attr:`Place.version`.
    """
    selector = parse_service_name(service)

    def is_meant(place: Place) -> bool:
        identity = MeshIdentity(place.cluster, place.namespace, place.service)
        return place.version == version and selector.matches(place.name, identity)

    def without(place: Place) -> Place:
        return replace(place, version="", workload="") if is_meant(place) else place

    edge_rows = [
        row
        for row, key in enumerate(edges.keys)
        if is_meant(key.source) or is_meant(key.destination)
    ]
    edge_part = edges.take(np.array(edge_rows, np.int64))
    edge_keys = tuple(
        replace(key, source=without(key.source), destination=without(key.destination))
        for key in edge_part.keys
    )
    # Merged with nothing: the keys of two workloads of one version became equal.
    return (
        merge_edges([EdgeTable(edge_keys, edge_part.measures), merge_edges([])]),
        tuple(dict.fromkeys(without(place) for place in places if is_meant(place))),
    )


def _compared(
    before: tuple[_T, ...], after: tuple[_T, ...], traffic: Callable[[_T], Traffic | None]
) -> tuple[Compared[_T], ...]:
    old: dict[str, _T] = {one.id: one for one in before}
    new: dict[str, _T] = {one.id: one for one in after}
    found: list[Compared[_T]] = []
    for key in dict.fromkeys((*new, *old)):
        was, is_now = old.get(key), new.get(key)
        change = _change(
            None if was is None else traffic(was), None if is_now is None else traffic(is_now)
        )
        found.append(Compared(key, was, is_now, change))
    # Python's sort is stable: what is equally bad stays in the graphs' order.
    return tuple(sorted(found, key=lambda one: -one.change.worse))


def _change(before: Traffic | None, after: Traffic | None) -> Change:
    rate = (after.rate if after else 0.0) - (before.rate if before else 0.0)
    old = before.latency if before else None
    new = after.latency if after else None
    if after is None:
        return Change(rate, 0.0, None, None, None, 0.0)
    error_ratio = after.error_ratio - (before.error_ratio if before else 0.0)
    worse = _ERROR_WEIGHT * error_ratio
    if old is not None and new is not None and old.p95_ns > 0 and new.p95_ns > 0:
        worse += math.log2(new.p95_ns / old.p95_ns)
    calls = min(after.calls, before.calls) if before else after.calls
    return Change(
        rate,
        error_ratio,
        _difference(old, new, lambda latency: latency.p50_ns),
        _difference(old, new, lambda latency: latency.p95_ns),
        _difference(old, new, lambda latency: latency.p99_ns),
        worse * calls / (calls + _FEW_CALLS),
    )


def _difference(
    old: Latency | None, new: Latency | None, quantile: Callable[[Latency], float]
) -> float | None:
    return None if old is None or new is None else quantile(new) - quantile(old)
