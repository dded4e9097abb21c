"""Spans of a small mesh, in few words: what the tests of the finder are made of."""

from __future__ import annotations

from model.mesh import identify
from model.span import Link, Resource, Span, SpanKind, StatusCode

__all__ = ["TRACE", "app", "attempt", "gateway", "inbound", "outbound", "span", "waypoint"]

TRACE = f"{1:032x}"
_MS = 1_000_000


def span(
    id: int,
    parent: int,
    kind: SpanKind,
    name: str,
    attributes: dict[str, str],
    resource: dict[str, str],
    *,
    start_ms: int = -1,
    duration_ms: int = 10,
    error: bool = False,
    trace: str = TRACE,
    links: tuple[Link, ...] = (),
    trace_state: str = "",
) -> Span:
    """One span; ids are small numbers, 0 is no parent; it starts ``id`` ms after the epoch."""
    return Span(
        trace_id=trace,
        span_id=f"{id:016x}",
        name=name,
        start_ns=(id if start_ms < 0 else start_ms) * _MS,
        duration_ns=duration_ms * _MS,
        parent_span_id=f"{parent:016x}" if parent else "",
        kind=kind,
        status_code=StatusCode.ERROR if error else StatusCode.UNSET,
        attributes=attributes,
        links=links,
        resource=Resource(resource),
        service_name=resource.get("service.name", ""),
        identity=identify(resource, attributes),
        trace_state=trace_state,
    )


def _proxy(type: str, workload: str, version: str = "v1") -> dict[str, str]:
    pod = f"{workload}-{version}-7d4b9c44bb-x5z7k"
    return {
        "component": "proxy",
        "node_id": f"{type}~10.0.0.1~{pod}.default~default.svc.cluster.local",
        "istio.canonical_service": workload,
        "istio.canonical_revision": version,
        "istio.namespace": "default",
        "istio.cluster_id": "east",
        "http.status_code": "200",
    }


def inbound(id: int, parent: int, of: str, **changes: object) -> Span:
    """The inbound listener of a sidecar; ``tags`` are more attributes."""
    tags = {**_proxy("sidecar", of), "upstream_cluster": "inbound|9080||"}
    return _span(id, parent, SpanKind.SERVER, of, tags, changes)


def outbound(id: int, parent: int, of: str, to: str, **changes: object) -> Span:
    """The outbound listener of a sidecar."""
    host = f"{to}.default.svc.cluster.local"
    tags = {**_proxy("sidecar", of), "upstream_cluster": f"outbound|9080||{host}"}
    return _span(id, parent, SpanKind.CLIENT, of, tags, changes, f"{host}:9080/*")


def gateway(id: int, parent: int, **changes: object) -> Span:
    """The listener of the ingress gateway."""
    tags = {**_proxy("router", "gateway"), "upstream_cluster": "outbound|80||web.default.svc.x"}
    return _span(id, parent, SpanKind.SERVER, "gateway", tags, changes)


def attempt(id: int, parent: int, of: str, to: str, **changes: object) -> Span:
    """One try of the proxy span above."""
    host = f"{to}.default.svc.cluster.local"
    tags = {"component": "proxy", "upstream_cluster": f"outbound|9080||{host}"}
    return _span(id, parent, SpanKind.CLIENT, of, tags, changes, f"router {to} egress")


def waypoint(id: int, parent: int, to: str, **changes: object) -> Span:
    """A waypoint before ``to``."""
    name = f"{to}.default.svc.cluster.local:9080/*"
    return _span(id, parent, SpanKind.SERVER, "way", _proxy("waypoint", "way"), changes, name)


def app(id: int, parent: int, of: str, kind: SpanKind, **changes: object) -> Span:
    """A span of an application's SDK, which tells its service and namespace only."""
    resource = {"service.name": of, "service.namespace": "default"} if of else {}
    return _span(id, parent, kind, of, {}, changes, "app", resource)


def _span(
    id: int,
    parent: int,
    kind: SpanKind,
    of: str,
    tags: dict[str, str],
    changes: dict[str, object],
    name: str = "",
    resource: dict[str, str] | None = None,
) -> Span:
    changes = dict(changes)
    more = changes.pop("tags", {})
    assert isinstance(more, dict)
    resource = {"service.name": f"{of}.default"} if resource is None else resource
    return span(id, parent, kind, name or of, {**tags, **more}, resource, **changes)  # type: ignore[arg-type]
