"""Places and calls of a small mesh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from model.graph.edge import EdgeKey, Protocol
from model.graph.place import Place, PlaceKind
from spanloom.mesh_metrics.observations import Observations
from spanloom.mesh_metrics.series import SeriesTable
from tests.graph.tables import CallGroup, calls_of

NOW_NS = 1_790_000_000_000_000_000


def workload(service: str, version: str = "v1", kind: PlaceKind = PlaceKind.WORKLOAD) -> Place:
    name = f"{service}.shop"
    return Place(kind, "east", "shop", service, version, f"{service}-{version}", name)


PAGE, REVIEWS = workload("page"), workload("reviews", "v2")
GATEWAY = workload("gateway", "latest", PlaceKind.GATEWAY)
INGRESS = Place(PlaceKind.INGRESS, name="ingress")
UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")
DATABASE = Place(PlaceKind.DATABASE, name="mysql:3306")
QUEUE = Place(PlaceKind.MESSAGING, name="orders")
EXTERNAL = Place(PlaceKind.EXTERNAL, name="api.example.com")

HTTP = EdgeKey(
    PAGE,
    REVIEWS,
    "GET /",
    host="reviews.shop.svc.cluster.local",
    protocol=Protocol.HTTP,
    source_code="200",
    source_flags="-",
    destination_code="200",
    destination_flags="-",
)


def observed_by(
    observe: object, groups: Iterable[tuple[EdgeKey, CallGroup]]
) -> Iterator[Observations]:
    calls = calls_of(groups)
    return observe(calls, calls.keys, np.ones(len(calls.key), np.bool_))  # type: ignore[operator]


def samples(
    observed: Iterable[Observations],
) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """The exposed samples: by name, then labels."""
    table = SeriesTable("", 100_000)
    table.add(observed, NOW_NS)
    return table_samples(table)


def table_samples(table: SeriesTable) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families("".join(table.lines(openmetrics=False))):
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            assert labels not in found.setdefault(sample.name, {})
            found[sample.name][labels] = sample.value
    return found


def value_of(
    found: dict[str, dict[frozenset[tuple[str, str]], float]], name: str, **labels: str
) -> float:
    """Return the sum over the samples that have these labels."""
    wanted = labels.items()
    return sum(value for has, value in found.get(name, {}).items() if wanted <= dict(has).items())
