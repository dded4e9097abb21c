"""Whom waypoints stand before, and who called them, as their tags say (rule G18)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.envoy import ProxyType, ServiceHost, parse_service_host
from model.graph.ancestry import NONE, earliest, nearest
from model.graph.directions import proxy_type_of
from model.graph.distinct import Distinct
from model.graph.forest import Forest
from model.graph.place import Place, PlaceKind
from model.graph.span_columns import SpanClass, SpanColumns
from model.hosts import host_of_name

__all__ = ["destination_by_tags", "find_destinations", "may_be", "service_place", "source_by_tags"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_MOST_NESTED = 8
"""Waypoints above one another that take one callee's place; real requests pass two at most."""


def service_place(cluster: str, namespace: str, service: str, workload: str = "") -> Place:
    """Return a service that is known from its callers only."""
    name = f"{service}.{namespace}" if namespace else service
    return Place(PlaceKind.SERVICE, cluster, namespace, service, "", workload, name)


def destination_by_tags(span: SpanClass, cluster: str) -> Place | None:
    """Return the callee that ``istio.destination_*`` tags name; None if they do not."""
    return _tagged(
        cluster, span.destination_namespace, span.destination_service, span.destination_workload
    )


def source_by_tags(span: SpanClass) -> Place | None:
    """Return the caller that a waypoint's ``istio.source_*`` tags name; None if they do not."""
    if proxy_type_of(span) is not ProxyType.WAYPOINT:
        return None
    return _tagged(
        span.identity.cluster, span.source_namespace, span.source_service, span.source_workload
    )


def may_be(place: Place, named: Place) -> bool:
    """Whether a place that made spans may be one that is known by name only."""
    return (
        place.service == named.service
        and _agree(place.namespace, named.namespace)
        and _agree(place.workload, named.workload)
    )


def find_destinations(
    spans: SpanColumns, forest: Forest, is_waypoint: Bools, place: Int64s, table: Distinct[Place]
) -> None:
    """Set ``place`` of the waypoints' spans to their destinations.

    That is the place of the first span below of the service which the waypoint names; the named
    service itself if there is none below.

    Args:
        spans: of which the forest was built.
        forest: of the traces.
        is_waypoint: of each member.
        place: of each member, an index in ``table``; NONE for all waypoints as yet.
        table: the places so far; services are added.
    """
    waypoints = np.flatnonzero(is_waypoint)
    named: dict[int, Place | None] = {
        index: _destination(spans.classes[index])
        for index in np.unique(forest.span_class[waypoints]).tolist()
    }
    above = nearest(is_waypoint | (place != NONE), forest.parent)
    below = np.flatnonzero(place != NONE)
    found: list[tuple[int, int]] = []  # waypoint, member below it
    passed = above[below]
    for _ in range(_MOST_NESTED):
        through = (passed != NONE) & is_waypoint[passed]
        below, passed = below[through], passed[through]
        found += [
            (waypoint, member)
            for waypoint, member in zip(passed.tolist(), below.tolist(), strict=True)
            if _is_named(named[forest.span_class[waypoint]], table.items[place[member]])
        ]
        passed = above[passed]
    for waypoint in waypoints.tolist():
        destination = named[forest.span_class[waypoint]]
        place[waypoint] = NONE if destination is None else table.index(destination)
    if found:
        by, of = np.array(found).T
        first = earliest(by, forest.start_ns[of])
        place[by[first]] = place[of[first]]


def _destination(span: SpanClass) -> Place | None:
    cluster = span.identity.cluster
    if tagged := destination_by_tags(span, cluster):
        return tagged
    host = service_host_of_name(span.name)
    return None if host is None else service_place(cluster, host.namespace, host.service)


def service_host_of_name(name: str) -> ServiceHost | None:
    """Return the Kubernetes host in a span's name; None if there is none."""
    return parse_service_host(host_of_name(name))


def _is_named(named: Place | None, place: Place) -> bool:
    return (
        named is not None
        and place.service == named.service
        and _agree(place.namespace, named.namespace)
    )


def _tagged(cluster: str, namespace: str, service: str, workload: str) -> Place | None:
    workload = _told(workload)
    service = _told(service) or workload
    return service_place(cluster, _told(namespace), service, workload) if service else None


def _told(tag: str) -> str:
    return "" if tag in ("-", "unknown") else tag


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other
