"""``/api/dependencies``: who calls whom, in Jaeger's shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.interface import QueryTimeout, StoreUnavailable
from tests.api.conftest import ApiClient, Connect
from tests.api.graph_reader import TableGraph, bookinfo_graph
from tests.api.sample import NOON_NS, SECOND
from tests.graph.bookinfo import DETAILS, PRODUCTPAGE, edge
from tests.graph.tables import edge_table

GOLDEN = Path(__file__).parent / "golden" / "dependencies.json"
DAY_NS = 86_400 * SECOND
NOW_NS = NOON_NS + 60 * SECOND
MS = 1_000_000


@pytest.fixture
def graph() -> TableGraph:
    return bookinfo_graph()


@pytest.fixture
async def api(connect: Connect, graph: TableGraph) -> ApiClient:
    return await connect(graph=graph)


async def links(api: ApiClient, **parameters: str) -> list[dict[str, Any]]:
    response = await api.http.get("/api/dependencies", params=parameters)
    assert response.status == 200, await response.text()
    answer = await response.json()
    assert {"data", "total", "limit", "offset", "errors"} == set(answer)
    assert (0, 0, 0, None) == tuple(answer[key] for key in ("total", "limit", "offset", "errors"))
    found: list[dict[str, Any]] = answer["data"]
    return found


@pytest.mark.parametrize("prefix", ["", "/jaeger"])
async def test_the_answer_has_the_shape_of_jaeger(api: ApiClient, prefix: str) -> None:
    response = await api.http.get(f"{prefix}/api/dependencies")

    assert json.loads(GOLDEN.read_text("utf-8")) == await response.json()
    assert "application/json" == response.content_type


async def test_every_field_has_one_type(api: ApiClient) -> None:
    for link in await links(api):
        assert [str, str, int, int] == [
            type(link[name]) for name in ("parent", "child", "callCount", "errorCount")
        ]
        latencies = set(link) - {"parent", "child", "callCount", "errorCount"}
        assert latencies in (set(), {"latencyP50", "latencyP95", "latencyP99"})
        assert all(type(link[name]) is int for name in latencies)


async def test_it_may_be_indented_for_people(api: ApiClient) -> None:
    response = await api.http.get("/api/dependencies", params={"prettyPrint": "true"})
    assert '{\n    "data": [\n        {\n' in await response.text()


@pytest.mark.parametrize(
    ("parameters", "window"),
    [
        ({}, (NOW_NS - DAY_NS, NOW_NS)),
        ({"endTs": str(NOON_NS // MS)}, (NOON_NS - DAY_NS, NOON_NS)),
        ({"lookback": "604800000"}, (NOW_NS - 7 * DAY_NS, NOW_NS)),
        ({"endTs": "", "lookback": ""}, (NOW_NS - DAY_NS, NOW_NS)),
        ({"endTs": "5000", "lookback": "1000"}, (4 * SECOND, 5 * SECOND)),
        ({"endTs": "5000"}, (0, 5 * SECOND)),
        ({"endTs": str(2**63 - 1), "lookback": str(2**63 - 1)}, (0, 2**63 - 1)),
    ],
)
async def test_the_window_ends_at_end_ts_and_looks_back(
    api: ApiClient, graph: TableGraph, parameters: dict[str, str], window: tuple[int, int]
) -> None:
    await links(api, **parameters)
    assert {window} == set(graph.windows)


@pytest.mark.parametrize("parameters", [{"endTs": "0"}, {"lookback": "0"}])
async def test_an_empty_window_holds_nothing(
    api: ApiClient, graph: TableGraph, parameters: dict[str, str]
) -> None:
    assert [] == await links(api, **parameters)
    assert [] == graph.windows


async def test_a_mesh_without_calls_has_no_links(connect: Connect) -> None:
    assert [] == await links(await connect())


@pytest.mark.parametrize("service", ["details", "details.default", "details.default.svc"])
async def test_a_service_in_any_form_selects_the_links_that_touch_it(
    api: ApiClient, service: str
) -> None:
    found = await links(api, service=service)
    assert [("productpage.default", "details.default")] == [
        (link["parent"], link["child"]) for link in found
    ]


@pytest.mark.parametrize("service", ["nobody", "details.attic"])
async def test_a_service_that_nobody_calls_has_no_links(api: ApiClient, service: str) -> None:
    assert [] == await links(api, service=service)


async def test_equal_pairs_add_up(connect: Connect) -> None:
    table = edge_table(
        [
            (edge(PRODUCTPAGE, DETAILS), {"calls": 2, "client_ms": 8}),
            (edge(PRODUCTPAGE, DETAILS, source_code="404"), {"calls": 3, "errors": 1}),
        ]
    )
    api = await connect(graph=TableGraph([(NOON_NS, table)]))

    (link,) = await links(api)

    assert (5, 1) == (link["callCount"], link["errorCount"])
    assert 8000 == pytest.approx(link["latencyP50"], rel=0.05)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"endTs": "x"},
            "unable to parse param 'endTs': strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            {"lookback": "1h"},
            "unable to parse param 'lookback': strconv.ParseInt: parsing \"1h\": invalid syntax",
        ),
        ({"lookback": "-1"}, "unable to parse param 'lookback': must not be negative"),
        ({"endTs": "-1"}, "unable to parse param 'endTs': must not be negative"),
    ],
)
async def test_bad_values_are_refused_in_the_envelope(
    api: ApiClient, parameters: dict[str, str], message: str
) -> None:
    response = await api.http.get("/api/dependencies", params=parameters)
    assert 400 == response.status
    assert {
        "data": None,
        "total": 0,
        "limit": 0,
        "offset": 0,
        "errors": [{"code": 400, "msg": message}],
    } == json.loads(await response.text())


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailable("locked"), 503), (QueryTimeout("slow"), 504)]
)
async def test_failures_of_the_store_are_in_the_envelope(
    api: ApiClient, graph: TableGraph, error: Exception, status: int
) -> None:
    graph.before = raising(error)
    response = await api.http.get("/api/dependencies")
    answer = json.loads(await response.text())
    assert (status, status) == (response.status, answer["errors"][0]["code"])
