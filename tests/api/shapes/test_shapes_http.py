"""What answers in every dialect have in common with our own."""

import gzip
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

Http = TestClient[Any, Any]

PATHS = [
    "/api/v1/graph?format=dot",
    "/api/v1/graph?format=mermaid",
    "/servicegraph/graph",
    "/servicegraph/dotviz",
    "/vizceral/graph",
    "/kiali/api/namespaces/graph?namespaces=default&queryTime=1792497660",
    "/grafana/nodegraph/api/graph/data",
]


@pytest.mark.parametrize("path", PATHS)
async def test_what_has_not_changed_is_a_304(http: Http, path: str) -> None:
    first = await http.get(path)
    again = await http.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (200, 304, b"") == (first.status, again.status, await again.read())


@pytest.mark.parametrize("path", PATHS)
async def test_head_answers_as_get_without_the_body(http: Http, path: str) -> None:
    get, head = await http.get(path), await http.head(path)

    assert (200, b"") == (head.status, await head.read())
    assert {**get.headers, "Date": ""} == {**head.headers, "Date": ""}


@pytest.mark.parametrize("path", ["/servicegraph/graph", "/vizceral/graph"])
async def test_what_is_long_is_compressed_for_clients_that_accept_it(http: Http, path: str) -> None:
    plain = await http.get(path, headers={"Accept-Encoding": "identity"})
    small = await http.request(
        "GET", path, headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )

    assert ("gzip", None) == (
        small.headers.get("Content-Encoding"),
        plain.headers.get("Content-Encoding"),
    )
    assert await plain.read() == gzip.decompress(await small.read())


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_has_the_security_headers(http: Http, path: str) -> None:
    response = await http.get(path)

    assert "nosniff" == response.headers["X-Content-Type-Options"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
