"""Dependencies as Jaeger and Zipkin list them."""

from __future__ import annotations

from dataclasses import replace

from model.graph.dependencies import dependencies
from model.graph.edge import EdgeKey, Protocol, View
from model.graph.measures import merge_edges
from model.graph.place import Place, PlaceKind
from tests.graph.bookinfo import (
    DETAILS,
    PRODUCTPAGE,
    RATINGS,
    UNKNOWN,
    bookinfo_edges,
    edge,
    workload,
)
from tests.graph.tables import edge_table

TOPIC = Place(PlaceKind.MESSAGING, name="orders")


def test_bookinfo_by_the_names_that_its_traces_have() -> None:
    """Rule G46; the ingress is nobody whose traces one could look for (rule G26)."""
    assert [
        ("istio-ingressgateway.istio-system", "productpage.default", 60, 0),
        ("productpage.default", "details.default", 60, 0),
        ("productpage.default", "reviews.default", 60, 2),
        ("ratings.default", "mysql:3306", 38, 0),
        ("reviews.default", "ratings.default", 38, 0),
    ] == [
        (one.parent, one.child, one.call_count, one.error_count)
        for one in dependencies(bookinfo_edges())
    ]


def test_gateways_can_be_passed_through() -> None:
    parents = {one.parent for one in dependencies(bookinfo_edges(), view=View.NEITHER)}

    assert "istio-ingressgateway.istio-system" not in parents


def test_unknown_ends_are_left_out() -> None:
    table = edge_table([(edge(UNKNOWN, DETAILS), {}), (edge(DETAILS, UNKNOWN), {})])

    assert [] == dependencies(table)


def test_direct_messages_are_left_out_unless_asked_for_and_a_named_broker_is_in() -> None:
    """Rule G33."""
    message = {"protocol": Protocol.MESSAGING, "asynchronous": True}
    table = edge_table(
        [
            (edge(DETAILS, RATINGS, **message), {"lag_ms": 5}),
            (edge(DETAILS, TOPIC, **message), {}),
            (edge(TOPIC, RATINGS, **message), {}),
        ]
    )
    named = [("details.default", "orders"), ("orders", "ratings.default")]

    assert named == [(one.parent, one.child) for one in dependencies(table)]
    every = dependencies(table, direct_async=True)
    assert sorted([*named, ("details.default", "ratings.default")]) == [
        (one.parent, one.child) for one in every
    ]
    assert {True} == {one.is_async for one in every}


def test_a_service_that_its_proxy_names_has_that_name_everywhere() -> None:
    """Rule G46: in some traces only the application reports, by its SDK's name."""
    by_sdk = replace(DETAILS, name="details")
    table = edge_table([(edge(PRODUCTPAGE, one), {}) for one in (DETAILS, by_sdk)])

    assert [("productpage.default", "details.default", 2)] == [
        (one.parent, one.child, one.call_count) for one in dependencies(table)
    ]


def test_a_service_without_a_proxy_has_the_name_of_its_sdk() -> None:
    by_sdk = replace(DETAILS, name="my-details")

    assert ["my-details"] == [
        one.child for one in dependencies(edge_table([(edge(PRODUCTPAGE, by_sdk), {})]))
    ]


def test_equal_services_in_two_namespaces_are_two() -> None:
    there = workload("details", namespace="other")
    table = edge_table([(edge(PRODUCTPAGE, one), {}) for one in (DETAILS, there)])

    assert ["details.default", "details.other"] == [one.child for one in dependencies(table)]


def test_latency_is_the_callers_word_before_the_callees() -> None:
    def latency(**group: float) -> float | None:
        key: EdgeKey = edge(PRODUCTPAGE, DETAILS)
        (found,) = dependencies(edge_table([(key, group)]))  # type: ignore[list-item]
        return None if found.latency is None else found.latency.mean_ns

    assert [9e6, 5e6, None] == [latency(client_ms=9, server_ms=5), latency(server_ms=5), latency()]


def test_extra_members_tell_estimates_and_inferred_calls() -> None:
    table = edge_table([(edge(PRODUCTPAGE, DETAILS, inferred=True), {"probability": 0.5})])
    (found,) = dependencies(table)

    assert (1, 2.0, True) == (found.call_count, found.estimated, found.inferred)


def test_nothing_depends_on_nothing() -> None:
    assert [] == dependencies(merge_edges([]))
