"""Proxies in a trace: their hop, the two ends of their calls, and what attempts inherit."""

from typing import Any

import pytest

from model.hops import Hop, hop_of
from model.proxy_calls import Peer, PeerSource, ProxyCall
from model.span import MeshIdentity, Span, SpanKind
from model.trace import assemble
from tests.model.conftest import TRACE_ID, MakeSpan

CLIENT, SERVER = SpanKind.CLIENT, SpanKind.SERVER
SIDECAR = "sidecar~10.0.0.1~a-1.default~default.svc.cluster.local"
ROUTER = "router~10.0.0.2~gw-1.default~default.svc.cluster.local"
WAYPOINT = "waypoint~10.0.0.3~waypoint-1.default~default.svc.cluster.local"
OUTBOUND = "outbound|80||b.default.svc.cluster.local"

A = MeshIdentity(namespace="default", service="a", workload="a-v1", pod="a-1")
B = MeshIdentity(namespace="default", service="b", workload="b-v1", pod="b-1")
C = MeshIdentity(namespace="default", service="c", workload="c-v1", pod="c-1")
GATEWAY = MeshIdentity(namespace="default", service="gw", workload="gw", pod="gw-1")
MIDWAY = MeshIdentity(namespace="default", service="waypoint", pod="waypoint-1")


@pytest.mark.parametrize(
    ("kind", "attributes", "hop"),
    [
        (CLIENT, {"node_id": SIDECAR, "upstream_cluster": OUTBOUND}, Hop.CLIENT_SIDECAR),
        (SERVER, {"node_id": SIDECAR, "upstream_cluster": "inbound|80||"}, Hop.SERVER_SIDECAR),
        (SERVER, {"node_id": SIDECAR, "upstream_cluster": OUTBOUND}, Hop.CLIENT_SIDECAR),
        (CLIENT, {"node_id": SIDECAR}, Hop.CLIENT_SIDECAR),
        (SERVER, {"node_id": SIDECAR}, Hop.SERVER_SIDECAR),
        (
            CLIENT,
            {"node_id": SIDECAR, "upstream_cluster": "PassthroughCluster"},
            Hop.CLIENT_SIDECAR,
        ),
        (
            SERVER,
            {"node_id": SIDECAR, "upstream_cluster": "InboundPassthroughCluster"},
            Hop.SERVER_SIDECAR,
        ),
        (CLIENT, {"node_id": SIDECAR, "upstream_cluster": "BlackHoleCluster"}, Hop.CLIENT_SIDECAR),
        (SERVER, {"node_id": ROUTER, "upstream_cluster": OUTBOUND}, Hop.GATEWAY),
        (CLIENT, {"node_id": ROUTER, "upstream_cluster": OUTBOUND}, Hop.GATEWAY),
        (SERVER, {"node_id": WAYPOINT}, Hop.WAYPOINT),
        (CLIENT, {"upstream_cluster": OUTBOUND}, Hop.UPSTREAM_ATTEMPT),
        (SERVER, {"node_id": "edge-1", "upstream_cluster": "backend"}, Hop.PROXY),
        (CLIENT, {"node_id": ""}, Hop.PROXY),
    ],
)
def test_the_hop_of_a_proxy_span(kind: SpanKind, attributes: dict[str, Any], hop: Hop) -> None:
    assert hop_of({"component": "proxy", **attributes}, kind) is hop


def test_a_span_of_an_application_is_no_hop() -> None:
    assert hop_of({"node_id": SIDECAR, "upstream_cluster": OUTBOUND}, CLIENT) is None


def call(spans: list[Span], span_id: int) -> ProxyCall:
    trace = assemble(TRACE_ID, spans)
    node = next(node for node in trace.nodes if node.span_id == f"{span_id:016x}")
    assert node.proxy is not None
    return node.proxy


def proxy(**tags: str) -> dict[str, str]:
    return {"component": "proxy", "node_id": SIDECAR, **tags}


def test_the_upstream_of_a_client_sidecar_is_who_got_the_call(span: MakeSpan) -> None:
    spans = [
        span(1, 0, kind=CLIENT, identity=A, attributes=proxy(upstream_cluster=OUTBOUND)),
        span(2, 1, kind=SERVER, identity=B, attributes=proxy(upstream_cluster="inbound|80||")),
    ]

    client, server = call(spans, 1), call(spans, 2)

    assert client.downstream == Peer(A, PeerSource.SPAN)
    assert client.upstream == Peer(B, PeerSource.SPAN, "b.default.svc.cluster.local")
    assert server.downstream == Peer(A, PeerSource.SPAN)
    assert server.upstream == Peer(B, PeerSource.SPAN)


def test_without_the_callees_span_the_cluster_names_it(span: MakeSpan) -> None:
    attributes = proxy(upstream_cluster=OUTBOUND)
    only = [span(1, kind=CLIENT, identity=A, attributes=attributes)]
    # b's proxy does not report; what b called next must not be taken for b.
    then_c = [*only, span(2, 1, kind=CLIENT, identity=C, attributes=attributes)]

    expected = Peer(
        MeshIdentity(namespace="default", service="b"),
        PeerSource.UPSTREAM_CLUSTER,
        "b.default.svc.cluster.local",
    )
    assert call(only, 1).upstream == expected
    assert call(then_c, 1).upstream == expected


@pytest.mark.parametrize(
    ("tags", "service", "source"),
    [
        (
            {
                "upstream_cluster": "PassthroughCluster",
                "http.url": "https://api.example.com:443/v1",
            },
            "api.example.com",
            PeerSource.HOST,
        ),
        (
            {"upstream_cluster": "BlackHoleCluster", "http.url": "http://nowhere/"},
            "BlackHoleCluster",
            PeerSource.UPSTREAM_CLUSTER,
        ),
        (
            {"upstream_cluster": "outbound|443||api.example.com"},
            "api.example.com",
            PeerSource.UPSTREAM_CLUSTER,
        ),
        ({"upstream_cluster": "backend", "http.url": "http://shop/"}, "shop", PeerSource.HOST),
    ],
)
def test_a_callee_outside_of_the_mesh_is_named_by_the_host(
    span: MakeSpan, tags: dict[str, str], service: str, source: PeerSource
) -> None:
    upstream = call([span(1, kind=CLIENT, identity=A, attributes=proxy(**tags))], 1).upstream

    assert upstream is not None
    assert (upstream.identity, upstream.source) == (MeshIdentity(service=service), source)


@pytest.mark.parametrize("url", ["", "http://[::/", "no url"])
def test_where_nothing_names_the_callee_it_is_not_known(span: MakeSpan, url: str) -> None:
    attributes = proxy(upstream_cluster="PassthroughCluster") | {"http.url": url}

    assert call([span(1, kind=CLIENT, identity=A, attributes=attributes)], 1).upstream is None


def test_a_caller_without_a_span_is_known_by_the_address_of_its_pod(span: MakeSpan) -> None:
    spans = [
        span(1, 0, kind=SERVER, identity=B, attributes=proxy() | {"peer.address": "10.0.0.9"}),
        span(
            2, 1, kind=CLIENT, identity=C, attributes=proxy(node_id=SIDECAR.replace(".1~", ".9~"))
        ),
    ]

    assert call(spans, 1).downstream == Peer(C, PeerSource.ADDRESS, address="10.0.0.9")


def test_a_caller_from_outside_is_an_address(span: MakeSpan) -> None:
    attributes = proxy(node_id=ROUTER, upstream_cluster=OUTBOUND) | {"peer.address": "192.0.2.1"}

    assert call([span(1, kind=SERVER, identity=GATEWAY, attributes=attributes)], 1) == ProxyCall(
        Hop.GATEWAY,
        Peer(MeshIdentity(), PeerSource.ADDRESS, address="192.0.2.1"),
        Peer(
            MeshIdentity(namespace="default", service="b"),
            PeerSource.UPSTREAM_CLUSTER,
            "b.default.svc.cluster.local",
        ),
    )


def test_spans_of_the_application_between_the_proxies_are_passed_by(span: MakeSpan) -> None:
    sdk = MeshIdentity(namespace="default", service="b")
    spans = [
        span(1, 0, kind=CLIENT, identity=A, attributes=proxy(upstream_cluster=OUTBOUND)),
        span(2, 1, kind=SERVER, identity=B, attributes=proxy(upstream_cluster="inbound|80||")),
        span(3, 2, kind=SERVER, identity=sdk),
        span(4, 3, kind=CLIENT, identity=sdk),
        span(5, 4, kind=CLIENT, identity=B, attributes=proxy(upstream_cluster=OUTBOUND)),
        span(6, 5, kind=SERVER, identity=C, attributes=proxy(upstream_cluster="inbound|80||")),
    ]

    server, client = call(spans, 2), call(spans, 5)

    assert server.downstream is not None
    assert server.downstream.identity == A
    assert client.upstream is not None
    assert client.upstream.identity == C
    last = call(spans, 6)
    assert last.downstream is not None
    assert last.downstream.identity == B


def waypoint(span: MakeSpan, **tags: str) -> list[Span]:
    return [
        span(1, 0, kind=CLIENT, identity=A, attributes=proxy(upstream_cluster=OUTBOUND)),
        span(
            2,
            1,
            kind=SERVER,
            identity=MIDWAY,
            name="b.default.svc.cluster.local:80/*",
            attributes=proxy(node_id=WAYPOINT) | {f"istio.{key}": tags[key] for key in tags},
        ),
        span(3, 2, kind=SERVER, identity=B, attributes=proxy(upstream_cluster="inbound|80||")),
    ]


def test_a_waypoint_stands_between_the_caller_and_the_callee(span: MakeSpan) -> None:
    spans = waypoint(span)

    client, middle, server = call(spans, 1), call(spans, 2), call(spans, 3)

    assert client.upstream is not None
    assert client.upstream.identity == B
    assert server.downstream is not None
    assert server.downstream.identity == A
    assert middle.downstream == Peer(A, PeerSource.SPAN)
    assert middle.upstream == Peer(
        MeshIdentity(namespace="default", service="b"),
        PeerSource.HOST,
        "b.default.svc.cluster.local",
    )


def test_the_tags_of_a_waypoint_win_over_the_tree(span: MakeSpan) -> None:
    middle = call(
        waypoint(
            span,
            source_canonical_service="front",
            source_namespace="web",
            source_workload="front-v3",
            destination_canonical_service="b",
            destination_canonical_revision="v2",
            destination_namespace="default",
            destination_workload="unknown",
        ),
        2,
    )

    assert middle.downstream == Peer(
        MeshIdentity(namespace="web", service="front", workload="front-v3"), PeerSource.ISTIO_TAGS
    )
    assert middle.upstream == Peer(
        MeshIdentity(namespace="default", service="b", version="v2"),
        PeerSource.ISTIO_TAGS,
        "b.default.svc.cluster.local",
    )


def test_empty_tags_of_a_waypoint_say_nothing(span: MakeSpan) -> None:
    empty = waypoint(span, source_canonical_service="", destination_canonical_service="unknown")

    assert call(empty, 2) == call(waypoint(span), 2)


def gateway_with_attempts(span: MakeSpan) -> list[Span]:
    attempt = {"component": "proxy", "upstream_cluster": OUTBOUND}
    name = {"service_name": "gw.default"}
    return [
        span(
            1,
            0,
            (0, 100),
            SERVER,
            identity=GATEWAY,
            attributes=proxy(node_id=ROUTER, upstream_cluster=OUTBOUND)
            | {
                "http.url": "http://shop/",
                "http.method": "GET",
                "guid:x-request-id": "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d",
                "http.status_code": "200",
            },
            **name,
        ),
        span(2, 1, (10, 20), CLIENT, attributes=attempt | {"http.url": "own"}, **name),
        span(3, 1, (30, 90), CLIENT, attributes=attempt | {"retry.count": "1"}, **name),
        span(4, 3, (40, 80), SERVER, identity=B, attributes=proxy(node_id=SIDECAR)),
    ]


def test_an_attempt_inherits_place_and_request_from_its_proxy(span: MakeSpan) -> None:
    trace = assemble(TRACE_ID, gateway_with_attempts(span))

    assert [node.identity for node in trace.nodes] == [GATEWAY, GATEWAY, GATEWAY, B]
    assert dict(trace.nodes[2].inherited) == {
        "node_id": ROUTER,
        "http.url": "http://shop/",
        "http.method": "GET",
        "guid:x-request-id": "7f0c2a52-8f7f-941b-9d2e-0d7a6a1b2c3d",
    }
    assert "http.url" not in trace.nodes[1].inherited


def test_each_attempt_names_the_proxy_and_the_callee(span: MakeSpan) -> None:
    spans = gateway_with_attempts(span)

    failed, answered, whole = call(spans, 2), call(spans, 3), call(spans, 1)

    assert failed.downstream == answered.downstream == Peer(GATEWAY, PeerSource.SPAN)
    assert failed.upstream is not None
    assert failed.upstream.source is PeerSource.UPSTREAM_CLUSTER
    assert (
        answered.upstream
        == whole.upstream
        == Peer(B, PeerSource.SPAN, "b.default.svc.cluster.local")
    )


def test_a_clients_span_of_another_service_is_no_attempt(span: MakeSpan) -> None:
    spans = gateway_with_attempts(span)[:1]
    stranger = span(9, 1, kind=CLIENT, service_name="x", attributes={"component": "proxy"})

    assert not assemble(TRACE_ID, [*spans, stranger]).nodes[1].inherited
