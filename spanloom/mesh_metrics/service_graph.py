"""Tempo's service graph metrics, told from calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from model.graph.calls import Calls
from model.graph.edge import EdgeKey
from model.graph.place import Place, PlaceKind
from spanloom.mesh_metrics.observations import Definition, Labels, Observations, observe

__all__ = ["SERVICE_GRAPH_METRICS", "observe_service_graph"]

_LABELS = ("client", "server", "connection_type")
_BOUNDS = tuple(0.1 * 2**power for power in range(8))
_REQUESTS = Definition("traces_service_graph_request", "Requests between two services.", _LABELS)
_FAILED = Definition(
    "traces_service_graph_request_failed", "Failed requests between two services.", _LABELS
)
_SERVER = Definition(
    "traces_service_graph_request_server_seconds",
    "Duration of requests as the server saw it; the client where no server tells it.",
    _LABELS,
    _BOUNDS,
)
_CLIENT = Definition(
    "traces_service_graph_request_client_seconds",
    "Duration of requests as the client saw it.",
    _LABELS,
    _BOUNDS,
)
_MESSAGING = Definition(
    "traces_service_graph_request_messaging_system_seconds",
    "Time that messages were under way.",
    _LABELS,
    _BOUNDS,
)

SERVICE_GRAPH_METRICS = (_REQUESTS, _FAILED, _SERVER, _CLIENT, _MESSAGING)

_CALLERS_WITHOUT_NAME = frozenset({PlaceKind.UNKNOWN, PlaceKind.INGRESS})
_VIRTUAL = _CALLERS_WITHOUT_NAME | {PlaceKind.EXTERNAL, PlaceKind.SERVICE}


def observe_service_graph(
    calls: Calls, keys: Sequence[EdgeKey], counts: npt.NDArray[np.bool_]
) -> Iterator[Observations]:
    """Observe those ``calls`` that ``counts`` marks; ``keys`` stand in for ``calls.keys``."""
    labels = [_labels(key) for key in keys]
    server_ns = np.where(calls.server_ns >= 0, calls.server_ns, calls.client_ns)
    yield observe(_REQUESTS, labels, calls.key, calls, counts)
    yield observe(_FAILED, labels, calls.key, calls, counts & calls.error)
    for definition, latency_ns in (
        (_SERVER, server_ns),
        (_CLIENT, calls.client_ns),
        (_MESSAGING, calls.lag_ns),
    ):
        told = counts & (latency_ns >= 0)
        yield observe(definition, labels, calls.key, calls, told, latency_ns / 1e9)


def _labels(key: EdgeKey) -> Labels:
    return (_name(key.source), _name(key.destination), _connection_type(key))


def _name(place: Place) -> str:
    # What Tempo calls who began a trace from outside.
    return "user" if place.kind in _CALLERS_WITHOUT_NAME else place.name


def _connection_type(key: EdgeKey) -> str:
    kinds = {key.source.kind, key.destination.kind}
    if key.asynchronous or PlaceKind.MESSAGING in kinds:
        return "messaging_system"
    if PlaceKind.DATABASE in kinds:
        return "database"
    return "virtual_node" if kinds & _VIRTUAL else ""
