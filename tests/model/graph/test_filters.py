"""Parts of a graph."""

from __future__ import annotations

import pytest

from model.graph.filters import (
    FocusDirection,
    above_rate,
    around,
    is_named,
    keep,
    largest,
    touching,
)
from model.graph.project import Projection, project
from model.graph.view import BoxKind, Graph, GraphType
from tests.graph.bookinfo import DETAILS, PRODUCTPAGE, bookinfo_edges, bookinfo_places, edge
from tests.graph.tables import edge_table

BOTH, UP, DOWN = FocusDirection.BOTH, FocusDirection.UPSTREAM, FocusDirection.DOWNSTREAM


def draw(type: GraphType = GraphType.APP, *boxes: BoxKind) -> Graph:
    edges, places = bookinfo_edges(), bookinfo_places()
    return project(edges, places, 0, 60_000_000_000, Projection(type, boxes=boxes))


def labels(graph: Graph) -> list[str]:
    return [node.label for node in graph.nodes]


def lines(graph: Graph) -> list[tuple[str, str]]:
    names = {node.id: node.label for node in graph.nodes}
    return [(names[edge.source], names[edge.target]) for edge in graph.edges]


@pytest.mark.parametrize(
    ("name", "depth", "direction", "expected"),
    [
        ("reviews", 1, BOTH, ["productpage", "ratings", "reviews"]),
        ("reviews", 1, UP, ["productpage", "reviews"]),
        ("reviews", 1, DOWN, ["ratings", "reviews"]),
        ("reviews", 2, DOWN, ["mysql:3306", "ratings", "reviews"]),
        (
            "reviews",
            None,
            BOTH,
            [
                "ingress",
                "istio-ingressgateway",
                "mysql:3306",
                "productpage",
                "ratings",
                "reviews",
            ],
        ),
        ("details", 2, BOTH, ["details", "istio-ingressgateway", "productpage"]),
        ("lonely", 3, BOTH, ["lonely"]),
        ("nobody", 3, BOTH, []),
    ],
)
def test_a_node_with_what_is_around_it(
    name: str, depth: int | None, direction: FocusDirection, expected: list[str]
) -> None:
    assert expected == labels(around(draw(), name, depth, direction))


def test_both_directions_are_not_the_callees_of_callers() -> None:
    assert [
        ("ingress", "istio-ingressgateway"),
        ("istio-ingressgateway", "productpage"),
        ("productpage", "details"),
    ] == lines(around(draw(), "details", None, BOTH))


def test_an_operation_is_no_step_of_its_own() -> None:
    graph = around(draw(GraphType.OPERATION), "reviews", 1, DOWN)

    assert [("ratings:9080/*", "ratings"), ("reviews", "ratings:9080/*")] == lines(graph)


def test_an_operation_can_be_the_focus() -> None:
    graph = around(draw(GraphType.OPERATION), "ratings:9080/*", 1, BOTH)

    assert [("ratings:9080/*", "ratings"), ("reviews", "ratings:9080/*")] == lines(graph)


@pytest.mark.parametrize(
    "name",
    [
        "reviews",
        "reviews.default",
        "reviews.default.svc.cluster.local",
        "reviews-v2",
        "reviews-v2.default",
    ],
)
def test_a_node_has_many_names(name: str) -> None:
    assert "reviews-v2" in [n.label for n in draw(GraphType.WORKLOAD).nodes if is_named(n, name)]


def test_an_id_is_a_name() -> None:
    graph = draw()

    assert all(
        [node] == [one for one in graph.nodes if is_named(one, node.id)] for node in graph.nodes
    )


@pytest.mark.parametrize("name", ["", "view", "reviews.other", "default", "reviews.other.svc"])
def test_a_part_of_a_name_is_none(name: str) -> None:
    graph = draw(GraphType.WORKLOAD)

    assert [] == [node.label for node in graph.nodes if node.service and is_named(node, name)]


def test_a_namespace_comes_with_the_other_ends_of_its_edges() -> None:
    assert ["ingress", "istio-ingressgateway", "productpage"] == labels(
        touching(draw(), ["istio-system"], [])
    )
    assert ["lonely"] == labels(touching(draw(), ["attic"], ["c1"]))
    assert [] == labels(touching(draw(), ["attic"], ["c2"]))


def test_no_namespace_and_no_cluster_are_all_of_them() -> None:
    graph = draw()

    assert graph is touching(graph, [], [])


def test_operations_called_from_a_namespace_come_with_the_way_on() -> None:
    graph = touching(draw(GraphType.OPERATION), ["istio-system"], [])

    assert [
        ("ingress", "istio-ingressgateway:9080/*"),
        ("istio-ingressgateway", "productpage:9080/*"),
        ("istio-ingressgateway:9080/*", "istio-ingressgateway"),
        ("productpage:9080/*", "productpage"),
    ] == lines(graph)


def test_edges_below_a_rate_go_and_nodes_left_alone_by_that() -> None:
    graph = above_rate(draw(), 0.7)

    assert ["details", "ingress", "istio-ingressgateway", "lonely", "productpage", "reviews"] == (
        labels(graph)
    )
    assert draw() == above_rate(draw(), 38 / 60)


def test_the_largest_part_has_the_edges_with_most_calls() -> None:
    table = edge_table(
        [
            (edge(PRODUCTPAGE, DETAILS), {"calls": 5}),
            (edge(DETAILS, PRODUCTPAGE), {"calls": 2}),
        ]
    )
    graph = project(table, (), 0, 1, Projection(GraphType.APP))

    assert graph is largest(graph, 2, 2)
    assert [("productpage", "details")] == lines(largest(graph, 2, 1))
    assert (1, 0) == (len(largest(graph, 1, 2).nodes), len(largest(graph, 1, 2).edges))
    assert (3, 2) == (len(largest(draw(), 3, 9).nodes), len(largest(draw(), 3, 9).edges))


def test_boxes_stay_as_long_as_they_hold_something() -> None:
    graph = draw(GraphType.APP, BoxKind.CLUSTER, BoxKind.NAMESPACE)
    (lonely,) = (node.id for node in graph.nodes if node.label == "lonely")

    assert ["c1", "attic"] == [box.label for box in keep(graph, {lonely}, set()).boxes]
    assert () == keep(graph, set(), set()).boxes
