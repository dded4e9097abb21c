"""Kiali's thresholds, and the sentences that say why."""

from __future__ import annotations

import pytest

from model.graph.edge import EdgeKey, Protocol
from model.graph.health import HealthRule, HealthRules, Tolerance
from model.graph.place import Place, PlaceKind
from model.graph.project import Projection, project
from model.graph.reason import percent
from model.graph.view import Graph, Health, HealthStatus
from tests.graph.bookinfo import DETAILS, INGRESS, MYSQL, PRODUCTPAGE, RATINGS, edge
from tests.graph.tables import CallGroup, edge_table

Groups = list[tuple[EdgeKey, CallGroup]]


def draw(groups: Groups, rules: HealthRules | None = None) -> Graph:
    projection = Projection(health=rules or HealthRules())
    return project(edge_table(groups), (), 0, 60_000_000_000, projection)


def mixed(bad: int, all_: int, **parts: object) -> Groups:
    """So many calls of productpage to details, some of which ended as ``parts`` say."""
    groups: Groups = [(edge(PRODUCTPAGE, DETAILS, **parts), {"calls": bad, "errors": bad})]
    good = {key: value for key, value in parts.items() if key == "protocol"}
    if parts.get("grpc_status"):
        good["grpc_status"] = "0"
    return [*groups, (edge(PRODUCTPAGE, DETAILS, **good), {"calls": all_ - bad})]


def of_edge(groups: Groups, rules: HealthRules | None = None) -> Health:
    (found,) = draw(groups, rules).edges
    return found.health


@pytest.mark.parametrize(
    ("bad", "code", "status"),
    [
        (0, "500", HealthStatus.HEALTHY),
        (1, "500", HealthStatus.DEGRADED),
        (99, "500", HealthStatus.DEGRADED),
        (100, "500", HealthStatus.FAILURE),
        (99, "404", HealthStatus.HEALTHY),
        (100, "404", HealthStatus.DEGRADED),
        (199, "404", HealthStatus.DEGRADED),
        (200, "404", HealthStatus.FAILURE),
        (1, "-", HealthStatus.DEGRADED),
        (100, "-", HealthStatus.FAILURE),
        (999, "301", HealthStatus.HEALTHY),
    ],
)
def test_http_has_kialis_thresholds(bad: int, code: str, status: HealthStatus) -> None:
    groups = [group for group in mixed(bad, 1000, source_code=code) if group[1]["calls"]]

    assert status is of_edge(groups).status


@pytest.mark.parametrize(
    ("bad", "code", "grpc_status", "status"),
    [
        (1, "200", "14", HealthStatus.DEGRADED),
        (100, "200", "1", HealthStatus.FAILURE),
        (100, "200", "16", HealthStatus.FAILURE),
        (100, "200", "17", HealthStatus.HEALTHY),
        (100, "-", "", HealthStatus.FAILURE),
        (100, "503", "14", HealthStatus.FAILURE),
    ],
)
def test_grpc_is_judged_by_its_status_unless_the_call_failed_in_http(
    bad: int, code: str, grpc_status: str, status: HealthStatus
) -> None:
    groups = mixed(bad, 1000, source_code=code, grpc_status=grpc_status, protocol=Protocol.GRPC)

    assert status is of_edge(groups).status


@pytest.mark.parametrize(
    ("errors", "status"),
    [(0, HealthStatus.HEALTHY), (1, HealthStatus.DEGRADED), (100, HealthStatus.FAILURE)],
)
def test_calls_without_any_code_are_judged_by_their_errors(
    errors: int, status: HealthStatus
) -> None:
    query = edge(RATINGS, MYSQL, protocol=Protocol.DATABASE, source_code="", source_flags="")
    query = EdgeKey(query.source, query.destination, "SELECT", protocol=Protocol.DATABASE)

    assert status is of_edge([(query, {"calls": 1000, "errors": errors})]).status


def test_each_protocol_is_judged_by_its_own_requests() -> None:
    one = [(edge(PRODUCTPAGE, DETAILS, source_code="500"), CallGroup(calls=1, errors=1))]
    many = [
        (edge(PRODUCTPAGE, DETAILS, protocol=Protocol.GRPC, grpc_status="0"), CallGroup(calls=999))
    ]
    (details,) = (node for node in draw([*one, *many]).nodes if node.service == "details")

    assert HealthStatus.FAILURE is details.health.status


def test_a_node_is_as_unwell_as_the_worse_of_what_it_answers_and_is_answered() -> None:
    graph = draw(
        [
            (edge(INGRESS, PRODUCTPAGE), {"calls": 100}),
            (edge(PRODUCTPAGE, DETAILS, source_code="500"), {"calls": 1, "errors": 1}),
        ]
    )
    found = {node.label: node.health for node in graph.nodes}

    assert {
        "productpage-v1": Health(
            HealthStatus.FAILURE, "100 % of 1 requests to details-v1 answered 500"
        ),
        "details-v1": Health(
            HealthStatus.FAILURE, "100 % of 1 requests from productpage-v1 answered 500"
        ),
        "ingress": Health(HealthStatus.NA),
    } == found


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (
            mixed(41, 340, source_code="503", source_flags="UH"),
            "12 % of 340 requests from productpage-v1 answered 503 (UH: no healthy upstream host)",
        ),
        (
            mixed(3, 2000, source_code="-", source_flags="DF"),
            "0.15 % of 2,000 requests from productpage-v1 got no response (DF: DNS lookup failed)",
        ),
        (
            mixed(5, 400, grpc_status="14", protocol=Protocol.GRPC),
            "1.2 % of 400 requests from productpage-v1 ended with gRPC status 14 UNAVAILABLE",
        ),
        (
            [
                *mixed(2, 8, source_code="500"),
                *mixed(1, 2, source_code="503"),
            ],
            "30 % of 10 requests from productpage-v1 answered 500 or 503",
        ),
        (
            [
                (
                    EdgeKey(PRODUCTPAGE, MYSQL, "SELECT", protocol=Protocol.DATABASE),
                    CallGroup(calls=4, errors=1),
                )
            ],
            "25 % of 4 queries from productpage-v1 failed",
        ),
        (mixed(1, 10, source_code="404"), "10 % of 10 requests from productpage-v1 answered 404"),
    ],
)
def test_the_reason_is_one_sentence(groups: Groups, reason: str) -> None:
    assert reason == of_edge(groups).reason


def test_the_reason_of_a_node_names_the_caller_with_most_of_it() -> None:
    graph = draw(
        [
            *mixed(3, 50, source_code="500"),
            (edge(RATINGS, DETAILS, source_code="500"), {"calls": 9, "errors": 9}),
            (edge(RATINGS, DETAILS), {"calls": 41}),
        ]
    )
    (details,) = (node for node in graph.nodes if node.service == "details")

    assert "12 % of 100 requests (most of them from ratings-v1) answered 500" == (
        details.health.reason
    )


def test_the_ratio_is_of_what_was_before_sampling() -> None:
    groups: Groups = [
        (edge(PRODUCTPAGE, DETAILS, source_code="500"), {"calls": 10, "errors": 10}),
        (edge(PRODUCTPAGE, DETAILS), {"calls": 19, "probability": 0.01}),
    ]

    assert "0.52 % of 1,910 requests from productpage-v1 answered 500" == of_edge(groups).reason


def test_the_first_rule_that_fits_holds_and_nothing_else() -> None:
    lenient = HealthRule((Tolerance("5XX", 40, 80),), name="details")
    strict = HealthRule((Tolerance("5XX", 0, 1),), namespace="default", kind="workload")
    rules = HealthRules((lenient, strict))
    graph = draw(mixed(5, 10, source_code="503"), rules)
    found = {node.service: node.health.status for node in graph.nodes}

    assert {"details": HealthStatus.DEGRADED, "productpage": HealthStatus.FAILURE} == found
    assert HealthStatus.FAILURE is graph.edges[0].health.status


def test_a_tolerance_may_be_for_one_direction() -> None:
    rules = HealthRules((HealthRule((Tolerance("503", 0, 1, direction="inbound"),)),))
    graph = draw(mixed(5, 10, source_code="503"), rules)
    found = {node.service: node.health.status for node in graph.nodes}

    assert {"details": HealthStatus.FAILURE, "productpage": HealthStatus.HEALTHY} == found


def test_an_unknown_end_is_not_judged() -> None:
    unknown = Place(PlaceKind.UNKNOWN, name="unknown")
    graph = draw([(edge(unknown, DETAILS, source_code="500"), {"errors": 1})])

    assert HealthStatus.NA in {node.health.status for node in graph.nodes}


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.0, "100 %"),
        (0.9996, "99 %"),
        (0.29, "29 %"),
        (0.1234, "12 %"),
        (0.0123, "1.2 %"),
        (0.0005, "0.05 %"),
    ],
)
def test_percent_is_short_and_never_more_than_it_is(ratio: float, text: str) -> None:
    assert text == percent(ratio)
