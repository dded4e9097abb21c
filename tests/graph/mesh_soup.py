"""Spans that no mesh sends together: any kind, place and tag under any parent."""

from __future__ import annotations

from random import Random

from model.attributes import AttributeValue
from model.mesh import identify
from model.span import Link, Resource, Span, SpanKind, StatusCode
from tests.graph.mesh_workloads import Workload, random_gateway, random_waypoint, random_workload

__all__ = ["soup"]

Tags = dict[str, AttributeValue]

_CLUSTERS = (
    "outbound|9080||cart.shop.svc.cluster.local",
    "outbound|443||api.example.com",
    "outbound_.80_._.web.test.svc.cluster.local",
    "inbound|9080||",
    "InboundPassthroughCluster",
    "PassthroughCluster",
    "BlackHoleCluster",
    "plain",
)
_TAGS: tuple[Tags, ...] = (
    {},
    {},
    {},
    {"http.method": "GET", "http.status_code": "200"},
    {"http.url": "http://api.example.com:8443/x", "http.status_code": "0"},
    {"url.full": "http://reviews.shop.svc.cluster.local/"},
    {"peer.service": "billing"},
    {"peer.address": "10.244.0.2"},
    {"network.peer.address": "[fe80::1]:9080"},
    {"db.system": "mysql", "server.address": "db", "server.port": 3306},
    {"messaging.system": "kafka", "messaging.destination.name": "orders"},
    {"messaging.system": "kafka"},
    {"istio.destination_canonical_service": "cart", "istio.destination_namespace": "shop"},
    {"istio.source_canonical_service": "web", "istio.source_namespace": "shop"},
    {"istio.source_workload": "web-v1", "istio.destination_workload": "-"},
    {"grpc.status_code": "14", "response_flags": "UF"},
    {"request_size": "3", "response_size": "5", "istio.mtls": "true"},
    {"error": "true"},
)
_NAMES = ("GET /", "cart.shop.svc.cluster.local:9080/*", "web.test.svc.cluster.local:9080/*")


def soup(choose: Random, start_ns: int) -> list[Span]:
    """Return the spans of a trace or two that share nothing but the rules of the form."""
    workloads = [random_workload(choose) for _ in range(2)]
    workloads += [random_gateway(choose), random_gateway(choose)]
    workloads += [random_waypoint(choose, "shop")]
    trace_ids = [f"{choose.getrandbits(120) + 1:032x}" for _ in range(choose.choice((1, 1, 2)))]
    ids = [f"{choose.choice((0, 1)) << 63 | number:016x}" for number in range(1, 26)]
    ids = ids[: choose.randrange(2, 26)]
    unit_ns = choose.choice((1_000, 1_000, 4_000_000_000))
    spans = []
    for index in range(len(ids)):
        above = choose.choice(ids[max(0, index - 3) : index] or [""])
        far = choose.choice((*ids, "", "00000000000000aa"))
        tags: Tags = {**choose.choice(_TAGS), **choose.choice(_TAGS)}
        resource, made_by = _maker(choose, choose.choice(workloads))
        tags |= made_by
        if "component" in tags and choose.random() < 0.8:
            tags["upstream_cluster"] = choose.choice(_CLUSTERS)
        links = [
            Link(choose.choice(trace_ids), choose.choice(ids)) for _ in range(choose.randrange(3))
        ]
        spans.append(
            Span(
                choose.choice(trace_ids),
                ids[index],
                choose.choice(_NAMES),
                start_ns + choose.randrange(40) * unit_ns,
                choose.randrange(20) * 1_000,
                above if choose.random() < 0.85 else far,
                choose.choice((*SpanKind, SpanKind.CLIENT, SpanKind.SERVER)),
                choose.choice((StatusCode.UNSET, StatusCode.UNSET, StatusCode.ERROR)),
                trace_state=choose.choice(("", "", "", "ot=th:8", "ot=th:c")),
                attributes=tags,
                links=tuple(links) if choose.random() < 0.3 else (),
                resource=Resource(resource),
                service_name=str(resource.get("service.name", "")),
                identity=identify(resource, tags),
            )
        )
    return spans


def _maker(choose: Random, of: Workload) -> tuple[Tags, Tags]:
    """Return the resource and the tags of who makes a span."""
    who = choose.random()
    if who < 0.05:
        return {}, {}
    if of.proxy and (who < 0.7 or not of.sdk):
        return of.proxy_resource, of.proxy_tags(attempt=choose.random() < 0.3)
    return of.sdk_resource, {}
