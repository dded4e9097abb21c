"""The pages of the web UI and the files that they load, as a browser gets them."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from api.static_files import UiUnavailable, script_digests
from api.ui.pages import PATHS, WebUi
from tests.api.conftest import Connect

PAGES = Path("ui/src/app/pages.ts")

Get = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def get(connect: Connect) -> Get:
    async def ask(
        path: str, config: JaegerConfig | None = None, accept: str = "*/*"
    ) -> ClientResponse:
        api = await connect(ApiConfig(jaeger=config or JaegerConfig()), version="1.2.3")
        response = await api.http.get(path, allow_redirects=False, headers={"Accept": accept})
        await response.read()
        return response

    return ask


def sources(policy: str, directive: str) -> list[str]:
    found = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    return found[directive].split()


@pytest.mark.parametrize("path", [re.sub(r"\{\w+\}", "a.b", path) for path in PATHS])
async def test_every_path_of_the_ui_is_the_page(get: Get, path: str) -> None:
    response = await get(path)

    assert (200, "text/html") == (response.status, response.content_type)
    assert '<div id="app"></div>' in await response.text()


def test_the_paths_served_are_those_of_the_pages() -> None:
    known = re.findall(r'path: "(/[^"]*)"', PAGES.read_text(encoding="utf-8"))

    assert sorted(["/", *known]) == sorted(PATHS)


async def test_the_page_runs_only_scripts_of_this_origin_and_its_own(get: Get) -> None:
    response = await get("/")
    policy = response.headers["Content-Security-Policy"]

    assert ["'self'", *script_digests(await response.text())] == sources(policy, "script-src")
    assert ["'none'"] == sources(policy, "default-src")
    assert ["'self'"] == sources(policy, "connect-src")


async def test_the_root_tells_kiali_the_version(get: Get) -> None:
    page = await (await get("/")).text()

    assert '"gitVersion":"1.2.3"' in page.partition("const JAEGER_VERSION = ")[2].partition(";")[0]


async def test_scripts_are_kept_by_the_browser_for_ever(get: Get) -> None:
    page = await (await get("/")).text()
    [script] = re.findall(r'src="(/ui/assets/[^"]+\.js)"', page)

    response = await get(script)

    assert (200, "text/javascript") == (response.status, response.content_type)
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/ui/nothing.js", "/ui/../pages.py", "/ui/%2e%2e/pages.py"])
async def test_what_was_not_built_is_not_found(get: Get, path: str) -> None:
    assert 404 == (await get(path)).status


async def test_a_browser_that_goes_where_nothing_is_gets_the_page(get: Get) -> None:
    for_people = await get("/nothing", accept="text/html,*/*;q=0.8")
    for_programs = await get("/nothing")

    assert (404, "text/html") == (for_people.status, for_people.content_type)
    assert (404, "application/json") == (for_programs.status, for_programs.content_type)


async def test_a_trace_that_is_not_there_is_the_apis_answer_to_a_browser_too(get: Get) -> None:
    response = await get("/api/v1/traces/abc", accept="text/html")

    assert (404, "application/json") == (response.status, response.content_type)


async def test_a_jaeger_ui_may_have_the_root(get: Get, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head></head><body>Jaeger</body>")

    page = await (await get("/search", JaegerConfig(ui=str(tmp_path), base_path=""))).text()

    assert "Jaeger</body>" in page


def test_a_ui_that_was_not_built_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UiUnavailable, match="run `make ui`"):
        WebUi("1.2.3", tmp_path)
