"""Bookinfo's edges made by hand: a minute of ingress → productpage → details, reviews → ratings."""

from __future__ import annotations

from dataclasses import replace

from model.graph.edge import EdgeKey, OperationKey, Protocol, Via, View
from model.graph.measures import EdgeTable, OperationTable
from model.graph.place import Place, PlaceKind
from model.span import SpanKind, StatusCode
from tests.graph.tables import CallGroup, SpanGroup, edge_table, operation_table

CLUSTER = "c1"


def workload(service: str, version: str = "v1", namespace: str = "default") -> Place:
    return Place(
        PlaceKind.WORKLOAD,
        CLUSTER,
        namespace,
        service,
        version,
        f"{service}-{version}",
        f"{service}.{namespace}",
    )


INGRESS = Place(PlaceKind.INGRESS, name="ingress")
UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")
GATEWAY = Place(
    PlaceKind.GATEWAY,
    CLUSTER,
    "istio-system",
    "istio-ingressgateway",
    "latest",
    "istio-ingressgateway",
    "istio-ingressgateway.istio-system",
)
PRODUCTPAGE = workload("productpage")
DETAILS = workload("details")
RATINGS = workload("ratings")
REVIEWS = tuple(workload("reviews", version) for version in ("v1", "v2", "v3"))
MYSQL = Place(PlaceKind.DATABASE, name="mysql:3306")
LONELY = workload("lonely", namespace="attic")

NODES_GATEWAY = int(View.GATEWAYS_WAYPOINTS | View.GATEWAYS)
PASSED_GATEWAY = int(View.WAYPOINTS | View.NEITHER)


def host(place: Place) -> str:
    return f"{place.service}.{place.namespace}.svc.cluster.local"


def edge(source: Place, destination: Place, **parts: object) -> EdgeKey:
    """An edge over HTTP that was answered 200, unless ``parts`` say otherwise."""
    to_mesh = destination.kind in (PlaceKind.WORKLOAD, PlaceKind.SERVICE)
    key = EdgeKey(
        source,
        destination,
        operation=f"{destination.service}:9080/*",
        host=host(destination) if to_mesh else "",
        protocol=Protocol.HTTP,
        source_code="200",
        source_flags="-",
        destination_code="200",
        destination_flags="-",
    )
    return replace(key, **parts)  # type: ignore[arg-type] - the fields of an EdgeKey


def failed(source: Place, destination: Place, **parts: object) -> EdgeKey:
    """The same, of calls that found no healthy host."""
    return edge(
        source,
        destination,
        **{
            "source_code": "503",
            "source_flags": "UH",
            "destination_code": "",
            "destination_flags": "",
            **parts,
        },
    )


CALLS: list[tuple[EdgeKey, CallGroup]] = [
    (edge(INGRESS, GATEWAY, views=NODES_GATEWAY), {"calls": 60, "server_ms": 60}),
    (
        edge(GATEWAY, PRODUCTPAGE, views=NODES_GATEWAY),
        {"calls": 60, "client_ms": 55, "server_ms": 50},
    ),
    (
        edge(INGRESS, PRODUCTPAGE, views=PASSED_GATEWAY, via=Via.GATEWAY),
        {"calls": 60, "client_ms": 55, "server_ms": 50},
    ),
    (
        edge(PRODUCTPAGE, DETAILS, mtls=True, source_principal="spiffe://c1/ns/default/sa/pp"),
        {
            "calls": 60,
            "client_ms": 6,
            "server_ms": 4,
            "request_bytes": 100,
            "response_bytes": 1000,
        },
    ),
    (edge(PRODUCTPAGE, REVIEWS[0]), {"calls": 20, "client_ms": 8, "server_ms": 5}),
    (edge(PRODUCTPAGE, REVIEWS[1]), {"calls": 18, "client_ms": 30, "server_ms": 28}),
    (edge(PRODUCTPAGE, REVIEWS[2]), {"calls": 20, "client_ms": 40, "server_ms": 38}),
    (failed(PRODUCTPAGE, REVIEWS[1]), {"calls": 2, "errors": 2, "client_ms": 1}),
    (edge(REVIEWS[1], RATINGS), {"calls": 18, "client_ms": 5, "server_ms": 3}),
    (edge(REVIEWS[2], RATINGS), {"calls": 20, "client_ms": 5, "server_ms": 3}),
    (
        edge(
            RATINGS,
            MYSQL,
            operation="SELECT ratings",
            protocol=Protocol.DATABASE,
            source_code="",
            source_flags="",
            destination_code="",
            destination_flags="",
        ),
        {"calls": 38, "client_ms": 2},
    ),
]

SPANS: list[tuple[OperationKey, SpanGroup]] = [
    (
        OperationKey(place, f"{place.service}:9080/*", SpanKind.SERVER, StatusCode.UNSET, "200"),
        {"spans": spans, "duration_ms": duration_ms},
    )
    for place, spans, duration_ms in (
        (GATEWAY, 60, 60.0),
        (PRODUCTPAGE, 60, 50.0),
        (DETAILS, 60, 4.0),
        (REVIEWS[0], 20, 5.0),
        (REVIEWS[1], 18, 28.0),
        (REVIEWS[2], 20, 38.0),
        (RATINGS, 38, 3.0),
        (LONELY, 7, 1.0),
    )
]


def bookinfo_edges(start_ns: int = 0) -> EdgeTable:
    return edge_table([(key, {**group, "start_ns": start_ns}) for key, group in CALLS])


def bookinfo_operations(start_ns: int = 0) -> OperationTable:
    return operation_table([(key, {**group, "start_ns": start_ns}) for key, group in SPANS])


def bookinfo_places() -> tuple[Place, ...]:
    """Who made the spans of :func:`bookinfo_operations`."""
    return tuple(dict.fromkeys(key.place for key, _ in SPANS))
