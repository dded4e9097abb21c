"""Jaeger's pages: a Jaeger UI that is installed, and what is said where none is."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from yarl import URL

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from api.static_files import UiUnavailable
from tests.api.conftest import Connect

OLD_PAGE = """\
<!doctype html><html><head>
<base href="/" data-inject-target="BASE_URL" />
<script>
  const DEFAULT_CONFIG = null;
  const JAEGER_CONFIG = DEFAULT_CONFIG;
  const JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
  const JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;
  const JAEGER_VERSION = DEFAULT_VERSION;
</script>
<script type="module" src="static/index-B8xQ2fZk.js"></script></head>
<body><div id="jaeger-ui-root"></div></body></html>
"""
NEW_PAGE = OLD_PAGE.replace(
    '<base href="/" data-inject-target="BASE_URL" />', "<script>findBase()</script>"
)
SCRIPT = "console.log('Jaeger');" * 100
CAPABILITIES = {
    "archiveStorage": False,
    "metricsStorage": True,
    "searchWithoutServiceName": True,
    "aiAssistant": False,
}
VERSION = {"gitCommit": "", "gitVersion": "1.2.3", "buildDate": ""}
BASE = '<base href="/jaeger/" data-inject-target="BASE_URL"'

Get = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "ui"
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text(OLD_PAGE)
    (folder / "favicon.ico").write_bytes(b"\0icon")
    (folder / ".hidden").write_text("secret")
    (folder / "static" / "index-B8xQ2fZk.js").write_text(SCRIPT)
    (folder / "static" / "plain.css").write_text("a{}")
    (folder / "static" / "odd.bin").write_text("odd")
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    return folder


@pytest.fixture
def get(connect: Connect) -> Get:
    """Ask an API with these settings, as a browser would."""

    async def ask(path: str, config: JaegerConfig | None = None, **headers: str) -> ClientResponse:
        api = await connect(ApiConfig(jaeger=config or JaegerConfig()), version="1.2.3")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(path, encoded=True)
        response = await api.http.get(url, headers=sent, allow_redirects=False)
        await response.read()
        return response

    return ask


def injected(page: str, name: str) -> object:
    """What the page's script has for ``name``, read as Kiali does."""
    found = re.search(rf"const JAEGER_{name} = ([^;]*);", page)
    assert found is not None, page
    return json.loads(found[1])


def policy(response: ClientResponse) -> dict[str, list[str]]:
    words = [rule.split() for rule in response.headers["Content-Security-Policy"].split(";")]
    return {rule[0]: rule[1:] for rule in words}


def digests(page: str) -> list[str]:
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'"
        for each in scripts
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/jaeger",
        "/jaeger/",
        "/jaeger/search?service=cart&limit=20",
        "/jaeger/trace/abc?uiFind=x",
        "/jaeger/trace/a...b",
        "/jaeger/dependencies",
        "/jaeger/index.html",
        "/jaeger/static",
        "/jaeger/no/such/file.js",
    ],
)
async def test_every_view_of_the_ui_is_the_filled_page(get: Get, bundle: Path, path: str) -> None:
    response = await get(path, JaegerConfig(ui=str(bundle)))
    page = await response.text()

    assert (200, "text/html") == (response.status, response.content_type)
    assert BASE in page
    assert VERSION == injected(page, "VERSION")
    assert CAPABILITIES == injected(page, "STORAGE_CAPABILITIES")
    assert CAPABILITIES == injected(page, "BACKEND_CAPABILITIES")
    assert "const JAEGER_CONFIG = DEFAULT_CONFIG;" in page
    assert "no-cache" == response.headers["Cache-Control"]


async def test_the_page_may_run_its_own_scripts_and_no_others(get: Get, bundle: Path) -> None:
    response = await get("/jaeger/search", JaegerConfig(ui=str(bundle)))
    allowed = policy(response)["script-src"]

    assert digests(await response.text()) == [each for each in allowed if "sha256" in each]
    assert "'unsafe-inline'" not in allowed
    assert ["'self'"] == policy(response)["base-uri"]


async def test_a_page_that_finds_its_base_itself_is_helped_where_it_cannot(
    get: Get, bundle: Path
) -> None:
    (bundle / "index.html").write_text(NEW_PAGE)
    config = JaegerConfig(ui=str(bundle))
    bare = await (await get("/jaeger", config)).text()
    below = await (await get("/jaeger/search", config)).text()

    assert bare.startswith(f"<!doctype html><html><head>{BASE} />")
    assert "<base" not in below


async def test_the_ui_is_configured_by_a_file(get: Get, bundle: Path, tmp_path: Path) -> None:
    wanted = {"dependencies": {"menuEnabled": False}, "text": "</script>"}
    file = tmp_path / "ui.json"
    file.write_text(json.dumps(wanted))
    response = await get("/jaeger/", JaegerConfig(ui=str(bundle), ui_config=str(file)))
    page = await response.text()

    assert wanted == injected(page, "CONFIG")
    assert 2 == page.count("</script>")


@pytest.mark.parametrize(
    ("name", "content_type", "caching"),
    [
        (
            "static/index-B8xQ2fZk.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("static/plain.css", "text/css; charset=utf-8", "no-cache"),
        ("static/odd.bin", "application/octet-stream", "no-cache"),
        ("favicon.ico", "image/x-icon", "no-cache"),
    ],
)
async def test_files_come_with_their_type_and_are_cached(
    get: Get, bundle: Path, name: str, content_type: str, caching: str
) -> None:
    response = await get(f"/jaeger/{name}", JaegerConfig(ui=str(bundle)))

    assert (bundle / name).read_bytes() == await response.read()
    assert content_type == response.headers["Content-Type"]
    assert caching == response.headers["Cache-Control"]
    assert "'unsafe-inline'" not in policy(response)["script-src"]


async def test_a_file_that_the_browser_has_is_not_sent_again(get: Get, bundle: Path) -> None:
    config = JaegerConfig(ui=str(bundle))
    tag = (await get("/jaeger/static/plain.css", config)).headers["ETag"]
    response = await get("/jaeger/static/plain.css", config, If_None_Match=tag)

    assert (304, b"") == (response.status, await response.read())


async def test_text_is_compressed(connect: Connect, bundle: Path) -> None:
    api = await connect(ApiConfig(jaeger=JaegerConfig(ui=str(bundle))))
    path = "/jaeger/static/index-B8xQ2fZk.js"
    async with api.http.get(path, headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as it:
        body = await it.read()

    assert "gzip" == it.headers["Content-Encoding"]
    assert SCRIPT.encode() == gzip.decompress(body)


@pytest.mark.parametrize(
    "path",
    [
        "/jaeger/../outside.txt",
        "/jaeger/%2e%2e/outside.txt",
        "/jaeger/..%2foutside.txt",
        "/jaeger/static/..%5c..%5coutside.txt",
        "/jaeger//etc/passwd",
        "/jaeger/%00",
        "/jaeger/link.txt",
        "/jaeger/.hidden",
    ],
)
async def test_nothing_outside_the_bundle_is_served(get: Get, bundle: Path, path: str) -> None:
    response = await get(path, JaegerConfig(ui=str(bundle)))
    body = await response.text()

    assert "secret" not in body
    assert "root:" not in body
    assert response.status in (200, 400, 404)


async def test_a_file_that_is_gone_is_not_found(connect: Connect, bundle: Path) -> None:
    api = await connect(ApiConfig(jaeger=JaegerConfig(ui=str(bundle))))
    (bundle / "favicon.ico").unlink()
    async with api.http.get("/jaeger/favicon.ico") as response:
        assert 404 == response.status


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ui": "{tmp}/nowhere"}, "query.jaeger.ui: .*nowhere is no built Jaeger UI"),
        ({"ui": "{tmp}"}, "query.jaeger.ui: .* is no built Jaeger UI"),
        ({"ui": "{tmp}/ui", "ui_config": "{tmp}/none"}, "query.jaeger.ui_config: .*none"),
        ({"ui": "{tmp}/ui", "ui_config": "{tmp}/outside.txt"}, "is no JSON object"),
    ],
)
async def test_a_ui_that_is_not_there_is_told_at_once(
    connect: Connect, bundle: Path, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    named = {name: value.format(tmp=tmp_path) for name, value in settings.items()}

    with pytest.raises(UiUnavailable, match=message):
        await connect(ApiConfig(jaeger=JaegerConfig(**named)))


@pytest.mark.parametrize("path", ["/jaeger", "/jaeger/", "/jaeger/search", "/jaeger/trace/x"])
async def test_without_a_ui_a_page_says_what_is_here(get: Get, path: str) -> None:
    response = await get(path)
    page = await response.text()

    assert (200, "text/html") == (response.status, response.content_type)
    assert VERSION == injected(page, "VERSION")
    assert '<div id="jaeger-ui-root"></div>' in page
    assert "--jaeger-ui" in page
    assert "/api/v1/traces/" not in page
    assert digests(page) == policy(response)["script-src"]
    assert '<a href="/jaeger/api/services">' in page


async def test_the_page_shows_the_way_to_the_trace_of_its_path(get: Get) -> None:
    page = await (await get("/jaeger/trace/4BF92F3577B34DA6?uiFind=x")).text()

    assert '<a href="/trace/00000000000000004bf92f3577b34da6">' in page
    assert '<a href="/api/v1/traces/00000000000000004bf92f3577b34da6">' in page


async def test_nothing_of_an_address_gets_into_the_page(get: Get) -> None:
    page = await (await get("/jaeger/trace/%3Cscript%3E?a=%3Cscript%3Ealert(1)")).text()

    assert 1 == page.count("<script>")


async def test_without_a_base_path_the_ui_is_at_the_root(get: Get, bundle: Path) -> None:
    config = JaegerConfig(ui=str(bundle), base_path="")
    page = await (await get("/search", config)).text()
    missing = await get("/api/nothing", config)

    assert '<base href="/" data-inject-target="BASE_URL"' in page
    assert (404, "application/json") == (missing.status, missing.content_type)


@pytest.mark.parametrize("path", ["/jaeger/api/nothing", "/nothing"])
async def test_what_is_no_page_is_not_found(get: Get, bundle: Path, path: str) -> None:
    assert 404 == (await get(path, JaegerConfig(ui=str(bundle)))).status
