"""Edge tables from calls told in a line each, and Bookinfo as a store holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.graph.calls import Calls
from model.graph.edge import EdgeKey, OperationKey, Protocol
from model.graph.measures import EdgeTable, OperationTable, aggregate_calls, aggregate_operations
from model.graph.operations import OperationSpans
from model.graph.place import Place, PlaceKind
from model.span import SpanKind, StatusCode
from tests.api.sample import NOON_NS

MS = 1_000_000


def workload(service: str, version: str = "v1", namespace: str = "default", **other) -> Place:
    return Place(
        **{
            "kind": PlaceKind.WORKLOAD,
            "cluster": "cluster-1",
            "namespace": namespace,
            "service": service,
            "version": version,
            "workload": f"{service}-{version}",
            "name": f"{service}.{namespace}",
        }
        | other
    )


INGRESS = Place(PlaceKind.INGRESS, name="ingress")
UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")
GATEWAY = workload(
    "istio-ingressgateway",
    "latest",
    "istio-system",
    kind=PlaceKind.GATEWAY,
    workload="istio-ingressgateway",
)
PRODUCTPAGE, DETAILS, RATINGS = (
    workload(service) for service in ("productpage", "details", "ratings")
)
REVIEWS = tuple(workload("reviews", version) for version in ("v1", "v2", "v3"))
DATABASE = Place(PlaceKind.DATABASE, name="mysql:3306")


@dataclass(frozen=True)
class Line:
    """Calls that are alike.

    Attributes:
        client_ms: latencies, a call each.
    """

    source: Place
    destination: Place
    client_ms: tuple[int, ...]
    errors: int = 0
    code: str = "200"
    flags: str = "-"
    host: str = ""
    protocol: Protocol = Protocol.HTTP
    response_bytes: int = -1
    other: tuple[tuple[str, object], ...] = ()

    @property
    def key(self) -> EdgeKey:
        told = {
            "operation": "x",
            "host": self.host,
            "protocol": self.protocol,
            "source_code": self.code,
            "source_flags": self.flags,
        } | dict(self.other)
        return EdgeKey(self.source, self.destination, **told)


def edges(lines: Sequence[Line]) -> EdgeTable:
    """The table of these calls, each in a trace of its own."""
    calls = [
        (index, ms, number < line.errors, line.response_bytes)
        for index, line in enumerate(lines)
        for number, ms in enumerate(line.client_ms)
    ]
    count = len(calls)
    none = np.full(count, -1, np.int64)
    return aggregate_calls(
        Calls(
            keys=tuple(line.key for line in lines),
            key=np.array([call[0] for call in calls], np.int32),
            trace=np.arange(count, dtype=np.int64),
            trace_ids=np.array([(7, number) for number in range(count)], np.uint64).reshape(-1, 2),
            start_ns=np.full(count, NOON_NS, np.int64),
            error=np.array([call[2] for call in calls], bool),
            client_ns=np.array([call[1] * MS for call in calls], np.int64),
            server_ns=none,
            lag_ns=none,
            request_bytes=none,
            response_bytes=np.array([call[3] for call in calls], np.int64),
            weight=np.ones(count),
            scaled=np.zeros(count, bool),
        )
    )


def operations(*places: Place) -> OperationTable:
    """One server span of each place."""
    count = len(places)
    return aggregate_operations(
        OperationSpans(
            keys=tuple(
                OperationKey(place, "x", SpanKind.SERVER, StatusCode.UNSET) for place in places
            ),
            key=np.arange(count, dtype=np.int32),
            trace=np.arange(count, dtype=np.int64),
            trace_ids=np.array([(8, number) for number in range(count)], np.uint64).reshape(-1, 2),
            start_ns=np.full(count, NOON_NS, np.int64),
            error=np.zeros(count, bool),
            duration_ns=np.full(count, MS, np.int64),
            weight=np.ones(count),
            scaled=np.zeros(count, bool),
        )
    )


def bookinfo_lines() -> list[Line]:
    """Sixty requests through the gateway: twenty to each version of reviews."""
    host = "reviews.default.svc.cluster.local"
    return [
        Line(INGRESS, GATEWAY, (40,) * 60),
        Line(GATEWAY, PRODUCTPAGE, (30,) * 60, response_bytes=5000),
        Line(PRODUCTPAGE, DETAILS, (5,) * 60, host="details.default.svc.cluster.local"),
        Line(PRODUCTPAGE, REVIEWS[0], (10,) * 20, host=host),
        Line(PRODUCTPAGE, REVIEWS[1], (20,) * 20, host=host),
        Line(PRODUCTPAGE, REVIEWS[2], (90,) * 20, host=host),
        Line(REVIEWS[1], RATINGS, (4,) * 20),
        Line(REVIEWS[2], RATINGS, (4,) * 18),
        Line(REVIEWS[2], RATINGS, (4,) * 2, errors=2, code="503", flags="UF"),
        Line(RATINGS, DATABASE, (1,) * 40, code="", flags="", protocol=Protocol.DATABASE),
    ]
