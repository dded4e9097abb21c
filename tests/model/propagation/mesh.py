"""Spans of sidecars as a test writes them down: who, when, below what, under which request id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from model.mesh import identify
from model.propagation.examine import examine
from model.propagation.findings import Finding, Report, Sign
from model.propagation.observations import Gathering
from model.span import Resource, Scope, Span, SpanKind
from tests.graph.memory import MemoryGraph

__all__ = ["MS", "T0", "doctor", "findings", "inbound", "outbound", "request_id", "signs", "span"]

MS = 1_000_000
T0 = 1_790_000_000_000_000_000
LATER = T0 + 3_600_000 * MS

_ADDRESSES: dict[str, str] = {}


def address(app: str) -> str:
    return _ADDRESSES.setdefault(app, f"10.1.0.{len(_ADDRESSES) + 1}")


def request_id(number: int, digit: str = "9") -> str:
    return f"{number:08x}-1111-{digit}111-8111-111111111111"


def host(app: str) -> str:
    return f"{app}.default.svc.cluster.local"


def span(
    app: str,
    kind: SpanKind,
    trace: int,
    number: int,
    parent: int,
    at_ms: float,
    ms: float,
    name: str,
    *,
    proxy: str = "sidecar",
    **tags: str,
) -> Span:
    pod = f"{app}-v1-5d9c8b7f6-x2x4z"
    attributes: dict[str, str] = {}
    if proxy:
        attributes = {
            "component": "proxy",
            "node_id": f"{proxy}~{address(app)}~{pod}.default~default.svc.cluster.local",
            "http.status_code": "200",
            "response_flags": "-",
            "istio.canonical_service": app,
            "istio.canonical_revision": "v1",
            "istio.cluster_id": "Kubernetes",
        }
    attributes |= {key.replace("__", "."): value for key, value in tags.items() if value}
    if "request_id" in attributes:
        attributes["guid:x-request-id"] = attributes.pop("request_id")
    resource = {"service.name": f"{app}.default" if proxy else app}
    if not proxy:
        resource |= {"k8s.pod.name": pod, "k8s.namespace.name": "default"}
    return Span(
        trace_id=f"{trace:032x}",
        span_id=f"{number:016x}",
        parent_span_id=f"{parent:016x}" if parent else "",
        name=name,
        start_ns=T0 + round(at_ms * MS),
        duration_ns=round(ms * MS),
        kind=kind,
        attributes=dict(attributes),
        resource=Resource(dict(resource)),
        scope=Scope("envoy", "1.40.0"),
        service_name=resource["service.name"],
        identity=identify(resource, attributes),
    )


def inbound(
    app: str,
    trace: int,
    number: int,
    parent: int = 0,
    *,
    at: float = 0,
    ms: float = 10,
    id: int = 0,
    caller: str = "",
    name: str = "",
    **tags: str,
) -> Span:
    """A request that ``app``'s sidecar took in, ``at`` milliseconds after T0."""
    return span(
        app,
        SpanKind.SERVER,
        trace,
        number,
        parent,
        at,
        ms,
        name or f"{host(app)}:9080/*",
        upstream_cluster="inbound|9080||",
        request_id=request_id(id) if id else "",
        peer__address=address(caller) if caller else "",
        **tags,
    )


def outbound(
    app: str,
    to: str,
    trace: int,
    number: int,
    parent: int = 0,
    *,
    at: float = 0,
    ms: float = 5,
    id: int = 0,
    **tags: str,
) -> Span:
    """A call that ``app``'s sidecar let out."""
    return span(
        app,
        SpanKind.CLIENT,
        trace,
        number,
        parent,
        at,
        ms,
        f"{host(to)}:9080/*",
        upstream_cluster=f"outbound|9080||{host(to)}",
        request_id=request_id(id) if id else "",
        **tags,
    )


def doctor(
    spans: Iterable[Span],
    *,
    from_ms: float = -3_600_000,
    settled_ns: int = LATER,
    chunk_spans: int = 200_000,
) -> Report:
    """Examine what is stored, in chunks."""
    graph = MemoryGraph(spans)
    gathering = Gathering(settled_ns)
    for chunk in graph.spans(0, 2**62, chunk_spans=chunk_spans):
        gathering.add(chunk)
    return examine(gathering.observations(T0 + round(from_ms * MS)), graph.pods(0, 2**62))


def findings(report: Report, sign: Sign) -> dict[str, Finding]:
    """The findings of one sign by the service that they are about."""
    found = [each for each in report.findings if each.sign is sign]
    by_subject = {each.subject.service or each.subject.name: each for each in found}
    assert len(by_subject) == len(found)
    return by_subject


def signs(report: Report) -> Sequence[str]:
    return sorted({each.sign.value for each in report.findings})
