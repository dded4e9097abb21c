"""Names and addresses, once the whole window is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.graph.edge import EdgeKey
from model.graph.measures import merge_edges
from model.graph.place import Place, PlaceKind
from model.graph.pods import Pod
from model.graph.resolve import resolve
from tests.graph.bookinfo import (
    DETAILS,
    GATEWAY,
    MYSQL,
    PRODUCTPAGE,
    RATINGS,
    REVIEWS,
    UNKNOWN,
    bookinfo_edges,
    bookinfo_places,
    edge,
    workload,
)
from tests.graph.tables import edge_table

NO_SPANS = ()


def pod(address: str, place: Place, name: str = "pod") -> Pod:
    return Pod(address, place, name, 0, 0)


def external(name: str) -> Place:
    return Place(PlaceKind.EXTERNAL, name=name)


def service(name: str, namespace: str = "default", cluster: str = "c1") -> Place:
    return Place(PlaceKind.SERVICE, cluster, namespace, name, name=f"{name}.{namespace}")


def ends(
    *keys: EdgeKey, pods: list[Pod] | None = None, known: tuple[Place, ...] = ()
) -> list[tuple[Place, Place]]:
    """The ends of ``keys`` resolved, in a window in which ``known`` places make spans."""
    edges, _ = resolve(edge_table([(key, {}) for key in keys]), known, pods or [])
    return [(key.source, key.destination) for key in edges.keys]


def test_what_needs_no_resolution_is_left_alone() -> None:
    edges, places = bookinfo_edges(), bookinfo_places()
    found_edges, found_places = resolve(edges, places, [pod("10.0.0.1", DETAILS)])

    assert edges is found_edges
    assert places == found_places


def test_a_caller_known_by_its_address_is_the_workload_of_its_pod_and_not_inferred() -> None:
    key = edge(PRODUCTPAGE, DETAILS, source_address="10.0.0.1", inferred=True)
    edges, _ = resolve(edge_table([(key, {})]), NO_SPANS, [pod("10.0.0.1", RATINGS)])

    assert [(RATINGS, False, "")] == [
        (one.source, one.inferred, one.source_address) for one in edges.keys
    ]


def test_a_caller_with_an_address_of_nobody_stays_what_it_was() -> None:
    key = edge(PRODUCTPAGE, DETAILS, source_address="10.0.0.1", inferred=True)
    edges, _ = resolve(edge_table([(key, {})]), NO_SPANS, [pod("10.0.0.2", RATINGS)])

    assert [(PRODUCTPAGE, True, "")] == [
        (one.source, one.inferred, one.source_address) for one in edges.keys
    ]


def test_an_address_that_two_workloads_had_tells_nothing() -> None:
    key = edge(UNKNOWN, DETAILS, source_address="10.0.0.1")
    pods = [pod("10.0.0.1", RATINGS), pod("10.0.0.1", REVIEWS[0])]

    assert [(UNKNOWN, DETAILS)] == ends(key, pods=pods)


def test_an_address_that_two_pods_of_one_workload_had_tells_the_workload() -> None:
    key = edge(UNKNOWN, DETAILS, source_address="10.0.0.1")
    pods = [pod("10.0.0.1", RATINGS, "a"), pod("10.0.0.1", replace(RATINGS, version="v9"), "b")]

    assert [(RATINGS, DETAILS)] == ends(key, pods=pods)


def test_a_waypoint_is_never_a_caller_by_its_address() -> None:
    waypoint = replace(GATEWAY, kind=PlaceKind.WAYPOINT)
    key = edge(UNKNOWN, DETAILS, source_address="10.0.0.1")

    assert [(UNKNOWN, DETAILS)] == ends(key, pods=[pod("10.0.0.1", waypoint)])


@pytest.mark.parametrize("name", ["10.0.0.1", "10.0.0.1:9080"])
def test_a_peer_named_by_the_address_of_a_pod_is_its_workload(name: str) -> None:
    key = edge(PRODUCTPAGE, external(name))

    assert [(PRODUCTPAGE, DETAILS)] == ends(key, pods=[pod("10.0.0.1", DETAILS)])


def test_a_peer_named_by_an_address_of_version_6_is_its_workload() -> None:
    key = edge(PRODUCTPAGE, external("[fd00::1]:80"))

    assert [(PRODUCTPAGE, DETAILS)] == ends(key, pods=[pod("fd00::1", DETAILS)])


@pytest.mark.parametrize(
    "name",
    [
        "details",
        "details:9080",
        "details.default",
        "details.default.svc",
        "details.default.svc.cluster.local:9080",
    ],
)
def test_a_peer_whose_name_is_a_known_service_is_that_service(name: str) -> None:
    """Rule G23: the service, of an unknown workload."""
    found = ends(edge(PRODUCTPAGE, external(name)), known=(DETAILS,))

    assert [(PRODUCTPAGE, service("details"))] == found


@pytest.mark.parametrize("name", ["api.example.com", "details.other", "mysql", "10.9.9.9:80"])
def test_a_peer_whose_name_is_no_known_service_stays_external(name: str) -> None:
    found = ends(edge(PRODUCTPAGE, external(name)), known=(DETAILS,))

    assert [(PRODUCTPAGE, external(name))] == found


def test_a_service_of_a_name_with_a_dot_is_found_by_the_name_its_traces_have() -> None:
    odd = Place(
        PlaceKind.WORKLOAD, "c1", "default", "api.example.com", "", "api", "api.example.com"
    )
    found = ends(edge(PRODUCTPAGE, external("api.example.com:443")), known=(odd,))

    assert ["api.example.com"] == [target.service for _, target in found]


def test_a_bare_name_is_looked_for_in_the_callers_namespace_then_cluster_then_anywhere() -> None:
    near = workload("x")
    other_namespace = workload("x", namespace="other")
    abroad = replace(workload("x", namespace="third"), cluster="c2")

    for known, expected in (
        ((near, other_namespace, abroad), [service("x")]),
        ((other_namespace, abroad), [service("x", "other")]),
        ((abroad,), [service("x", "third", "c2")]),
        ((abroad, replace(abroad, cluster="c3")), [external("x")]),
        ((other_namespace, workload("x", namespace="more")), [external("x")]),
    ):
        found = ends(edge(PRODUCTPAGE, external("x")), known=known)
        assert expected == [target for _, target in found]


def test_a_host_is_looked_for_in_another_cluster_if_its_own_has_none_such() -> None:
    abroad = replace(DETAILS, cluster="c2")
    key = edge(PRODUCTPAGE, service("details"))

    assert [service("details", cluster="c2")] == [t for _, t in ends(key, known=(abroad,))]
    assert [service("details")] == [t for _, t in ends(key, known=(abroad, DETAILS))]
    two = (abroad, replace(abroad, cluster="c3"))
    assert [service("details")] == [t for _, t in ends(key, known=two)]


def test_a_host_that_calls_went_to_is_the_service_that_answered_them() -> None:
    """The Kubernetes service ``front`` stands before the app ``productpage``."""
    host = "front.default.svc.cluster.local"
    answered = edge(REVIEWS[0], PRODUCTPAGE, host=host)
    refused = edge(REVIEWS[0], service("front"), host=host)

    assert [service("productpage")] == [target for _, target in ends(answered, refused)[1:]]


def test_databases_are_never_services() -> None:
    mysql = workload("mysql:3306")

    assert [(RATINGS, MYSQL)] == ends(edge(RATINGS, MYSQL), known=(mysql,))


def test_an_incomplete_place_is_the_only_workload_of_its_service() -> None:
    bare = Place(PlaceKind.WORKLOAD, "", "default", "details", name="details")

    assert [(PRODUCTPAGE, DETAILS)] == ends(edge(PRODUCTPAGE, bare), known=(DETAILS,))
    assert [(DETAILS, PRODUCTPAGE)] == ends(edge(bare, PRODUCTPAGE), known=(DETAILS,))


def test_an_incomplete_place_of_several_workloads_takes_what_they_agree_on() -> None:
    bare = Place(PlaceKind.WORKLOAD, "", "", "reviews", name="reviews")
    abroad = replace(REVIEWS[0], cluster="c2")

    assert [(PRODUCTPAGE, replace(bare, cluster="c1", namespace="default"))] == ends(
        edge(PRODUCTPAGE, bare), known=REVIEWS
    )
    assert [(PRODUCTPAGE, bare)] == ends(edge(PRODUCTPAGE, bare), known=(*REVIEWS, abroad))


def test_an_incomplete_place_of_another_namespace_is_no_such_workload() -> None:
    bare = Place(PlaceKind.WORKLOAD, "", "other", "details", name="details")

    assert [(PRODUCTPAGE, bare)] == ends(edge(PRODUCTPAGE, bare), known=(DETAILS,))


def test_edges_that_became_equal_add_up() -> None:
    bare = Place(PlaceKind.WORKLOAD, "c1", "default", "details", name="details")
    table = edge_table(
        [(edge(PRODUCTPAGE, DETAILS), {"calls": 2}), (edge(PRODUCTPAGE, bare), {"calls": 3})]
    )
    edges, _ = resolve(table, NO_SPANS, [])

    assert [(edge(PRODUCTPAGE, DETAILS), 5)] == list(
        zip(edges.keys, edges.measures.calls.tolist(), strict=True)
    )


def test_incomplete_places_are_one_with_their_workload() -> None:
    bare = Place(PlaceKind.WORKLOAD, "c1", "default", "details", name="details")
    _, places = resolve(merge_edges([]), (DETAILS, bare), [])

    assert (DETAILS,) == places
