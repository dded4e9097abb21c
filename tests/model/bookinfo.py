"""One request to Bookinfo as real Envoys report it: tags, names and nesting of envoy-istio.md."""

from __future__ import annotations

from typing import Any

from model.mesh import identify
from model.span import Resource, Scope, Span, SpanKind, StatusCode

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
START_NS = 1_790_000_000_000_000_000
REQUEST_ID = "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d"

_PODS = {
    "istio-ingressgateway": ("10.244.0.3", "istio-ingressgateway-7f8d9b6c5d-x2x4z", "istio-system"),
    "productpage": ("10.244.0.5", "productpage-v1-6b746f74dc-9rlmh", "default"),
    "details": ("10.244.0.6", "details-v1-79f774bdb9-2bq7x", "default"),
    "reviews": ("10.244.0.7", "reviews-v2-7bf8c9648f-8d5kv", "default"),
    "ratings": ("10.244.0.8", "ratings-v1-b6994bb9-xwzlc", "default"),
}


def proxy_span(
    span_id: int,
    parent: int,
    app: str,
    kind: SpanKind,
    time_us: tuple[int, int],
    name: str,
    *,
    attempt: bool = False,
    status: StatusCode = StatusCode.UNSET,
    **tags: str,
) -> Span:
    """A span of ``app``'s Envoy, with the tags that every one of them has."""
    ip, pod, namespace = _PODS[app]
    proxy = "router" if app == "istio-ingressgateway" else "sidecar"
    version = {"reviews": "v2", "istio-ingressgateway": "latest"}.get(app, "v1")
    node_id = f"{proxy}~{ip}~{pod}.{namespace}~{namespace}.svc.cluster.local"
    attributes: dict[str, Any] = {
        "component": "proxy",
        "http.protocol": "HTTP/1.1",
        "http.status_code": "200",
        "response_flags": "-",
        "istio.canonical_service": app,
        "istio.canonical_revision": version,
        "istio.namespace": namespace,
        "istio.cluster_id": "Kubernetes",
        "istio.mesh_id": "cluster.local",
    }
    if not attempt:
        attributes |= {
            "node_id": node_id,
            "zone": "",
            "http.method": "GET",
            "guid:x-request-id": REQUEST_ID,
        }
    attributes |= {key.replace("__", "."): value for key, value in tags.items()}
    resource = {"service.name": f"{app}.{namespace}", "telemetry.sdk.name": "envoy"}
    return Span(
        trace_id=TRACE_ID,
        span_id=f"{span_id:016x}",
        parent_span_id=f"{parent:016x}" if parent else "",
        name=name,
        start_ns=START_NS + time_us[0] * 1000,
        duration_ns=(time_us[1] - time_us[0]) * 1000,
        kind=kind,
        status_code=status,
        attributes=attributes,
        resource=Resource(resource),
        scope=Scope("envoy", "1.40.0"),
        service_name=resource["service.name"],
        identity=identify(resource, attributes),
    )


def _cluster(app: str) -> str:
    return f"outbound|9080||{app}.default.svc.cluster.local"


def _name(app: str, path: str = "/*") -> str:
    return f"{app}.default.svc.cluster.local:9080{path}"


def bookinfo_spans() -> list[Span]:
    """A product page: details, reviews v2, and ratings that cannot be reached."""
    client, server = SpanKind.CLIENT, SpanKind.SERVER
    page = {"upstream_cluster": _cluster("productpage")}
    return [
        proxy_span(
            0x10, 0, "istio-ingressgateway", server, (0, 50_000),
            _name("productpage", "/productpage"),
            http__url="http://bookinfo.example.com/productpage", peer__address="192.0.2.10", **page,
        ),
        proxy_span(
            0x11, 0x10, "istio-ingressgateway", client, (400, 49_700),
            f"router {_cluster('productpage')}; egress", attempt=True,
            upstream_address="10.244.0.5:9080", peer__address="10.244.0.5:9080", **page,
        ),
        proxy_span(
            0x20, 0x11, "productpage", server, (1_000, 49_000),
            _name("productpage", "/productpage"),
            upstream_cluster="inbound|9080||", peer__address="10.244.0.3",
        ),
        proxy_span(
            0x21, 0x20, "productpage", client, (3_000, 9_000), _name("details"),
            upstream_cluster=_cluster("details"), http__url="http://details:9080/details/0",
        ),
        proxy_span(
            0x30, 0x21, "details", server, (4_000, 8_000), _name("details"),
            upstream_cluster="inbound|9080||", peer__address="10.244.0.5",
        ),
        proxy_span(
            0x22, 0x20, "productpage", client, (10_000, 47_000), _name("reviews"),
            upstream_cluster=_cluster("reviews"), http__url="http://reviews:9080/reviews/0",
        ),
        proxy_span(
            0x40, 0x22, "reviews", server, (11_000, 46_000), _name("reviews"),
            upstream_cluster="inbound|9080||", peer__address="10.244.0.5",
        ),
        proxy_span(
            0x41, 0x40, "reviews", client, (12_000, 40_000), _name("ratings"),
            status=StatusCode.ERROR, upstream_cluster=_cluster("ratings"),
            http__url="http://ratings:9080/ratings/0", http__status_code="503",
            response_flags="UF,URX", error="true",
        ),
    ]  # fmt: skip
