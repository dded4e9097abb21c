"""Istio's standard metrics, told from calls.

A call is reported by the side whose spans tell of it, as proxies report their own requests: with
the caller's latency by the source, with the callee's by the destination, and by the waypoint that
stands before the callee. As in Istio, a gateway reports only what it sends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from model.envoy import parse_service_host
from model.graph.calls import Calls
from model.graph.edge import EdgeKey, Protocol, Via
from model.graph.place import Place, PlaceKind
from spanloom.mesh_metrics.observations import Definition, Labels, Observations, observe

__all__ = ["ISTIO_METRICS", "observe_istio"]

_UNKNOWN = "unknown"
_LABELS = (
    "reporter",
    "source_workload",
    "source_workload_namespace",
    "source_canonical_service",
    "source_canonical_revision",
    "source_app",
    "source_version",
    "source_cluster",
    "source_principal",
    "destination_workload",
    "destination_workload_namespace",
    "destination_canonical_service",
    "destination_canonical_revision",
    "destination_app",
    "destination_version",
    "destination_cluster",
    "destination_principal",
    "destination_service",
    "destination_service_name",
    "destination_service_namespace",
    "request_protocol",
    "response_code",
    "response_flags",
    "grpc_response_status",
    "connection_security_policy",
)
_BOUNDS = (
    *(0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0),
    *(10_000.0, 30_000.0, 60_000.0, 300_000.0, 600_000.0, 1_800_000.0, 3_600_000.0),
)
_REQUESTS = Definition("istio_requests", "Requests of HTTP and gRPC.", _LABELS)
_DURATION = Definition(
    "istio_request_duration_milliseconds", "Duration of requests.", _LABELS, _BOUNDS
)
_REQUEST_BYTES = Definition("istio_request_bytes", "Bytes of request bodies.", _LABELS, _BOUNDS)
_RESPONSE_BYTES = Definition("istio_response_bytes", "Bytes of response bodies.", _LABELS, _BOUNDS)

ISTIO_METRICS = (_REQUESTS, _DURATION, _REQUEST_BYTES, _RESPONSE_BYTES)

# Istio's proxies count requests of these; how databases and brokers are called they do not see.
_PROTOCOLS = {Protocol.HTTP: "http", Protocol.GRPC: "grpc", Protocol.UNKNOWN: "http"}
_WITH_WORKLOAD = frozenset({PlaceKind.WORKLOAD, PlaceKind.GATEWAY})


def observe_istio(
    calls: Calls, keys: Sequence[EdgeKey], counts: npt.NDArray[np.bool_]
) -> Iterator[Observations]:
    """Observe those ``calls`` that ``counts`` marks; ``keys`` stand in for ``calls.keys``."""
    sized = ((_REQUEST_BYTES, calls.request_bytes), (_RESPONSE_BYTES, calls.response_bytes))
    for reporter, is_reported, latency_ns in (
        ("source", _by_source, calls.client_ns),
        ("destination", _by_destination, calls.server_ns),
        ("waypoint", _by_waypoint, calls.server_ns),
    ):
        reported = np.array([is_reported(key) for key in keys], np.bool_)
        told = counts & reported[calls.key] & (latency_ns >= 0)
        labels = [
            _labels(key, reporter) if is_used else ()
            for key, is_used in zip(keys, reported.tolist(), strict=True)
        ]
        yield observe(_REQUESTS, labels, calls.key, calls, told)
        yield observe(_DURATION, labels, calls.key, calls, told, latency_ns / 1e6)
        for definition, size in sized:
            yield observe(
                definition, labels, calls.key, calls, told & (size >= 0), size.astype(np.float64)
            )


def _is_request(key: EdgeKey) -> bool:
    return key.protocol in _PROTOCOLS and not key.asynchronous


def _by_source(key: EdgeKey) -> bool:
    return _is_request(key)


def _by_destination(key: EdgeKey) -> bool:
    has_reporter = key.destination.kind is PlaceKind.WORKLOAD and key.via is not Via.WAYPOINT
    return _is_request(key) and has_reporter


def _by_waypoint(key: EdgeKey) -> bool:
    return _is_request(key) and key.via is Via.WAYPOINT


def _labels(key: EdgeKey, reporter: str) -> Labels:
    codes = (key.source_code, key.destination_code)
    flags = (key.source_flags, key.destination_flags)
    choose = _first if reporter == "source" else _last
    return (
        reporter,
        *_workload(key.source),
        key.source_principal or _UNKNOWN,
        *_workload(key.destination),
        key.destination_principal or _UNKNOWN,
        *_service(key),
        _PROTOCOLS[key.protocol],
        _code(choose(codes), key.grpc_status),
        choose(flags) or "-",
        key.grpc_status,
        # As in Istio, a client does not tell what the connection was.
        _UNKNOWN if reporter == "source" else _SECURITY[key.mtls],
    )


_SECURITY = {True: "mutual_tls", False: "none", None: _UNKNOWN}


def _first(texts: tuple[str, str]) -> str:
    return texts[0] or texts[1]


def _last(texts: tuple[str, str]) -> str:
    return texts[1] or texts[0]


def _code(code: str, grpc_status: str) -> str:
    if code == "-":
        return "0"
    # A gRPC call that was answered is an HTTP 200.
    return code or ("200" if grpc_status else _UNKNOWN)


def _workload(place: Place) -> Labels:
    """Return the labels of one end from its workload to its cluster."""
    if place.kind not in _WITH_WORKLOAD:
        return (_UNKNOWN, _UNKNOWN, _UNKNOWN, "latest", _UNKNOWN, _UNKNOWN, _UNKNOWN)
    return (
        place.workload or _UNKNOWN,
        place.namespace or _UNKNOWN,
        place.service or _UNKNOWN,
        place.version or "latest",
        place.service or _UNKNOWN,
        place.version or _UNKNOWN,
        place.cluster or _UNKNOWN,
    )


def _service(key: EdgeKey) -> Labels:
    """Return ``destination_service``, its name and its namespace."""
    place = key.destination
    if (host := parse_service_host(key.host)) is not None:
        return (key.host, host.service, host.namespace)
    if place.service and place.namespace:
        host_name = f"{place.service}.{place.namespace}.svc.cluster.local"
        return (host_name, place.service, place.namespace)
    name = key.host or place.name or _UNKNOWN
    return (name, name, place.namespace or _UNKNOWN)
