"""``/graph`` on the wire; every answer is held to the contract by the client."""

from typing import Any

import pytest

from api import ApiConfig
from api.health_config import HealthConfig, ToleranceConfig
from storage.interface import StoreUnavailable
from tests.api.conftest import ApiClient, Connect
from tests.api.graph_reader import TableGraph, bookinfo_graph
from tests.api.sample import NOON_NS, SECOND
from tests.graph.bookinfo import (
    PRODUCTPAGE,
    edge,
    workload,
)
from tests.graph.tables import edge_table

GRAPH = "/api/v1/graph"
MINUTE = 60 * SECOND


@pytest.fixture
async def mesh(connect: Connect) -> ApiClient:
    return await connect(graph=bookinfo_graph())


def lines(answer: Any) -> dict[tuple[str, str], tuple[int, int]]:
    labels = {node["id"]: node["label"] for node in answer["nodes"]}
    return {
        (labels[edge["source"]], labels[edge["target"]]): (edge["calls"], edge["errors"])
        for edge in answer["edges"]
    }


async def test_the_graph_of_the_last_minutes(mesh: ApiClient) -> None:
    answer = await mesh.json(GRAPH, ("type", "app"), ("last", "5m"))

    assert {
        ("ingress", "istio-ingressgateway"): (60, 0),
        ("istio-ingressgateway", "productpage"): (60, 0),
        ("productpage", "details"): (60, 0),
        ("productpage", "reviews"): (60, 2),
        ("reviews", "ratings"): (38, 0),
        ("ratings", "mysql:3306"): (38, 0),
    } == lines(answer)
    assert ("app", False, "", False, None) == (
        answer["type"],
        answer["is_estimate"],
        answer["estimate"],
        answer["truncated"],
        answer["found"],
    )


async def test_an_edge_tells_rate_errors_latencies_and_why_it_is_unwell(mesh: ApiClient) -> None:
    window = (("from", str(NOON_NS - MINUTE)), ("to", str(NOON_NS)))
    answer = await mesh.json(GRAPH, *window)
    names = {node["id"]: node["workload"] for node in answer["nodes"]}
    (found,) = (edge for edge in answer["edges"] if names[edge["target"]] == "reviews-v2")

    assert found["rate"] == pytest.approx(20 / 60)
    assert (10.0, 2, 20) == (found["error_percent"], found["errors"], found["calls"])
    assert found["client"]["p95_ms"] == pytest.approx(30, rel=0.05)
    assert found["server"]["p50_ms"] == pytest.approx(28, rel=0.05)
    (other,) = (edge for edge in answer["edges"] if names[edge["target"]] == "details-v1")
    assert (6.0, 4.0, 2.0) == (
        other["client"]["mean_ms"],
        other["server"]["mean_ms"],
        other["network_and_proxy_ms"],
    )
    assert {
        "status": "failure",
        "reason": "10 % of 20 requests from productpage-v1 answered 503 "
        "(UH: no healthy upstream host)",
    } == found["health"]
    assert {"-": "", "UH": "no healthy upstream host"} == {
        outcome["flags"]: outcome["flags_meaning"] for outcome in found["outcomes"]
    }


async def test_a_window_that_counts_back_starts_at_a_whole_minute(connect: Connect) -> None:
    graph = bookinfo_graph()
    api = await connect(graph=graph)
    to_ns = NOON_NS + 30 * SECOND
    for last in ("5m", "90s"):
        await api.json(GRAPH, ("last", last), ("to", str(to_ns)))
    await api.json(GRAPH, ("from", str(to_ns - 300 * SECOND)), ("to", str(to_ns)))

    starts = [window[0] for window in dict.fromkeys(graph.windows)]
    assert [NOON_NS - 5 * MINUTE, NOON_NS - MINUTE, NOON_NS - 270 * SECOND] == starts


async def test_what_is_not_settled_is_told(mesh: ApiClient) -> None:
    settled = await mesh.json(GRAPH, ("from", "0"), ("to", str(NOON_NS)))
    unsettled = await mesh.json(GRAPH, ("last", "5m"))

    assert [None, str(NOON_NS)] == [
        answer["provisional_from_unix_nano"] for answer in (settled, unsettled)
    ]


@pytest.mark.parametrize(
    ("parameters", "labels"),
    [
        (
            [("focus", "reviews"), ("type", "app")],
            ["productpage", "ratings", "reviews"],
        ),
        (
            [("focus", "reviews.default"), ("type", "app"), ("direction", "upstream")],
            ["productpage", "reviews"],
        ),
        (
            [("focus", "ratings-v1"), ("direction", "upstream"), ("depth", "2")],
            ["productpage-v1", "ratings-v1", "reviews-v2", "reviews-v3"],
        ),
        ([("focus", "nobody")], []),
        ([("namespace", "attic")], ["lonely-v1"]),
        (
            [("namespace", "istio-system"), ("namespace", "attic"), ("cluster", "c1")],
            ["ingress", "istio-ingressgateway", "lonely-v1", "productpage-v1"],
        ),
        ([("cluster", "c2")], []),
        ([("hide", "node = workload")], ["ingress", "mysql:3306"]),
        (
            [("type", "app"), ("hide", "name != reviews AND ! name = ratings")],
            ["ratings", "reviews"],
        ),
        (
            [("type", "app"), ("min_rate", "0.15")],
            ["details", "ingress", "istio-ingressgateway", "lonely", "productpage", "reviews"],
        ),
    ],
)
async def test_a_part_of_the_graph(
    mesh: ApiClient, parameters: list[tuple[str, str]], labels: list[str]
) -> None:
    window = (("from", str(NOON_NS - 5 * MINUTE)), ("to", str(NOON_NS)))
    answer = await mesh.json(GRAPH, *window, *parameters)

    assert labels == [node["label"] for node in answer["nodes"]]


async def test_what_find_matches_is_named(mesh: ApiClient) -> None:
    answer = await mesh.json(GRAPH, ("find", "%error > 5 OR kind = database"))
    labels = {node["id"]: node["label"] for node in answer["nodes"]}
    targets = {edge["id"]: labels[edge["target"]] for edge in answer["edges"]}

    assert ["mysql:3306"] == [labels[each] for each in answer["found"]["nodes"]]
    assert ["reviews-v2"] == [targets[each] for each in answer["found"]["edges"]]


async def test_idle_nodes_come_from_the_day_before(mesh: ApiClient) -> None:
    answer = await mesh.json(GRAPH, ("last", "5m"), ("idle", "true"))

    assert ["old-v1"] == [node["label"] for node in answer["nodes"] if node["is_idle"]]


async def test_gateways_are_nodes_or_passed_through(mesh: ApiClient) -> None:
    node, passed = [
        await mesh.json(GRAPH, ("gateways", word), ("focus", "productpage-v1"))
        for word in ("node", "pass")
    ]

    assert ("istio-ingressgateway", "productpage-v1") in lines(node)
    assert ("ingress", "productpage-v1") in lines(passed)
    assert ["gateway"] in [edge["via"] for edge in passed["edges"]]


async def test_boxes_frame_nodes(mesh: ApiClient) -> None:
    answer = await mesh.json(GRAPH, ("box", "namespace"), ("box", "cluster"))

    assert [("cluster", "c1"), ("namespace", "attic"), ("namespace", "default")] == [
        (box["kind"], box["label"]) for box in answer["boxes"]
    ][:3]


@pytest.mark.parametrize(
    ("shape", "content_type", "start"),
    [("dot", "text/vnd.graphviz", "digraph "), ("mermaid", "text/vnd.mermaid", "flowchart ")],
)
async def test_the_graph_as_text_for_a_drawing(
    mesh: ApiClient, shape: str, content_type: str, start: str
) -> None:
    response = await mesh.http.get(GRAPH, params={"format": shape, "last": "5m"})

    assert (200, content_type) == (response.status, response.content_type)
    assert (await response.text()).startswith(start)


async def test_two_windows_side_by_side_with_the_worst_first(connect: Connect) -> None:
    good = edge_table([(edge(PRODUCTPAGE, workload("a")), {"calls": 100, "client_ms": 10})])
    slow = edge_table(
        [
            (edge(PRODUCTPAGE, workload("a")), {"calls": 100, "client_ms": 40}),
            (edge(PRODUCTPAGE, workload("new")), {"calls": 50}),
        ]
    )
    api = await connect(
        graph=TableGraph([(NOON_NS - 90 * SECOND, good), (NOON_NS - 30 * SECOND, slow)])
    )
    window = (("from", str(NOON_NS - MINUTE)), ("to", str(NOON_NS)))
    answer = await api.json(GRAPH, *window, ("compare", "previous"))
    other = f"{NOON_NS - 2 * MINUTE}/{NOON_NS - MINUTE}"

    assert answer == await api.json(GRAPH, *window, ("compare", other))
    first, second = answer["edges"]
    assert (10, 40) == tuple(
        pytest.approx(first[side]["client"]["p95_ms"], rel=0.05) for side in ("before", "after")
    )
    assert 2 * 100 / 120 == pytest.approx(first["change"]["worse"], rel=0.05)
    assert (None, 50 / 60) == (second["before"], pytest.approx(second["change"]["rate"]))
    assert (str(NOON_NS - 2 * MINUTE), str(NOON_NS)) == (
        answer["before"]["from_time_unix_nano"],
        answer["after"]["to_time_unix_nano"],
    )


async def test_the_previous_window_of_whole_minutes_starts_at_one(connect: Connect) -> None:
    graph = bookinfo_graph()
    api = await connect(graph=graph)
    await api.json(
        GRAPH, ("last", "5m"), ("to", str(NOON_NS + 30 * SECOND)), ("compare", "previous")
    )

    assert (NOON_NS - 11 * MINUTE, NOON_NS - 5 * MINUTE) in graph.windows


async def test_two_versions_side_by_side(mesh: ApiClient) -> None:
    answer = await mesh.json(
        GRAPH, ("last", "5m"), ("compare_versions", "v1,v2"), ("service", "reviews")
    )
    labels = {node["id"]: node["label"] for node in answer["nodes"]}
    found = {
        (labels[edge["source"]], labels[edge["target"]]): tuple(
            edge[side] and (edge[side]["calls"], edge[side]["errors"])
            for side in ("before", "after")
        )
        for edge in answer["edges"]
    }

    assert {
        ("productpage-v1", "reviews"): ((20, 0), (20, 2)),
        ("reviews", "ratings-v1"): (None, (18, 0)),
    } == found
    assert ("v1", "v2") == (answer["before"]["version"], answer["after"]["version"])
    assert ["productpage-v1", "reviews", "ratings-v1"] == [
        node["label"] for node in answer["nodes"]
    ]


async def test_an_estimate_is_explained(connect: Connect) -> None:
    table = edge_table(
        [
            (edge(PRODUCTPAGE, workload("a")), {"calls": 100, "probability": 0.1}),
            (edge(PRODUCTPAGE, workload("b")), {"calls": 3}),
        ]
    )
    api = await connect(graph=TableGraph([(NOON_NS, table)]))
    answer = await api.json(GRAPH)

    assert answer["estimate"] == (
        "Traces are sampled: rates and shares are estimated from 103 stored calls; standard_error "
        "says how far off each may be. Of 3 of them nobody told the probability; each counts as "
        "one."
    )
    assert [1000.0, 3.0] == [edge["estimated_calls"] for edge in answer["edges"]]


async def test_a_graph_beyond_the_limits_keeps_the_edges_with_most_calls(connect: Connect) -> None:
    api = await connect(ApiConfig(max_graph_nodes=3, max_graph_edges=2), graph=bookinfo_graph())
    answer = await api.json(GRAPH, ("type", "app"))

    assert (3, 2, True) == (len(answer["nodes"]), len(answer["edges"]), answer["truncated"])
    assert {60} == {edge["calls"] for edge in answer["edges"]}


async def test_a_window_without_data_is_an_empty_graph(mesh: ApiClient) -> None:
    answer = await mesh.json(GRAPH, ("from", "5"), ("to", "6"))

    assert ([], []) == (answer["nodes"], answer["edges"])


async def test_health_has_the_configured_thresholds(connect: Connect) -> None:
    tolerance = ToleranceConfig(code="503", degraded=9, failure=50)
    lenient = ApiConfig(health=(HealthConfig(name="reviews|productpage", tolerance=(tolerance,)),))
    api = await connect(lenient, graph=bookinfo_graph())
    answer = await api.json(GRAPH)
    statuses = {node["label"]: node["health"]["status"] for node in answer["nodes"]}

    assert ("degraded", "healthy") == (statuses["reviews-v2"], statuses["productpage-v1"])


@pytest.mark.parametrize(
    ("parameters", "parameter", "words"),
    [
        ([("type", "pod")], "type", "is none of app, versioned_app"),
        ([("depth", "2")], "depth", "needs a focus"),
        ([("direction", "both")], "direction", "needs a focus"),
        ([("focus", "a"), ("depth", "0")], "depth", "between 1 and 100"),
        ([("min_rate", "-1")], "min_rate", "not a number between 0 and"),
        ([("min_rate", "nan")], "min_rate", "not a number between 0 and"),
        ([("box", "pod")], "box", "is none of cluster, namespace, app"),
        ([("find", "rt >")], "find", "a value is missing"),
        ([("hide", "colour = red")], "hide", "colour is no operand"),
        ([("compare", "yesterday")], "compare", "neither previous nor FROM/TO"),
        ([("compare", "5/4")], "compare", "earlier than TO"),
        ([("from", "0"), ("compare", "previous")], "compare", "no time before"),
        ([("compare_versions", "v1,v2")], "compare_versions", "goes with service only"),
        ([("service", "a")], "service", "goes with compare_versions only"),
        (
            [("compare_versions", "v1"), ("service", "a")],
            "compare_versions",
            "is not two versions",
        ),
        (
            [("compare_versions", "v1,v2"), ("service", "a"), ("compare", "previous")],
            "compare_versions",
            "cannot be combined with compare",
        ),
        ([("format", "svg")], "format", "is none of json, dot, mermaid"),
        ([("format", "dot"), ("find", "idle")], "find", "in JSON only"),
        ([("gateways", "yes")], "gateways", "is none of node, pass"),
    ],
)
async def test_a_parameter_that_makes_no_sense_is_refused(
    mesh: ApiClient, parameters: list[tuple[str, str]], parameter: str, words: str
) -> None:
    status, error = await mesh.error(GRAPH, *parameters)

    assert (400, parameter) == (status, error["parameter"])
    assert words in error["message"]


async def test_an_expression_that_is_wrong_says_where_and_what_to_do(mesh: ApiClient) -> None:
    _, error = await mesh.error(GRAPH, ("find", "healty AND idle"))

    assert (
        "find: healty is no word of this language (at character 1)",
        "did you mean healthy?",
    ) == (error["message"], error["hint"])


async def test_a_store_that_does_not_answer_is_a_503(connect: Connect) -> None:
    graph = bookinfo_graph()

    def fail() -> None:
        raise StoreUnavailable("locked")

    graph.before = fail
    status, error = await (await connect(graph=graph)).error(GRAPH)

    assert (503, "store_unavailable") == (status, error["code"])
