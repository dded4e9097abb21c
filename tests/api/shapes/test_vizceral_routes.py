from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from storage.interface import StoreUnavailable
from tests.api.conftest import Connect
from tests.api.graph_reader import TableGraph
from tests.api.sample import NOON_NS, SECOND
from tests.api.shapes.tables import bookinfo_lines, edges

Http = TestClient[Any, Any]


async def test_a_moment_is_shown_ten_seconds_later_with_the_rates_of_a_minute(
    http: Http, store: TableGraph
) -> None:
    response = await http.get("/vizceral/graph")
    document = await response.json()
    end = NOON_NS + 50 * SECOND

    assert {(end - 60 * SECOND, end)} == set(store.windows)
    assert end // SECOND == document["serverUpdateTime"]
    assert 1.0 == document["connections"][0]["metrics"]["normal"]


async def test_any_past_moment_is_replayed(connect: Connect, store: TableGraph) -> None:
    day_ago = NOON_NS - 86_400 * SECOND
    store.edges_at.append((day_ago, edges(bookinfo_lines())))
    http = (await connect(graph=store)).http
    response = await http.get("/vizceral/graph?offset=86400")

    assert day_ago // SECOND + 50 == (await response.json())["serverUpdateTime"]


@pytest.mark.parametrize("offset", ["3600", "999999999999"])
async def test_a_moment_of_which_nothing_is_stored_is_a_404(http: Http, offset: str) -> None:
    response = await http.get(f"/vizceral/graph?offset={offset}")

    assert (404, "text/plain") == (response.status, response.content_type)
    assert "Failed to get snapshot: " in await response.text()


@pytest.mark.parametrize("offset", ["x", "1.5", "1e3", "9" * 13])
async def test_an_offset_is_a_number_of_seconds(http: Http, offset: str) -> None:
    response = await http.get("/vizceral/graph", params={"offset": offset})

    assert 400 == response.status
    assert f"Invalid offset ({offset})" in await response.text()


@pytest.mark.parametrize("offset", ["0", "-5"])
async def test_no_offset_and_a_negative_one_are_now(
    http: Http, store: TableGraph, offset: str
) -> None:
    await http.get(f"/vizceral/graph?offset={offset}")

    assert NOON_NS + 50 * SECOND == store.windows[0][1]


async def test_pages_of_every_origin_may_read_it(http: Http, store: TableGraph) -> None:
    def fail() -> None:
        raise StoreUnavailable("gone")

    paths = ("/vizceral/", "/vizceral/graph", "/vizceral/config", "/vizceral/graph?offset=x")
    answers = [await http.get(path) for path in paths]
    store.before = fail
    answers.append(await http.get("/vizceral/graph?offset=7200"))

    assert [200, 200, 200, 400, 503] == [each.status for each in answers]
    assert {"*"} == {each.headers["Access-Control-Allow-Origin"] for each in answers}


async def test_it_is_alive(http: Http) -> None:
    assert "Alive" == await (await http.get("/vizceral/")).text()


async def test_within_a_snapshot_the_store_is_asked_once(http: Http, store: TableGraph) -> None:
    first = await (await http.get("/vizceral/graph")).read()
    asked = len(store.windows)
    second = await (await http.get("/vizceral/graph")).read()

    assert (first, asked) == (second, len(store.windows))


async def test_a_later_snapshot_has_a_greater_time(connect: Connect, store: TableGraph) -> None:
    http = (await connect(graph=store)).http
    now = await (await http.get("/vizceral/graph")).json()
    earlier = await (await http.get("/vizceral/graph?offset=10")).json()

    assert 10 == now["serverUpdateTime"] - earlier["serverUpdateTime"]
