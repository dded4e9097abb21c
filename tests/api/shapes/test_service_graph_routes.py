import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from api import ApiConfig, create_app
from api.shapes import pages, service_graph_routes
from api.shapes.service_graph_routes import service_graph_app
from storage.interface import QueryTimeout
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import NOON_NS, SECOND
from tests.api.shapes.dot_syntax import parse_dot

FORCE = Path(pages.__file__).with_name("forcegraph.html")

Http = TestClient[Any, Any]


async def test_graph_has_bookinfo_with_its_rates(http: Http) -> None:
    document = await (await http.get("/servicegraph/graph")).json()

    assert {
        ("ingress (unknown)", "istio-ingressgateway (istio-ingressgateway)", "0.200000"),
        (
            "istio-ingressgateway (istio-ingressgateway)",
            "productpage (productpage-v1)",
            "0.200000",
        ),
        ("productpage (productpage-v1)", "details (details-v1)", "0.200000"),
        ("productpage (productpage-v1)", "reviews (reviews-v1)", "0.066667"),
        ("productpage (productpage-v1)", "reviews (reviews-v2)", "0.066667"),
        ("productpage (productpage-v1)", "reviews (reviews-v3)", "0.066667"),
        ("reviews (reviews-v2)", "ratings (ratings-v1)", "0.066667"),
        ("reviews (reviews-v3)", "ratings (ratings-v1)", "0.066667"),
        ("ratings (ratings-v1)", "mysql:3306 (unknown)", "0.133333"),
    } == {
        (each["source"], each["target"], each["labels"]["reqs/sec"]) for each in document["edges"]
    }
    assert "cron (cron-v1)" in document["nodes"]


async def test_time_horizon_is_the_window_until_now(http: Http, store: TableGraph) -> None:
    response = await http.get("/servicegraph/graph?time_horizon=1h30m")

    assert 200 == response.status
    now = NOON_NS + 60 * SECOND
    assert {(now - 5400 * SECOND, now)} == set(store.windows)


@pytest.mark.parametrize("text", ["x", "5", "-5m", "1s1m", "0s", "9999999d"])
async def test_a_malformed_time_horizon_is_a_500_as_it_was(http: Http, text: str) -> None:
    response = await http.get("/servicegraph/graph", params={"time_horizon": text})

    assert (500, "text/plain") == (response.status, response.content_type)
    assert (await response.text()).startswith("could not parse time_horizon: ")


async def test_dotgraph_is_dot(http: Http) -> None:
    response = await http.get("/servicegraph/dotgraph?filter_empty=true")

    assert "text/plain" == response.content_type
    assert 9 == len(parse_dot(await response.text()).edges)


async def test_a_named_node_is_in_every_answer_from_then_on(http: Http) -> None:
    added = await http.post("/servicegraph/node", params={"name": 'my "own" <node>'})
    again = await http.post("/servicegraph/node?name=second")
    drawn = await (await http.get("/servicegraph/d3graph?destination_workload=nobody")).json()

    assert (200, 200) == (added.status, again.status)
    assert {"nodes": [{"name": 'my "own" <node>'}, {"name": "second"}], "links": []} == drawn


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("GET", "/servicegraph/node?name=x", {}, 501),
        ("PUT", "/servicegraph/node?name=x", {}, 501),
        ("DELETE", "/servicegraph/node", {}, 501),
        ("POST", "/servicegraph/node", {}, 400),
        ("POST", "/servicegraph/node?name=" + "x" * 1025, {}, 400),
        ("POST", "/servicegraph/node?name=x", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_node_is_refused_as_it_was(
    http: Http, method: str, path: str, headers: dict[str, str], expected: int
) -> None:
    response = await http.request(method, path, headers=headers)
    drawn = await (await http.get("/servicegraph/graph?source_workload=nobody")).json()

    assert (expected, "text/plain", {}) == (
        response.status,
        response.content_type,
        drawn["nodes"],
    )


async def test_the_number_of_static_nodes_is_bounded(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_graph_routes, "MAX_STATIC_NODES", 2)
    statuses = [
        (await http.post("/servicegraph/node", params={"name": name})).status
        for name in ("a", "b", "b", "c")
    ]

    assert [200, 200, 200, 507] == statuses


async def test_pages_allow_their_own_script_and_style_and_nothing_else(http: Http) -> None:
    force = await http.get("/servicegraph/force/forcegraph.html")
    drawn = await http.get("/servicegraph/dotviz")

    assert "connect-src 'self'" in force.headers["Content-Security-Policy"]
    assert "script-src" not in drawn.headers["Content-Security-Policy"]
    for response in (force, drawn):
        page = await response.text()
        assert "text/html" == response.content_type
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        for tag in ("style", "script"):
            for inside in re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL):
                assert pages._digest(inside) in response.headers["Content-Security-Policy"]
        assert not re.search(r"(src|href)=|https?://|\son[a-z]+=|\sstyle=|@import", page)


def test_the_live_page_is_small_and_asks_every_five_seconds() -> None:
    page = FORCE.read_text()

    assert len(page.splitlines()) < 200
    assert "REFRESH_MS = 5000" in page
    assert 'fetch("../d3graph" + location.search' in page


async def test_dotviz_draws_each_node_and_edge_and_escapes_names(http: Http) -> None:
    await http.post("/servicegraph/node", params={"name": "<script>alert(1)</script>"})
    page = await (await http.get("/servicegraph/dotviz")).text()

    assert "<script" not in page
    assert 11 == page.count("<rect ")
    assert 9 == page.count("marker-end=")
    assert "<title>productpage (productpage-v1)</title>" in page


async def test_an_error_of_the_store_is_told_as_text(http: Http, store: TableGraph) -> None:
    def fail() -> None:
        raise QueryTimeout("too slow")

    store.before = fail
    response = await http.get("/servicegraph/graph")

    assert (504, "text/plain") == (response.status, response.content_type)


async def test_it_is_also_at_the_root_of_a_port_of_its_own(store: TableGraph) -> None:
    query = create_app(
        ApiConfig(), ReferenceReader([]), store, now_ns=lambda: NOON_NS + 60 * SECOND
    )
    async with TestClient(TestServer(query)) as below:
        async with TestClient(TestServer(service_graph_app(query))) as root:
            await root.post("/node?name=static")
            at_root = await (await root.get("/graph")).json()
            page = await root.get("/force/forcegraph.html")
            missing = await root.get("/api/v1/services")
        prefixed = await (await below.get("/servicegraph/graph")).json()

    assert "static" in at_root["nodes"]
    assert at_root == prefixed
    assert (200, 404) == (page.status, missing.status)
