"""Service nodes between callers and the workloads that answer, as Kiali injects them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.envoy import parse_service_host
from model.graph.edge import EdgeKey
from model.graph.measures import EdgeTable, merge_edges
from model.graph.place import Place, PlaceKind

__all__ = ["with_service_nodes"]

_CALLED = (PlaceKind.WORKLOAD, PlaceKind.GATEWAY)


def with_service_nodes(edges: EdgeTable) -> EdgeTable:
    """Return ``edges`` with every call A→B of a service S drawn as A→S and S→B.

    Done before calls are added up to edges, so that latencies of both are exact. A call stays as
    it is if its service is not known, or if the service is all that is known of the callee.
    """
    services = [_service(key) for key in edges.keys]
    through = [row for row, service in enumerate(services) if service is not None]
    rest = [row for row, service in enumerate(services) if service is None]
    called = edges.take(np.array(through, np.int64))
    between = [service for service in services if service is not None]
    return merge_edges(
        [
            edges.take(np.array(rest, np.int64)),
            EdgeTable(
                tuple(
                    replace(key, destination=service)
                    for key, service in zip(called.keys, between, strict=True)
                ),
                called.measures,
            ),
            EdgeTable(
                tuple(
                    replace(key, source=service)
                    for key, service in zip(called.keys, between, strict=True)
                ),
                called.measures,
            ),
        ]
    )


def _service(key: EdgeKey) -> Place | None:
    callee = key.destination
    if callee.kind not in _CALLED or not callee.workload:
        return None
    host = parse_service_host(key.host)
    if host is not None:
        return _place(callee.cluster, host.namespace, host.service)
    if callee.kind is PlaceKind.WORKLOAD and callee.service:
        return _place(callee.cluster, callee.namespace, callee.service)
    return None


def _place(cluster: str, namespace: str, service: str) -> Place:
    return Place(PlaceKind.SERVICE, cluster, namespace, service, name=f"{service}.{namespace}")
