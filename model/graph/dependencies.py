"""Dependencies as Jaeger and Zipkin list them: who calls whom, by the names of services."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.graph.edge import EdgeKey, View
from model.graph.measures import EdgeTable
from model.graph.place import Place, PlaceKind
from model.graph.traffic import latencies
from model.graph.view import Latency

__all__ = ["Dependency", "dependencies"]

_NOT_LISTED = (PlaceKind.UNKNOWN, PlaceKind.INGRESS)


@dataclass(frozen=True, slots=True)
class Dependency:
    """Calls of one service to another (rule G49).

    Attributes:
        parent, child: names by which traces of them are found (rule G46).
        call_count, error_count: as stored.
        estimated: scaled by sampling.
        latency: as the caller saw it, else the callee; None where no call told.
        is_async: every call is by a message.
        inferred: every call is found by the trace's root only (rule G11).
    """

    parent: str
    child: str
    call_count: int
    error_count: int
    estimated: float
    latency: Latency | None
    is_async: bool
    inferred: bool


def dependencies(
    table: EdgeTable, *, view: View = View.GATEWAYS, direct_async: bool = False
) -> list[Dependency]:
    """Return the list, by parent, then child.

    Callers that are not known are left out (rule G26), and so are direct asynchronous calls
    unless asked for (rule G33; those to and from a named broker are in).

    Args:
        table: edges of a window, resolved.
        view: exactly one.
        direct_async: whether to list producer to consumer where no broker is known.
    """
    names = _names(table)
    pairs: dict[tuple[str, str], int] = {}
    rows, groups = [], []
    for row, key in enumerate(table.keys):
        if not key.views & view or key.source.kind in _NOT_LISTED:
            continue
        if key.destination.kind in _NOT_LISTED or not (direct_async or not _is_direct(key)):
            continue
        pair = (names[key.source], names[key.destination])
        if all(pair):
            rows.append(row)
            groups.append(pairs.setdefault(pair, len(pairs)))
    part = table.take(np.array(rows, np.int64))
    keys: list[list[EdgeKey]] = [[] for _ in pairs]
    for group, key in zip(groups, part.keys, strict=True):
        keys[group].append(key)
    measures = part.measures.grouped(np.array(groups, np.int64), len(pairs))
    client, server = latencies(measures.client), latencies(measures.server)
    found = [
        Dependency(
            parent,
            child,
            int(measures.calls[group]),
            int(measures.errors[group]),
            float(measures.estimated[group]),
            client[group] or server[group],
            all(key.asynchronous for key in keys[group]),
            all(key.inferred for key in keys[group]),
        )
        for (parent, child), group in pairs.items()
    ]
    return sorted(found, key=lambda one: (one.parent, one.child))


def _is_direct(key: EdgeKey) -> bool:
    brokers = (key.source.kind, key.destination.kind)
    return key.asynchronous and PlaceKind.MESSAGING not in brokers


def _names(table: EdgeTable) -> dict[Place, str]:
    """Return one name for each place: Envoy's ``<app>.<namespace>`` if it has it in any trace."""
    alike: dict[tuple[str, ...], set[str]] = {}
    places = {place for key in table.keys for place in (key.source, key.destination)}
    for place in places:
        alike.setdefault(_grain(place), set()).add(place.name)
    return {place: _best(alike[_grain(place)], place) for place in places}


def _grain(place: Place) -> tuple[str, ...]:
    if place.service:
        return (place.cluster, place.namespace, place.service)
    return (place.kind.value, place.name)


def _best(names: set[str], place: Place) -> str:
    usual = f"{place.service}.{place.namespace}"
    return usual if usual in names else min(names - {""}, default=place.service)
