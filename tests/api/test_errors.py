"""Every answer that is no success has one shape."""

from collections.abc import Callable

import pytest

from storage.interface import QueryTimeout, StoreError, StoreUnavailable
from tests.api.conftest import ApiClient
from tests.api.reference_reader import ReferenceReader

READING_ROUTES = [
    "/api/v1/services",
    "/api/v1/services/cart/operations",
    "/api/v1/traces",
    "/api/v1/traces?trace_id=1",
    "/api/v1/traces/c47",
    "/api/v1/requests/abc",
    "/api/v1/attributes",
    "/api/v1/attributes/node_id/values",
    "/api/v1/search/histogram",
]


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize("path", READING_ROUTES)
@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (QueryTimeout("too slow"), 504, "query_timeout", None),
        (StoreUnavailable("the file is locked"), 503, "store_unavailable", "5"),
        (StoreError("broken index"), 500, "store_error", None),
    ],
)
async def test_the_errors_of_the_store_are_told_apart(
    api: ApiClient,
    reader: ReferenceReader,
    path: str,
    error: Exception,
    status: int,
    code: str,
    retry_after: str | None,
) -> None:
    reader.before = raising(error)

    path, _, query = path.partition("?")
    pairs = [(query.partition("=")[0], query.partition("=")[2])] if query else []
    response = await api.get(path, *pairs)

    assert (status, retry_after) == (response.status, response.headers.get("Retry-After"))
    assert code == (await response.json())["error"]["code"]


async def test_a_bug_is_a_500_that_tells_nothing_of_the_inside_and_is_logged(
    api: ApiClient, reader: ReferenceReader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.before = raising(KeyError("secret"))

    status, error = await api.error("/api/v1/services")

    assert (500, "internal_error") == (status, error["code"])
    assert "secret" not in str(error)
    assert "GET /api/v1/services failed" in caplog.text
    assert "KeyError: 'secret'" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "route_not_found"),
        ("GET", "/api/v1", 404, "route_not_found"),
        ("GET", "/api/v1/services/", 404, "route_not_found"),
        ("GET", "/api/v1/traces/a/b", 404, "route_not_found"),
        ("GET", "/api/v1/%00%ff", 404, "route_not_found"),
        ("POST", "/nowhere", 404, "route_not_found"),
        ("POST", "/api/v1/traces", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/traces/c47", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/traces", 405, "method_not_allowed"),
        ("PROPFIND", "/api/v1/traces", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_is_said_in_the_same_shape(
    api: ApiClient, method: str, path: str, status: int, code: str
) -> None:
    response = await api.http.request(method, path, data=b"x" if method == "POST" else None)
    error = (await response.json())["error"]

    assert (status, code, "application/json") == (
        response.status,
        error["code"],
        response.content_type,
    )
    assert error["message"]


async def test_a_method_that_is_not_allowed_learns_which_are(api: ApiClient) -> None:
    response = await api.http.post("/api/v1/traces")

    assert "GET,HEAD" == response.headers["Allow"]


@pytest.mark.parametrize("header", ["Accept-Encoding", "If-None-Match", "Origin", "Accept"])
async def test_odd_headers_do_no_harm(api: ApiClient, header: str) -> None:
    response = await api.http.get("/api/v1/services", headers={header: ';;="\u00ff,*/*;q='})

    assert (200, "application/json") == (response.status, response.content_type)


@pytest.mark.parametrize("path", ["/api/v1/services", "/nowhere"])
async def test_an_expectation_that_cannot_be_met_is_said_in_the_same_shape(
    api: ApiClient, path: str
) -> None:
    response = await api.http.get(path, headers={"Expect": "the-unexpected"})

    assert (417, "expectation_failed") == (
        response.status,
        (await response.json())["error"]["code"],
    )
