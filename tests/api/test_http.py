"""What every answer has in common: compression, entity tags, HEAD, CORS, headers."""

import gzip

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from api import ApiConfig, create_app
from api.responses import accepts_gzip
from tests.api.conftest import ApiClient, Connect
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader

TRACE = "/api/v1/traces/c47"
ROUTES = [
    "/api/v1/services",
    "/api/v1/services/cart/operations",
    "/api/v1/traces",
    TRACE,
    "/api/v1/requests/3f1c2e9a-5b7d-9c3e-8f21-aa10bc93d7e4",
    "/api/v1/attributes",
    "/api/v1/attributes/node_id/values",
    "/api/v1/search/histogram",
    "/api/v1/openapi.yaml",
    "/api/v1/openapi.json",
]


async def raw(api: ApiClient, path: str, method: str = "GET", **headers: str) -> ClientResponse:
    """Ask without the client's own compression and decompression."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.request(
        method, path, headers={"Accept-Encoding": "identity", **names}, auto_decompress=False
    )


async def test_a_large_answer_is_compressed_for_clients_that_accept_it(api: ApiClient) -> None:
    plain = await raw(api, TRACE)
    small = await raw(api, TRACE, Accept_Encoding="br, gzip;q=0.5")

    assert ("gzip", None) == (
        small.headers.get("Content-Encoding"),
        plain.headers.get("Content-Encoding"),
    )
    assert await plain.read() == gzip.decompress(await small.read())
    assert "Accept-Encoding" == small.headers["Vary"]


async def test_a_small_answer_is_not_worth_compressing(api: ApiClient) -> None:
    response = await raw(api, "/api/v1/services/x/operations", Accept_Encoding="gzip")

    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("deflate, GZIP ; q=0.5", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=1.0", True),
        ("identity", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_accepted_if_named_with_a_weight_above_zero(header: str, expected: bool) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": header})

    assert expected is accepts_gzip(request)


@pytest.mark.parametrize("path", ROUTES)
async def test_what_has_not_changed_is_a_304_without_a_body(api: ApiClient, path: str) -> None:
    first = await raw(api, path)
    second = await raw(api, path, If_None_Match=f'"other", {first.headers["ETag"]}')
    third = await raw(api, path, If_None_Match='"other"')

    assert (200, 304, 200) == (first.status, second.status, third.status)
    assert (b"", first.headers["ETag"]) == (await second.read(), second.headers["ETag"])


async def test_the_entity_tag_does_not_depend_on_the_encoding(api: ApiClient) -> None:
    plain = await raw(api, TRACE)
    small = await raw(api, TRACE, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])

    assert 304 == small.status


@pytest.mark.parametrize("path", ROUTES)
async def test_head_answers_as_get_without_the_body(api: ApiClient, path: str) -> None:
    get = await raw(api, path)
    head = await raw(api, path, "HEAD")

    assert (200, b"") == (head.status, await head.read())
    assert {**get.headers, "Date": ""} == {**head.headers, "Date": ""}


@pytest.mark.parametrize("path", [TRACE, "/nowhere", "/api/v1/traces?limit=0"])
async def test_every_answer_has_the_security_headers(api: ApiClient, path: str) -> None:
    response = await raw(api, path)

    assert "nosniff" == response.headers["X-Content-Type-Options"]
    assert (
        "default-src 'none'; frame-ancestors 'none'" == response.headers["Content-Security-Policy"]
    )
    assert "spanloom" == response.headers["Server"]


async def test_cors_is_off_by_default(api: ApiClient) -> None:
    response = await raw(api, TRACE, Origin="https://ui.example.com")
    preflight = await raw(
        api,
        TRACE,
        "OPTIONS",
        Origin="https://ui.example.com",
        Access_Control_Request_Method="GET",
    )

    assert "Access-Control-Allow-Origin" not in response.headers
    assert 405 == preflight.status


@pytest.mark.parametrize(
    ("allowed", "origin", "expected"),
    [
        (("https://ui.example.com",), "https://ui.example.com", "https://ui.example.com"),
        (("https://ui.example.com",), "https://evil.example.com", None),
        (("https://ui.example.com",), "https://ui.example.com:8443", None),
        (("*",), "https://any.example.com", "*"),
    ],
)
@pytest.mark.parametrize("path", [TRACE, "/api/v1/traces/beef"])
async def test_pages_of_allowed_origins_may_read_answers_and_errors(
    connect: Connect, allowed: tuple[str, ...], origin: str, expected: str | None, path: str
) -> None:
    api = await connect(ApiConfig(cors_allowed_origins=allowed))

    response = await raw(api, path, Origin=origin)

    assert expected == response.headers.get("Access-Control-Allow-Origin")
    assert "Origin" in response.headers["Vary"]


async def test_a_preflight_of_an_allowed_origin_is_granted(connect: Connect) -> None:
    api = await connect(ApiConfig(cors_allowed_origins=("https://ui.example.com",)))

    response = await raw(
        api,
        TRACE,
        "OPTIONS",
        Origin="https://ui.example.com",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )

    assert (204, "GET, HEAD, POST", "If-None-Match, Content-Type") == (
        response.status,
        response.headers["Access-Control-Allow-Methods"],
        response.headers["Access-Control-Allow-Headers"],
    )


async def test_the_api_can_be_mounted_under_a_prefix(reader: ReferenceReader) -> None:
    outer = web.Application()
    outer.add_subapp("/inner", create_app(ApiConfig(), reader, TableGraph()))

    async with TestClient(TestServer(outer)) as client:
        found = await client.get("/inner/api/v1/traces/c47")
        missing = await client.get("/inner/api/v1/nothing")

        assert (200, 404) == (found.status, missing.status)
        assert "route_not_found" == (await missing.json())["error"]["code"]
