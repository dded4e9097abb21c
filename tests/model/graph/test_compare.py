"""Two graphs side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.graph.compare import Comparison, compare, only_version
from model.graph.measures import EdgeTable
from model.graph.project import Projection, project
from model.graph.view import Graph, GraphType
from tests.graph.bookinfo import (
    DETAILS,
    PRODUCTPAGE,
    RATINGS,
    REVIEWS,
    bookinfo_edges,
    bookinfo_places,
    edge,
    failed,
    workload,
)
from tests.graph.tables import CallGroup, edge_table

MINUTE_NS = 60_000_000_000


def draw(table: EdgeTable, type: GraphType = GraphType.WORKLOAD) -> Graph:
    return project(table, (), 0, MINUTE_NS, Projection(type))


def details(calls: int, errors: int = 0, client_ms: float = 10) -> EdgeTable:
    groups: list[tuple[object, CallGroup]] = [
        (edge(PRODUCTPAGE, DETAILS), {"calls": calls - errors, "client_ms": client_ms})
    ]
    if errors:
        group: CallGroup = {"calls": errors, "errors": errors, "client_ms": client_ms}
        groups.append((failed(PRODUCTPAGE, DETAILS), group))
    return edge_table(groups)  # type: ignore[arg-type] - EdgeKeys


def of(before: EdgeTable, after: EdgeTable) -> Comparison:
    return compare(draw(before), draw(after))


def test_a_graph_compared_with_itself_has_not_changed() -> None:
    found = of(bookinfo_edges(), bookinfo_edges())

    assert {(0.0, 0.0, 0.0)} == {
        (one.change.rate, one.change.error_ratio, one.change.worse)
        for one in (*found.nodes, *found.edges)
    }
    assert (9, 9) == (len(found.nodes), len(found.edges))


def test_a_change_is_what_is_after_less_what_was_before() -> None:
    (found,) = of(details(60), details(120, 12, client_ms=40)).edges

    assert (1.0, 0.1) == (found.change.rate, pytest.approx(found.change.error_ratio))
    for quantile in (found.change.p50_ns, found.change.p95_ns, found.change.p99_ns):
        assert 30e6 == pytest.approx(quantile, rel=0.1)
    assert (60 / 80) * (10 * 0.1 + 2) == pytest.approx(found.change.worse, rel=0.05)


def test_what_became_better_is_negative() -> None:
    (found,) = of(details(60, 6, client_ms=40), details(60)).edges

    assert found.change.worse < 0


def test_few_calls_say_less_than_many() -> None:
    (few,), (many,) = (of(details(n), details(n, client_ms=20)).edges for n in (2, 200))

    assert 0 < few.change.worse < many.change.worse / 5


def test_the_worst_comes_first_and_the_best_last() -> None:
    table = bookinfo_edges()
    worse = edge_table(
        [
            (edge(PRODUCTPAGE, DETAILS), {"calls": 60, "client_ms": 60}),
            (edge(PRODUCTPAGE, REVIEWS[0]), {"calls": 20, "client_ms": 1}),
            (edge(REVIEWS[1], RATINGS), {"calls": 18, "client_ms": 6}),
        ]
    )
    found = of(table, worse).edges
    labels = {node.id: node.label for node in draw(table).nodes}
    targets = [labels[one.after.target] for one in found if one.after is not None]

    assert ["details-v1", "ratings-v1", "reviews-v1"] == targets
    assert found[-1].after is not None


def test_what_is_on_one_side_only_has_nothing_on_the_other() -> None:
    new = edge_table([(edge(PRODUCTPAGE, workload("new")), {"calls": 30, "errors": 3})])
    found = of(details(60), new)
    by_side = {(one.before is None, one.after is None): one.change for one in found.edges}

    assert {(True, False), (False, True)} == by_side.keys()
    assert (0.5, 0.1) == (by_side[True, False].rate, by_side[True, False].error_ratio)
    assert (-1.0, 0.0) == (by_side[False, True].rate, by_side[False, True].worse)
    assert by_side[True, False].p95_ns is None


@pytest.mark.parametrize("name", ["reviews", "reviews.default", "reviews.default.svc.x"])
@pytest.mark.parametrize("type", [each for each in GraphType if each is not GraphType.OPERATION])
def test_two_versions_are_the_same_node(name: str, type: GraphType) -> None:
    sides = []
    for version in ("v1", "v2"):
        part, _ = only_version(bookinfo_edges(), bookinfo_places(), name, version)
        sides.append(draw(part, type))
    found = compare(*sides)
    (reviews,) = (
        one for one in found.nodes if one.after is not None and one.after.label == "reviews"
    )

    assert reviews.before is not None
    assert reviews.after is not None
    assert reviews.before.inbound is not None
    assert reviews.after.inbound is not None
    assert ((20, 0), (20, 2)) == tuple(
        (side.calls, side.errors) for side in (reviews.before.inbound, reviews.after.inbound)
    )


def test_a_version_is_what_it_calls_and_is_called_by_and_its_spans() -> None:
    edges, places = only_version(bookinfo_edges(), bookinfo_places(), "reviews", "v3")
    bare = replace(REVIEWS[2], version="", workload="")

    assert [(PRODUCTPAGE, bare), (bare, RATINGS)] == [
        (key.source, key.destination) for key in edges.keys
    ]
    assert [bare] == list(places)


def test_workloads_of_one_version_add_up() -> None:
    twin = replace(REVIEWS[0], workload="reviews-v1-canary")
    table = edge_table([(edge(PRODUCTPAGE, one), {"calls": 2}) for one in (REVIEWS[0], twin)])
    edges, _ = only_version(table, (), "reviews", "v1")

    assert [4] == edges.measures.calls.tolist()


def test_a_version_that_is_not_there_is_nothing() -> None:
    edges, places = only_version(bookinfo_edges(), bookinfo_places(), "reviews", "v9")

    assert (0, 0) == (len(edges.keys), len(places))
