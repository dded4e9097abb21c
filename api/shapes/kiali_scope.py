"""Which calls a graph of Kiali's is about: of some namespaces, or of one node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from api.graph_source import Tables
from api.shapes.kiali_options import AmbientTraffic, GrpcRate, HttpRate, KialiOptions, TcpRate
from api.shapes.kiali_traffic import protocol_word
from api.shapes.service_nodes import with_service_nodes
from model.envoy import parse_service_host
from model.graph.edge import EdgeKey, Via
from model.graph.place import Place, PlaceKind

__all__ = ["Focus", "FocusKind", "scoped"]


class FocusKind(StrEnum):
    """What a node graph is of, by the word in its path."""

    APP = "applications"
    SERVICE = "services"
    WORKLOAD = "workloads"


@dataclass(frozen=True, slots=True)
class Focus:
    """The node of a node graph; an empty ``version`` or ``cluster`` is any."""

    kind: FocusKind
    namespace: str
    name: str
    version: str = ""
    cluster: str = ""

    def is_at(self, place: Place) -> bool:
        """Whether ``place`` is (part of) the node."""
        name = place.workload if self.kind is FocusKind.WORKLOAD else place.service
        return (
            (name, place.namespace) == (self.name, self.namespace)
            and self.version in ("", place.version)
            and self.cluster in ("", place.cluster)
        )

    def is_called(self, key: EdgeKey) -> bool:
        """Whether the service was called by a name that its workload does not have."""
        host = parse_service_host(key.host) if self.kind is FocusKind.SERVICE else None
        return host is not None and (host.service, host.namespace) == (self.name, self.namespace)


def scoped(tables: Tables, options: KialiOptions, focus: Focus | None) -> Tables:
    """Return what the graph is about: calls from and to the namespaces, or to and from the node."""

    def is_inside(place: Place) -> bool:
        return focus.is_at(place) if focus else place.namespace in options.namespaces

    def is_wanted(key: EdgeKey) -> bool:
        return (
            is_inside(key.source)
            or is_inside(key.destination)
            or (focus is not None and focus.is_called(key))
        ) and _is_told(key, options)

    rows = [row for row, key in enumerate(tables.edges.keys) if is_wanted(key)]
    edges = tables.edges.take(np.array(rows, np.int64))
    places = tuple(filter(is_inside, tables.places))
    if options.inject_service_nodes:
        edges = with_service_nodes(edges)
    return replace(tables, edges=edges, places=places)


def _is_told(key: EdgeKey, options: KialiOptions) -> bool:
    of_waypoint = Via.WAYPOINT is key.via or PlaceKind.WAYPOINT in (
        key.source.kind,
        key.destination.kind,
    )
    if of_waypoint and options.ambient in (AmbientTraffic.NONE, AmbientTraffic.ZTUNNEL):
        return False
    match protocol_word(key.protocol):
        case "grpc":
            return options.grpc is not GrpcRate.NONE
        case "tcp":
            return options.tcp is not TcpRate.NONE
    return options.http is not HttpRate.NONE
