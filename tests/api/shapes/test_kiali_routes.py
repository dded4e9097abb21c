from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from api import ApiConfig
from api.health_config import HealthConfig, ToleranceConfig
from model.graph.edge import Via
from storage.interface import StoreUnavailable
from tests.api.conftest import Connect
from tests.api.graph_reader import TableGraph
from tests.api.sample import NOON_NS, SECOND
from tests.api.shapes.tables import (
    GATEWAY,
    PRODUCTPAGE,
    Line,
    bookinfo_lines,
    edges,
    operations,
    workload,
)

Http = TestClient[Any, Any]
BASE = "/kiali/api/namespaces"


async def drawn(http: Http, path: str = "graph?namespaces=default", **query: str) -> Any:
    response = await http.get(f"{BASE}/{path}", params={"duration": "100s", **query})
    assert 200 == response.status, await response.text()
    elements = (await response.json())["elements"]
    nodes = {each["data"]["id"]: each["data"] for each in elements["nodes"]}
    names = {
        key: node.get("workload") or node.get("service") or node.get("app") or "box"
        for key, node in nodes.items()
    }
    lines = {
        (names[each["data"]["source"]], names[each["data"]["target"]]): each["data"]
        for each in elements["edges"]
    }
    return nodes, lines


async def test_the_graph_of_a_namespace_has_its_calls_and_their_other_ends(http: Http) -> None:
    nodes, lines = await drawn(http)

    assert {
        ("istio-ingressgateway", "productpage-v1"): "0.60",
        ("productpage-v1", "details-v1"): "0.60",
        ("productpage-v1", "reviews-v1"): "0.20",
        ("productpage-v1", "reviews-v2"): "0.20",
        ("productpage-v1", "reviews-v3"): "0.20",
        ("reviews-v2", "ratings-v1"): "0.20",
        ("reviews-v3", "ratings-v1"): "0.20",
        ("ratings-v1", "mysql:3306"): "0.40",
    } == {ends: edge["traffic"]["rates"]["http"] for ends, edge in lines.items()}
    assert ["istio-ingressgateway"] == [
        node["workload"] for node in nodes.values() if node.get("isOutside")
    ]
    assert ["cron-v1"] == [node["workload"] for node in nodes.values() if node.get("isIdle")]


async def test_several_namespaces_are_one_graph(http: Http) -> None:
    _, lines = await drawn(http, "graph?namespaces=default,istio-system")

    assert ("unknown", "istio-ingressgateway") in lines
    assert 9 == len(lines)


async def test_query_time_and_duration_choose_the_window(http: Http, store: TableGraph) -> None:
    query = "namespaces=default&duration=1h&queryTime=7200&appenders=health"
    response = await http.get(f"{BASE}/graph?{query}")
    document = await response.json()

    assert {(3600 * SECOND, 7200 * SECOND)} == set(store.windows)
    assert (7200, 3600, "workload") == (
        document["timestamp"],
        document["duration"],
        document["graphType"],
    )
    assert {"nodes": [], "edges": []} == document["elements"]


async def test_service_nodes_lie_between_callers_and_workloads_with_exact_numbers(
    http: Http,
) -> None:
    nodes, lines = await drawn(http, injectServiceNodes="true", responseTime="95")
    rates = {ends: edge["traffic"]["rates"]["http"] for ends, edge in lines.items()}
    times = {ends: int(edge["responseTime"]) for ends, edge in lines.items()}

    assert {
        ("productpage-v1", "reviews"): "0.60",
        ("reviews", "reviews-v2"): "0.20",
        ("reviews-v2", "ratings"): "0.20",
        ("reviews-v3", "ratings"): "0.20",
        ("ratings", "ratings-v1"): "0.40",
        ("ratings-v1", "mysql:3306"): "0.40",
    }.items() <= rates.items()
    # Of 20 calls at 10 ms, 20 at 20 ms and 20 at 90 ms.
    assert times["productpage-v1", "reviews"] == pytest.approx(90, rel=0.05)
    assert times["reviews", "reviews-v1"] == pytest.approx(10, rel=0.1)
    assert {"details", "reviews", "ratings", "productpage"} == {
        node["service"] for node in nodes.values() if node.get("isInjected")
    }


async def test_a_service_graph_has_services_only(http: Http) -> None:
    _, lines = await drawn(http, graphType="service")

    assert {
        ("istio-ingressgateway", "productpage"),
        ("productpage", "details"),
        ("productpage", "reviews"),
        ("reviews", "ratings"),
        ("ratings", "mysql:3306"),
    } == set(lines)


async def test_app_graphs_add_up_versions_and_box_them(http: Http) -> None:
    _, apps = await drawn(http, graphType="app")
    nodes, versions = await drawn(http, graphType="versionedApp")

    assert "0.60" == apps["productpage", "reviews"]["traffic"]["rates"]["http"]
    assert "0.20" == versions["productpage-v1", "reviews-v3"]["traffic"]["rates"]["http"]
    assert ["reviews"] == [node["app"] for node in nodes.values() if node["nodeType"] == "box"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("default/workloads/reviews-v2/graph",
         {("productpage-v1", "reviews-v2"), ("reviews-v2", "ratings-v1")}),
        ("default/applications/reviews/versions/v3/graph",
         {("productpage-v1", "reviews-v3"), ("reviews-v3", "ratings-v1")}),
        ("default/applications/details/graph", {("productpage-v1", "details-v1")}),
        ("default/services/details/graph", {("productpage-v1", "details-v1")}),
        ("prod/workloads/reviews-v2/graph", set()),
        ("default/workloads/reviews-v2/graph?clusterName=elsewhere", set()),
    ],
)  # fmt: skip
async def test_a_node_graph_has_the_calls_of_one_node(
    http: Http, path: str, expected: set[tuple[str, str]]
) -> None:
    _, lines = await drawn(http, path)

    assert expected == set(lines)


async def test_a_service_is_also_found_by_the_host_that_was_called(
    connect: Connect, store: TableGraph
) -> None:
    odd = Line(
        PRODUCTPAGE,
        workload("reviews"),
        (10,) * 10,
        host="reviews-alias.default.svc.cluster.local",
    )
    http = (await connect(graph=TableGraph([(NOON_NS, edges([odd]))]))).http
    _, lines = await drawn(http, "default/services/reviews-alias/graph")
    _, injected = await drawn(http, injectServiceNodes="true")

    assert {("productpage-v1", "reviews-v1")} == set(lines)
    assert {("productpage-v1", "reviews-alias"), ("reviews-alias", "reviews-v1")} == set(injected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, 2),
        ({"ambientTraffic": "waypoint"}, 2),
        ({"ambientTraffic": "none"}, 1),
        ({"ambientTraffic": "ztunnel"}, 1),
        ({"rateHttp": "none"}, 0),
        ({"rateGrpc": "none"}, 2),
    ],
)
async def test_traffic_is_chosen_by_protocol_and_by_what_it_passed(
    connect: Connect, query: dict[str, str], expected: int
) -> None:
    lines = [
        Line(GATEWAY, PRODUCTPAGE, (1,)),
        Line(PRODUCTPAGE, workload("ambient"), (1,), other=(("via", Via.WAYPOINT),)),
    ]
    http = (await connect(graph=TableGraph([(NOON_NS, edges(lines))]))).http
    _, found = await drawn(http, **query)

    assert expected == len(found)


async def test_edges_of_the_window_before_are_idle_on_request(
    connect: Connect, store: TableGraph
) -> None:
    before = edges([Line(PRODUCTPAGE, workload("old"), (1,)), *bookinfo_lines()])
    store.edges_at.append((NOON_NS - 60 * SECOND, before))
    http = (await connect(graph=store)).http
    _, without = await drawn(http)
    nodes, lines = await drawn(http, includeIdleEdges="true")

    assert {("productpage-v1", "old-v1")} == lines.keys() - without.keys()
    assert {"protocol": "http"} == lines["productpage-v1", "old-v1"]["traffic"]
    assert "old-v1" in {node.get("workload") for node in nodes.values() if node.get("isIdle")}


async def test_what_was_seen_earlier_and_is_silent_now_is_an_idle_node(
    connect: Connect, store: TableGraph
) -> None:
    old, elsewhere = workload("old"), workload("elsewhere", namespace="prod")
    store.operations_at.append((NOON_NS - 3600 * SECOND, operations(old, elsewhere)))
    http = (await connect(graph=store)).http
    nodes, _ = await drawn(http)
    without, _ = await drawn(http, appenders="health")

    assert {"cron-v1", "old-v1"} == {
        node["workload"] for node in nodes.values() if node.get("isIdle")
    }
    assert [] == [node for node in without.values() if node.get("isIdle")]


async def test_health_follows_the_configured_thresholds(
    connect: Connect, store: TableGraph
) -> None:
    strict = HealthConfig(tolerance=(ToleranceConfig(code="2XX", degraded=0, failure=1),))
    http = (await connect(ApiConfig(health=(strict,)), graph=store)).http
    _, lines = await drawn(http)

    assert "Failure" == lines["productpage-v1", "details-v1"]["healthStatus"]


async def test_a_graph_is_never_larger_than_the_limit(connect: Connect, store: TableGraph) -> None:
    http = (await connect(ApiConfig(max_graph_edges=2), graph=store)).http
    _, lines = await drawn(http)

    assert 2 == len(lines)


@pytest.mark.parametrize(
    "path",
    [
        "graph",
        "graph?namespaces=default&duration=x",
        "default/applications/reviews/graph?graphType=workload",
    ],
)
async def test_what_is_wrong_is_a_400_in_kialis_form(http: Http, path: str) -> None:
    response = await http.get(f"{BASE}/{path}")

    assert (400, {"error"}) == (response.status, (await response.json()).keys())


async def test_an_error_of_the_store_is_in_kialis_form(http: Http, store: TableGraph) -> None:
    def fail() -> None:
        raise StoreUnavailable("gone")

    store.before = fail
    response = await http.get(f"{BASE}/graph?namespaces=default")

    assert (503, {"error"}) == (response.status, (await response.json()).keys())
    assert "Retry-After" in response.headers
