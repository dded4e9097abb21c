import pytest

from api.shapes.service_nodes import with_service_nodes
from model.graph.edge import Protocol
from model.graph.place import Place, PlaceKind
from tests.api.shapes.tables import (
    DATABASE,
    GATEWAY,
    INGRESS,
    PRODUCTPAGE,
    REVIEWS,
    Line,
    edges,
    workload,
)

REVIEWS_SERVICE = Place(
    PlaceKind.SERVICE, "cluster-1", "default", "reviews", name="reviews.default"
)


def calls(*lines: Line) -> dict[tuple[Place, Place], int]:
    table = with_service_nodes(edges(lines))
    found: dict[tuple[Place, Place], int] = {}
    for key, count in zip(table.keys, table.measures.calls.tolist(), strict=True):
        ends = (key.source, key.destination)
        found[ends] = found.get(ends, 0) + count
    return found


def test_a_call_goes_to_the_service_and_on_to_the_workload() -> None:
    assert {
        (PRODUCTPAGE, REVIEWS_SERVICE): 5,
        (REVIEWS_SERVICE, REVIEWS[0]): 2,
        (REVIEWS_SERVICE, REVIEWS[1]): 3,
    } == calls(Line(PRODUCTPAGE, REVIEWS[0], (1, 1)), Line(PRODUCTPAGE, REVIEWS[1], (1, 1, 1)))


@pytest.mark.parametrize(
    "host", ["reviews.default.svc.cluster.local", "reviews.default.svc.cluster.local:9080"]
)
def test_the_host_that_was_called_names_the_service(host: str) -> None:
    line = Line(PRODUCTPAGE, workload("odd-name"), (1,), host=host)

    assert {PRODUCTPAGE, REVIEWS_SERVICE} == {source for source, _ in calls(line)}


@pytest.mark.parametrize(
    "line",
    [
        Line(INGRESS, GATEWAY, (1,)),
        Line(PRODUCTPAGE, DATABASE, (1,), protocol=Protocol.DATABASE),
        Line(PRODUCTPAGE, workload("reviews", workload=""), (1,)),
        Line(PRODUCTPAGE, workload("", workload="pod"), (1,)),
        Line(PRODUCTPAGE, REVIEWS_SERVICE, (1,)),
    ],
)
def test_without_a_service_before_a_workload_nothing_is_put_between(line: Line) -> None:
    assert {(line.source, line.destination): 1} == calls(line)


def test_nothing_stays_nothing() -> None:
    assert {} == calls()
