"""``docs/graph-formats.md``: every route has a line, and every line works."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from api import ApiConfig, create_app
from api.shapes.routes import PREFIXES
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader

TEXT = (Path(__file__).parents[3] / "docs" / "graph-formats.md").read_text()
SHOWN = re.findall(r"\| `curl -s (?:-X (\w+) )?'localhost:16686(/[^']*)'` \|", TEXT)


def routes() -> set[str]:
    app = create_app(ApiConfig(), ReferenceReader([]), TableGraph())
    return {
        resource.canonical
        for resource in app.router.resources()
        if resource.canonical.startswith(PREFIXES)
    }


def test_every_route_is_shown() -> None:
    patterns = {route: re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(route)) for route in routes()}
    paths = [URL(path).path for _, path in SHOWN]

    assert len(patterns) > 10
    assert [] == [
        route
        for route, pattern in patterns.items()
        if not any(re.fullmatch(pattern, path) for path in paths)
    ]


@pytest.mark.parametrize(("method", "path"), SHOWN)
async def test_every_line_works(http: TestClient[Any, Any], method: str, path: str) -> None:
    response = await http.request(method or "GET", URL(path, encoded=True))
    body = await response.text()

    assert 200 == response.status, body
    assert method == "POST" or body
