"""Graphs built by hand: Bookinfo with all that spans can tell, and hostile names."""

from __future__ import annotations

from model.graph.edge import Protocol, Via
from model.graph.place import PlaceKind
from model.graph.view import (
    Box,
    BoxKind,
    Exemplar,
    Graph,
    GraphEdge,
    GraphNode,
    GraphType,
    Health,
    HealthStatus,
    Latency,
    Outcome,
    Traffic,
)

SECOND = 1_000_000_000
MS = 1_000_000
FROM_NS = 1_763_600_000 * SECOND
TO_NS = FROM_NS + 100 * SECOND
TRACE = "61e2d44ce7e1ccd9055a2903b5ad1880"
HEALTHY = Health(HealthStatus.HEALTHY)
DEGRADED = Health(HealthStatus.DEGRADED, "5% of 100 requests got 503 (UF)")
SICK = Health(HealthStatus.FAILURE, "25% of 40 requests got 500")
NOTHING = Health(HealthStatus.NA)


def ok(calls, protocol=Protocol.HTTP, code="200", host="", grpc_status=""):
    return Outcome(protocol, code, "-", grpc_status, host, calls, 0, float(calls))


def bad(calls, code="503", flags="-", protocol=Protocol.HTTP, host="", grpc_status=""):
    return Outcome(protocol, code, flags, grpc_status, host, calls, calls, float(calls))


def traffic(*outcomes, p95_ms=20.0, request_bytes=0, response_bytes=0, weight=1.0):
    """Traffic of 100 seconds; None without outcomes."""
    if not outcomes:
        return None
    outcomes = tuple(each._replace(estimated=each.calls * weight) for each in outcomes)
    calls = sum(each.calls for each in outcomes)
    errors = sum(each.errors for each in outcomes)
    latency = Latency(
        float(calls), p95_ms / 2 * MS, p95_ms / 4 * MS, p95_ms * MS, p95_ms * 1.5 * MS
    )
    return Traffic(
        calls=calls,
        errors=errors,
        estimated=calls * weight,
        estimated_errors=errors * weight,
        standard_error=0.0,
        unscaled=0,
        rate=calls * weight / 100,
        error_ratio=errors / calls if calls else 0.0,
        request_bytes=request_bytes,
        response_bytes=response_bytes,
        outcomes=outcomes,
        client=latency if p95_ms else None,
        server=None,
        lag=None,
        slowest=Exemplar(TRACE, round(p95_ms * 2 * MS)) if p95_ms else None,
        latest_error=None,
    )


def node(
    node_id,
    label,
    kind=PlaceKind.WORKLOAD,
    inbound=None,
    outbound=None,
    health=HEALTHY,
    hosts=(),
    box="",
    cluster="cluster-1",
    namespace="default",
    service="",
    version="",
    workload="",
    is_idle=False,
):
    return GraphNode(
        id=node_id,
        kind=kind,
        label=label,
        name=f"{service}.{namespace}" if service else label,
        cluster=cluster,
        namespace=namespace,
        service=service,
        version=version,
        workload=workload,
        operation="",
        box=box,
        inbound=inbound,
        outbound=outbound,
        health=health,
        is_root=inbound is None,
        is_idle=is_idle,
        hosts=hosts,
    )


def virtual(node_id, label, kind, inbound=None, outbound=None, health=HEALTHY):
    return node(node_id, label, kind, inbound, outbound, health=health, cluster="", namespace="")


def edge(source, target, of, protocol=Protocol.HTTP, **other):
    told = {
        "asynchronous": False,
        "inferred": False,
        "via": (),
        "share": 1.0,
        "mtls": None,
        "source_principal": "",
        "destination_principal": "",
        "health": HEALTHY,
    } | other
    return GraphEdge(
        id=f"{source}-{target}-{protocol.value}",
        source=source,
        target=target,
        protocol=protocol,
        traffic=of,
        **told,
    )


def graph(nodes, edges=(), boxes=(), type=GraphType.VERSIONED_APP, from_ns=FROM_NS, to_ns=TO_NS):
    return Graph(type, from_ns, to_ns, tuple(nodes), tuple(edges), tuple(boxes), False, to_ns)


def bookinfo(type=GraphType.VERSIONED_APP):
    """The Bookinfo mesh over 100 seconds: 100 requests, a database, a queue, an idle workload.

    Of 100 requests to productpage 5 got no upstream; reviews go 40/40/20 to v1, v2 and v3; of the
    60 calls of ratings 6 are 404 and 6 are 500.
    """
    details_host = "details.default.svc.cluster.local"
    reviews_host = "reviews.default.svc.cluster.local"
    entered = traffic(ok(95), bad(5, flags="UF,URX"), p95_ms=200, response_bytes=400_000)
    to_details = traffic(ok(100, host=details_host), p95_ms=8)
    to_v1, to_v2, to_v3 = (
        traffic(ok(calls, host=reviews_host), p95_ms=p95, request_bytes=1000, response_bytes=5000)
        for calls, p95 in ((40, 10), (40, 30), (20, 40))
    )
    from_v2 = traffic(ok(32), bad(4, "404"), bad(4, "500", "FI"), p95_ms=5)
    from_v3 = traffic(ok(16), bad(2, "404"), bad(2, "500"), p95_ms=6)
    to_db = traffic(ok(60, Protocol.DATABASE, ""), p95_ms=2)
    to_queue = traffic(ok(10, Protocol.MESSAGING, ""), p95_ms=1)
    to_stock = traffic(
        ok(9, Protocol.GRPC, "200", grpc_status="0"),
        bad(1, "200", "-", Protocol.GRPC, grpc_status="14"),
        p95_ms=3,
    )
    return graph(
        [
            virtual("00ing", "ingress", PlaceKind.INGRESS, outbound=entered, health=DEGRADED),
            node(
                "01gw",
                "istio-ingressgateway",
                PlaceKind.GATEWAY,
                entered,
                entered,
                DEGRADED,
                hosts=("bookinfo.example.com",),
                box="b-sys",
                namespace="istio-system",
                service="istio-ingressgateway",
                version="latest",
                workload="istio-ingressgateway",
            ),
            node(
                "02pp",
                "productpage v1",
                inbound=entered,
                outbound=traffic(ok(100, host=details_host), ok(100, host=reviews_host), p95_ms=30),
                health=DEGRADED,
                box="b-def",
                service="productpage",
                version="v1",
                workload="productpage-v1",
            ),
            node(
                "03de",
                "details v1",
                inbound=to_details,
                hosts=(details_host,),
                box="b-def",
                service="details",
                version="v1",
                workload="details-v1",
            ),
            *(
                node(
                    f"0{3 + number}r{number}",
                    f"reviews v{number}",
                    inbound=inbound,
                    outbound=outbound,
                    health=SICK if outbound else HEALTHY,
                    hosts=(reviews_host,),
                    box="b-rev",
                    service="reviews",
                    version=f"v{number}",
                    workload=f"reviews-v{number}",
                )
                for number, inbound, outbound in (
                    (1, to_v1, None),
                    (2, to_v2, from_v2),
                    (3, to_v3, from_v3),
                )
            ),
            node(
                "07ra",
                "ratings v1",
                inbound=traffic(ok(48), bad(6, "404"), bad(6, "500", "FI"), p95_ms=6),
                outbound=traffic(
                    ok(60, Protocol.DATABASE, ""),
                    ok(10, Protocol.MESSAGING, ""),
                    *to_stock.outcomes,
                    p95_ms=2,
                ),
                health=SICK,
                box="b-def",
                service="ratings",
                version="v1",
                workload="ratings-v1",
            ),
            virtual("08my", "mysql:3306", PlaceKind.DATABASE, to_db),
            virtual("09qu", "orders", PlaceKind.MESSAGING, to_queue),
            virtual("10ex", "stock.example.com", PlaceKind.EXTERNAL, to_stock, health=DEGRADED),
            node(
                "11id",
                "cron v1",
                health=NOTHING,
                box="b-def",
                service="cron",
                version="v1",
                workload="cron-v1",
                is_idle=True,
            ),
        ],
        [
            edge("00ing", "01gw", entered, health=DEGRADED),
            edge(
                "01gw",
                "02pp",
                entered,
                mtls=1.0,
                health=DEGRADED,
                source_principal="spiffe://td/ns/istio-system/sa/gw",
                destination_principal="spiffe://td/ns/default/sa/productpage",
            ),
            edge("02pp", "03de", to_details, share=0.5),
            edge("02pp", "04r1", to_v1, share=0.2),
            edge("02pp", "05r2", to_v2, share=0.2),
            edge("02pp", "06r3", to_v3, share=0.1),
            edge("05r2", "07ra", from_v2, health=SICK),
            edge("06r3", "07ra", from_v3, health=SICK),
            edge("07ra", "08my", to_db, Protocol.DATABASE),
            edge("07ra", "09qu", to_queue, Protocol.MESSAGING, asynchronous=True),
            edge("07ra", "10ex", to_stock, Protocol.GRPC, health=DEGRADED),
        ],
        [
            Box("b-def", BoxKind.NAMESPACE, "default", "cluster-1", "default", "", ""),
            Box("b-sys", BoxKind.NAMESPACE, "istio-system", "cluster-1", "istio-system", "", ""),
            Box("b-rev", BoxKind.APP, "reviews", "cluster-1", "default", "reviews", "b-def"),
        ],
        type,
    )


def named(label):
    """A graph of one node of this name that calls itself, in a box of this name."""
    calls = traffic(bad(1, label))
    sick = Health(HealthStatus.FAILURE, label)
    return graph(
        [
            node(
                label,
                label,
                inbound=calls,
                outbound=calls,
                health=sick,
                box=label,
                cluster=label,
                namespace=label,
                service=label,
                version=label,
                workload=label,
                hosts=(label,),
            )
        ],
        [edge(label, label, calls, health=sick, source_principal=label)],
        [Box(label, BoxKind.NAMESPACE, label, label, label, label, "")],
    )


VIA_WAYPOINT = (Via.WAYPOINT,)
