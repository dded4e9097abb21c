"""``docs/jaeger.md``: every route has a line and a command, and every command works."""

import re
from pathlib import Path

import pytest
from yarl import URL

from api import ApiConfig, create_app
from api.jaeger.config import JaegerConfig
from tests.api.conftest import ApiClient
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import CART_TRACE

TEXT = (Path(__file__).parents[3] / "docs" / "jaeger.md").read_text()
TABLE = set(re.findall(r"`((?:GET|POST) /[^`]*)`", TEXT.partition("## Routes")[2]))
COMMANDS = re.findall(
    r"^curl -s (?:-X (POST) )?['\"]localhost:16686(/[^'\"]*)['\"]$", TEXT, re.MULTILINE
)
UPLOAD = ("POST", "/api/transform")


def routes() -> dict[tuple[str, str], str]:
    """Jaeger's routes at the root, and its pages; each with a pattern of its paths."""
    app = create_app(ApiConfig(), ReferenceReader([]), TableGraph())
    found: dict[tuple[str, str], str] = {}
    for route in app.router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        is_api = path.startswith("/api/") and not path.startswith("/api/v1/")
        is_page = path in ("/", "/search", "/trace/{trace_id}", "/jaeger", "/jaeger/{rest}")
        if route.method in ("GET", "POST") and (is_api or is_page):
            found[route.method, path] = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))
    return found


def test_every_route_is_in_the_table() -> None:
    assert {f"{method} {path}" for method, path in routes()} == TABLE


def test_every_route_has_a_command() -> None:
    shown = [(method or "GET", URL(path).path) for method, path in COMMANDS] + [UPLOAD]

    assert [] == [
        (method, path)
        for (method, path), pattern in routes().items()
        if not any(method == used and re.fullmatch(pattern, at) for used, at in shown)
    ]


@pytest.mark.parametrize(("method", "path"), COMMANDS)
async def test_every_command_works(api: ApiClient, method: str, path: str) -> None:
    for name, value in {
        "$ID": CART_TRACE,
        "$FROM": "2026-11-20T11:00:00Z",
        "$TO": "2026-11-20T13:00:00Z",
        "productpage.default": "cart.shop",
    }.items():
        path = path.replace(name, value)
    async with api.http.request(method or "GET", URL(path, encoded=True)) as response:
        body = await response.text()

    assert (500 if "/archive/" in path else 200) == response.status, body


def test_limits_are_those_of_the_settings() -> None:
    config = JaegerConfig()

    assert f"without `limit` {config.default_limit}, at most {config.max_limit:,}" in TEXT
    assert f"{config.max_upload_bytes >> 20} MiB (`query.jaeger.max_upload_bytes`)" in TEXT
    assert f"{config.max_spans:,} spans (`query.jaeger.max_spans`)" in TEXT
