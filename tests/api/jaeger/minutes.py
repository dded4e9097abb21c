"""Minutes of operations, and what the metrics of service performance tell of them."""

from __future__ import annotations

from typing import Any

from yarl import URL

from model.graph.edge import OperationKey
from model.graph.measures import OperationTable
from model.graph.place import Place
from model.span import SpanKind, StatusCode
from tests.api.conftest import ApiClient
from tests.api.sample import NOON_NS, SECOND
from tests.graph.bookinfo import DETAILS, REVIEWS
from tests.graph.tables import SpanGroup, operation_table

__all__ = [
    "DETAILS",
    "GET",
    "LIST",
    "MINUTE",
    "MINUTE_MS",
    "NOON_MS",
    "OPERATIONS",
    "family",
    "minute",
    "minutes",
    "only",
    "operation",
    "values",
]

MINUTE = 60 * SECOND
MINUTE_MS = 60_000
NOON_MS = NOON_NS // 1_000_000
GET, LIST = "details:9080/get", "details:9080/list"


def operation(
    place: Place = DETAILS, name: str = GET, kind: SpanKind = SpanKind.SERVER
) -> OperationKey:
    return OperationKey(place, name, kind, StatusCode.UNSET)


def minute(number: int, *groups: tuple[OperationKey, SpanGroup]) -> tuple[int, OperationTable]:
    """Return spans of the minute that ends ``number`` minutes before noon."""
    at = NOON_NS - (number + 1) * MINUTE
    return at, operation_table([(key, {**group, "start_ns": at}) for key, group in groups])


OPERATIONS = [
    minute(
        0,
        (operation(), {"spans": 60, "errors": 15, "duration_ms": 20}),
        (operation(name=LIST), {"spans": 30, "duration_ms": 100}),
        (operation(kind=SpanKind.CLIENT), {"spans": 6, "duration_ms": 5}),
        (operation(REVIEWS[0], "reviews"), {"spans": 12, "duration_ms": 1}),
        (operation(REVIEWS[1], "reviews"), {"spans": 6, "errors": 6, "duration_ms": 1}),
    ),
    minute(1, (operation(), {"spans": 120, "duration_ms": 10})),
    minute(3, (operation(), {"spans": 30, "duration_ms": 40})),
]


async def family(api: ApiClient, name: str, query: str) -> Any:
    """Return the answer up to noon, a minute a step and a window unless ``query`` says else."""
    response = await api.http.get(URL(f"/api/metrics/{name}?{query}", encoded=True))
    assert response.status == 200, await response.text()
    assert response.content_type == "application/json"
    return await response.json()


def minutes(lookback: int, *, window: int = 1) -> str:
    return (
        f"&endTs={NOON_MS}&lookback={lookback * MINUTE_MS}&step={MINUTE_MS}"
        f"&ratePer={window * MINUTE_MS}"
    )


def values(metric: Any) -> list[float | str]:
    return [point["gaugeValue"]["doubleValue"] for point in metric["metricPoints"]]


async def only(api: ApiClient, name: str, query: str) -> list[float | str]:
    (metric,) = (await family(api, name, query))["metrics"]
    return values(metric)
