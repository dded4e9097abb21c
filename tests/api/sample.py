"""A small mesh on one morning: what the tests of the API ask about."""

from __future__ import annotations

from model.span import (
    Event,
    Link,
    MeshIdentity,
    Resource,
    Scope,
    Span,
    SpanKind,
    StatusCode,
)

MS = 1_000_000
SECOND = 1_000_000_000
NOON_NS = 1_795_176_000 * SECOND  # 2026-11-20T12:00:00Z
CART_TRACE = "00000000000000000000000000000c47"
BROKEN_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ODD_TRACE = "4bf92f3577b34da6a3ce929d0e0e4737"
CART_REQUEST = "3f1c2e9a-5b7d-9c3e-8f21-aa10bc93d7e4"

_FRONT = MeshIdentity("east", "shop", "front", "v1", "front-v1", "front-v1-5d9c8b7f6-x2x4z")
_CART = MeshIdentity("east", "shop", "cart", "v2", "cart-v2", "cart-v2-5d9c8b7f6-q8w7c")
_PAY = MeshIdentity("west", "bank", "pay", "v1", "pay-v1", "pay-v1-5d9c8b7f6-b4b5d")


def _resource(identity: MeshIdentity) -> Resource:
    name = f"{identity.service}.{identity.namespace}"
    return Resource(
        {"service.name": name, "k8s.pod.name": identity.pod}, schema_url="https://example.com/1"
    )


_RESOURCES = {identity: _resource(identity) for identity in (_FRONT, _CART, _PAY)}
_ENVOY = Scope(name="envoy", version="1.40.0", attributes={"build": "release"})


def _span(
    trace_id: str, number: int, parent: int, name: str, identity: MeshIdentity, **fields: object
) -> Span:
    start_ms = fields.pop("at_ms", 0)
    duration_ms = fields.pop("ms", 1)
    assert isinstance(start_ms, int)
    assert isinstance(duration_ms, int)
    return Span(
        trace_id=trace_id,
        span_id=f"{number:016x}",
        parent_span_id=f"{parent:016x}" if parent else "",
        name=name,
        start_ns=NOON_NS + start_ms * MS,
        duration_ns=duration_ms * MS,
        service_name=f"{identity.service}.{identity.namespace}",
        identity=identity,
        resource=_RESOURCES[identity],
        scope=_ENVOY,
        **fields,  # type: ignore[arg-type] - the fields of a Span
    )


def _node(identity: MeshIdentity) -> str:
    return f"sidecar~10.0.0.1~{identity.pod}.{identity.namespace}~{identity.namespace}.svc.local"


def sample_spans() -> list[Span]:
    """Three traces: a healthy one with proxies, one with its root missing, an odd one."""
    request_id = {"guid:x-request-id": CART_REQUEST}
    healthy = [
        _span(CART_TRACE, 1, 0, "GET /", _FRONT, at_ms=0, ms=1500, kind=SpanKind.SERVER),
        _span(
            CART_TRACE,
            2,
            1,
            "cart.shop.svc.cluster.local:80/*",
            _FRONT,
            at_ms=100,
            ms=1200,
            kind=SpanKind.CLIENT,
            status_code=StatusCode.ERROR,
            status_message="upstream",
            attributes={
                **request_id,
                "component": "proxy",
                "node_id": _node(_FRONT),
                "upstream_cluster": "outbound|80|v2|cart.shop.svc.cluster.local",
                "http.status_code": "503",
                "response_flags": "UH,URX",
            },
        ),
        _span(
            CART_TRACE,
            3,
            2,
            "cart.shop.svc.cluster.local:80/*",
            _CART,
            at_ms=200,
            ms=1000,
            kind=SpanKind.SERVER,
            status_code=StatusCode.OK,
            attributes={
                **request_id,
                "component": "proxy",
                "node_id": _node(_CART),
                "upstream_cluster": "inbound|8080||",
                "http.status_code": "200",
            },
        ),
    ]
    broken = [
        _span(
            BROKEN_TRACE,
            0x20,
            0x1F,
            "charge",
            _PAY,
            at_ms=-60_000,
            ms=20,
            attributes={"user.id": 7, "http.status_code": "200", **request_id},
        ),
        _span(BROKEN_TRACE, 0x21, 0x20, "SELECT", _PAY, at_ms=-59_995, ms=5, kind=SpanKind.CLIENT),
    ]
    odd = [
        _span(
            ODD_TRACE,
            0x30,
            0,
            "odd",
            _PAY,
            at_ms=-120_000,
            attributes={
                "big": 2**60,
                "small": 3,
                "ratio": 0.25,
                "nan": float("nan"),
                "raw": b"\x00\xff",
                "list": ["a", 1, True],
                "deep": {"raw": [b"\x01"]},
                "map": {"a": None},
                "empty": None,
                "quote=d key": "x",
                "event:id": "e",
                "user.id": "8",
            },
            events=(Event(NOON_NS - 119_999 * MS, "retry", {"attempt": 2**61}, 1),),
            links=(
                Link(ODD_TRACE, f"{0x30:016x}", "a=b", {"why": "self"}, 2, 1),
                Link(CART_TRACE, f"{1:016x}"),
            ),
            trace_state="vendor=1",
            flags=0x101,
            dropped_attributes_count=4,
            dropped_events_count=5,
            dropped_links_count=6,
        )
    ]
    return [*healthy, *broken, *odd]
