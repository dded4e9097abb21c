"""``/metrics/…`` on the wire; every answer is held to the contract by the client."""

from typing import Any

import pytest

from api import ApiConfig
from model.graph.edge import OperationKey
from model.graph.place import Place, PlaceKind
from model.graph.pods import Pod
from model.span import SpanKind, StatusCode
from tests.api.conftest import ApiClient, Connect
from tests.api.graph_reader import TableGraph
from tests.api.sample import NOON_NS, SECOND
from tests.graph.bookinfo import (
    DETAILS,
    PRODUCTPAGE,
    UNKNOWN,
    bookinfo_edges,
    bookinfo_operations,
    edge,
    failed,
)
from tests.graph.tables import edge_table, operation_table

EDGES = "/api/v1/metrics/edges"
OPERATIONS = "/api/v1/metrics/operations"
SERVICES = "/api/v1/metrics/services"
MINUTE = 60 * SECOND
FIVE_MINUTES = (("from", str(NOON_NS - 5 * MINUTE)), ("to", str(NOON_NS)), ("step", "1m"))


@pytest.fixture
async def mesh(connect: Connect) -> ApiClient:
    """Bookinfo's traffic five and two minutes before noon; in the second all details fail."""
    early, late = NOON_NS - 5 * MINUTE, NOON_NS - 2 * MINUTE
    broken = edge_table([(failed(PRODUCTPAGE, DETAILS), {"calls": 30, "errors": 30})])
    return await connect(
        graph=TableGraph(
            [(early, bookinfo_edges(early)), (late, broken)],
            [(early, bookinfo_operations(early)), (late, bookinfo_operations(late))],
        )
    )


def by_ends(answer: Any) -> dict[tuple[str, str], Any]:
    return {
        (each["labels"]["source"]["label"], each["labels"]["target"]["label"]): each
        for each in answer["series"]
    }


async def test_edges_over_time(mesh: ApiClient) -> None:
    answer = await mesh.json(EDGES, *FIVE_MINUTES, ("source", "productpage"))
    series = by_ends(answer)

    assert {("productpage", "details"), ("productpage", "reviews")} == series.keys()
    details = series["productpage", "details"]
    assert [60, 0, 0, 30, 0] == details["calls"]
    assert [0, 0, 0, 30, 0] == details["errors"]
    assert [1.0, 0, 0, 0.5, 0] == details["rate"]
    assert [0.0, None, None, 100.0, None] == details["error_percent"]
    assert [pytest.approx(6, rel=0.05), None, None, None, None] == details["p95_ms"]
    assert ("client", "http", 90) == (
        details["latency"],
        details["labels"]["protocol"],
        details["total_calls"],
    )
    assert [str(NOON_NS - minutes * MINUTE) for minutes in (5, 4, 3, 2, 1)] == answer[
        "step_starts_unix_nano"
    ]


async def test_services_over_time_count_each_call_once(mesh: ApiClient) -> None:
    answer = await mesh.json(SERVICES, *FIVE_MINUTES)
    calls = {each["labels"]["node"]["label"]: each["total_calls"] for each in answer["series"]}

    assert {
        "details": 90,
        "istio-ingressgateway": 60,
        "productpage": 60,
        "reviews": 60,
        "ratings": 38,
        "mysql:3306": 38,
    } == calls
    assert ["details"] == [*calls][:1]


async def test_operations_over_time(mesh: ApiClient) -> None:
    answer = await mesh.json(
        OPERATIONS, *FIVE_MINUTES, ("service", "reviews"), ("type", "versioned_app")
    )

    assert {
        "reviews v1": [20, 0, 0, 20, 0],
        "reviews v2": [18, 0, 0, 18, 0],
        "reviews v3": [20, 0, 0, 20, 0],
    } == {each["labels"]["node"]["label"]: each["calls"] for each in answer["series"]}
    assert {("reviews:9080/*", "server")} == {
        (each["labels"]["operation"], each["labels"]["kind"]) for each in answer["series"]
    }


@pytest.mark.parametrize(
    ("path", "filters", "count"),
    [
        (EDGES, [("target", "reviews.default")], 1),
        (EDGES, [("target", "reviews"), ("type", "workload")], 3),
        (EDGES, [("namespace", "istio-system")], 2),
        (EDGES, [("cluster", "c2")], 0),
        (EDGES, [("operation", "SELECT ratings")], 1),
        (EDGES, [("source", "ingress"), ("gateways", "pass")], 1),
        (SERVICES, [("namespace", "default")], 4),
        (SERVICES, [("service", "ratings"), ("operation", "ratings:9080/*")], 1),
        (OPERATIONS, [("namespace", "attic")], 1),
        (OPERATIONS, [("kind", "client")], 0),
        (OPERATIONS, [("operation", "details:9080/*")], 1),
    ],
)
async def test_filters_choose_series(
    mesh: ApiClient, path: str, filters: list[tuple[str, str]], count: int
) -> None:
    answer = await mesh.json(path, *FIVE_MINUTES, *filters)

    assert count == len(answer["series"])


async def test_a_heat_map_has_every_duration_of_every_step(mesh: ApiClient) -> None:
    answer = await mesh.json(EDGES, *FIVE_MINUTES, ("target", "reviews"), ("heat_map", "true"))
    found = answer["heat_map"]

    assert [60, 0, 0, 0, 0] == [sum(step) for step in found["counts"]]
    assert {len(found["upper_bounds_ms"])} == {len(step) for step in found["counts"]}
    assert sorted(found["upper_bounds_ms"]) == found["upper_bounds_ms"]
    assert 40 <= found["upper_bounds_ms"][-1] <= 40 * 1.1


async def test_callers_found_by_their_address_are_resolved_over_the_whole_window(
    connect: Connect,
) -> None:
    at = NOON_NS - MINUTE
    table = edge_table([(edge(UNKNOWN, DETAILS, source_address="10.0.0.7"), {"calls": 3})])
    pod = Pod("10.0.0.7", PRODUCTPAGE, "productpage-v1-1", at, at)
    api = await connect(graph=TableGraph([(at, table)], pods=[pod]))

    assert [("productpage", "details")] == list(by_ends(await api.json(EDGES)))


async def test_an_incomplete_place_counts_for_its_workload(connect: Connect) -> None:
    at = NOON_NS - MINUTE
    bare = Place(PlaceKind.WORKLOAD, "c1", "default", "details", name="details")
    keys = [
        OperationKey(place, "get", SpanKind.SERVER, StatusCode.UNSET) for place in (DETAILS, bare)
    ]
    table = operation_table([(key, {"spans": 2}) for key in keys])
    api = await connect(graph=TableGraph([], [(at, table)]))
    answer = await api.json(OPERATIONS, ("type", "workload"))

    assert [("details-v1", 4)] == [
        (each["labels"]["node"]["label"], each["total_calls"]) for each in answer["series"]
    ]


async def test_a_window_that_counts_back_starts_at_a_multiple_of_the_step(
    mesh: ApiClient,
) -> None:
    answer = await mesh.json(EDGES, ("last", "1h"), ("step", "5m"), ("to", str(NOON_NS + SECOND)))

    assert (str(NOON_NS - 60 * MINUTE), 13, "5m") == (
        answer["from_time_unix_nano"],
        len(answer["step_starts_unix_nano"]),
        answer["step"],
    )


async def test_steps_are_about_sixty_unless_asked_otherwise(mesh: ApiClient) -> None:
    steps = {
        last: (await mesh.json(EDGES, ("last", last), ("to", str(NOON_NS))))["step"]
        for last in ("1m", "5m", "1h", "1d", "30d")
    }

    assert {"1m": "1s", "5m": "5s", "1h": "1m", "1d": "30m", "30d": "12h"} == steps


async def test_series_beyond_the_limit_are_left_out_but_not_out_of_the_heat_map(
    connect: Connect,
) -> None:
    at = NOON_NS - MINUTE
    graph = TableGraph([(at, bookinfo_edges(at))])
    api = await connect(ApiConfig(max_metric_series=1), graph=graph)
    answer = await api.json(SERVICES, ("heat_map", "true"))

    assert (1, True) == (len(answer["series"]), answer["truncated"])
    assert 60 < sum(sum(step) for step in answer["heat_map"]["counts"])


async def test_a_window_without_data_has_no_series(mesh: ApiClient) -> None:
    answer = await mesh.json(EDGES, ("from", "0"), ("to", str(SECOND)), ("heat_map", "true"))

    assert ([], []) == (answer["series"], answer["heat_map"]["upper_bounds_ms"])


@pytest.mark.parametrize(
    ("path", "parameters", "parameter", "words"),
    [
        (EDGES, [("step", "1ms")], "step", "a second or longer"),
        (EDGES, [("step", "1s"), ("last", "1h")], "step", "more than 1000 steps"),
        (EDGES, [("type", "operation")], "type", "is none of app"),
        (OPERATIONS, [("kind", "any")], "kind", "is none of"),
        (SERVICES, [("source", "a")], "source", "not a parameter"),
    ],
)
async def test_a_parameter_that_makes_no_sense_is_refused(
    mesh: ApiClient, path: str, parameters: list[tuple[str, str]], parameter: str, words: str
) -> None:
    status, error = await mesh.error(path, *parameters)

    assert (400, parameter) == (status, error["parameter"])
    assert words in error["message"]
