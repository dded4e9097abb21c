from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.shapes.node_graph import fields, node_graph
from model.graph.edge import Protocol
from model.graph.view import Outcome
from tests.api.conftest import Connect
from tests.api.graph_reader import TableGraph
from tests.api.sample import NOON_NS, SECOND
from tests.api.shapes.graphs import bookinfo, edge, graph, node, ok, traffic
from tests.api.shapes.tables import operations, workload

Http = TestClient[Any, Any]

OUTCOMES = st.builds(
    lambda code, calls, share, status: Outcome(
        Protocol.HTTP, code, "-", status, "", calls, int(calls * share), float(calls)
    ),
    st.sampled_from(["200", "302", "404", "500", "-", ""]),
    st.integers(1, 10**6),
    st.floats(0, 1),
    st.sampled_from(["", "0", "14"]),
)


def rows(document: object) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(document))


def arcs(row: dict[str, Any]) -> list[float]:
    return [value for name, value in row.items() if name.startswith("arc__")]


def test_every_column_is_declared_and_every_declared_column_is_there() -> None:
    declared, found = rows(fields()), rows(node_graph(bookinfo()))

    for kind in ("nodes", "edges"):
        names = [each["field_name"] for each in declared[f"{kind}_fields"]]
        types = {each["field_name"]: each["type"] for each in declared[f"{kind}_fields"]}
        for row in found[kind]:
            assert sorted(names) == sorted(row)
            for name, value in row.items():
                wanted = str if types[name] == "string" else (int, float, type(None))
                assert isinstance(value, wanted), name


@given(st.lists(OUTCOMES, min_size=1, max_size=6))
def test_the_arcs_of_a_node_add_up_to_one(outcomes: list[Outcome]) -> None:
    (row,) = rows(node_graph(graph([node("a", "a", inbound=traffic(*outcomes))])))["nodes"]

    assert sum(arcs(row)) == pytest.approx(1, abs=1e-6)
    assert min(arcs(row)) >= 0


def test_a_node_without_requests_is_a_full_idle_circle() -> None:
    (row,) = rows(node_graph(graph([node("a", "a")])))["nodes"]

    assert [0, 0, 0, 1] == arcs(row)
    assert (0, None) == (row["mainStat"], row["secondaryStat"])


def test_who_only_calls_is_shown_by_what_it_is_answered() -> None:
    row = next(each for each in rows(node_graph(bookinfo()))["nodes"] if each["id"] == "00ing")

    assert [0.95, 0, 0.05, 0] == [round(value, 9) for value in arcs(row)]


def test_a_graph_too_large_for_the_panel_loses_its_quietest_nodes() -> None:
    busy, quiet = traffic(ok(10)), traffic(ok(1))
    drawn = graph(
        [
            node("a", "a", outbound=busy),
            node("b", "b", inbound=busy),
            node("c", "c", inbound=quiet),
        ],
        [edge("a", "b", busy), edge("a", "c", quiet)],
    )
    found = node_graph(drawn, limit=2)

    assert ["a", "b"] == [each.id for each in found.nodes]
    assert ["a-b-http"] == [each.id for each in found.edges]


async def test_the_data_source_gets_its_three_answers(http: Http) -> None:
    health = await http.get("/grafana/nodegraph/api/health")
    declared = await (await http.get("/grafana/nodegraph/api/graph/fields")).json()
    data = await (await http.get("/grafana/nodegraph/api/graph/data?query=x&last=5m")).json()

    assert 200 == health.status
    assert {"nodes_fields", "edges_fields"} == declared.keys()
    assert 9 == len(data["edges"])
    assert "cron-v1" in {each["title"] for each in data["nodes"]}
    assert {"default", "istio-system", "database", ""} == {
        each["subTitle"] for each in data["nodes"]
    }


async def test_idle_nodes_are_shown_on_request(connect: Connect) -> None:
    seen = operations(workload("old"))
    http = (await connect(graph=TableGraph([], [(NOON_NS - 3600 * SECOND, seen)]))).http
    path = "/grafana/nodegraph/api/graph/data"
    idle = await (await http.get(f"{path}?idle=true")).json()
    active = await (await http.get(path)).json()

    assert (["old-v1"], []) == ([each["title"] for each in idle["nodes"]], active["nodes"])


async def test_its_query_string_is_that_of_the_graph(http: Http) -> None:
    path = "/grafana/nodegraph/api/graph/data"
    services = await (await http.get(f"{path}?type=service&namespace=istio-system")).json()
    wrong = await http.get(f"{path}?typ=service")

    assert {"ingress", "istio-ingressgateway", "productpage"} == {
        each["title"] for each in services["nodes"]
    }
    assert (400, "typ") == (wrong.status, (await wrong.json())["error"]["parameter"])
