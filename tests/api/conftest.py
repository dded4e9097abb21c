"""A running API over the sample mesh, and a client that holds every answer to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from api import ApiConfig, create_app
from tests.api.contract import check_response
from tests.api.graph_reader import TableGraph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import NOON_NS, SECOND, sample_spans


class ApiClient:
    """Asks the API and checks the answers against the contract."""

    def __init__(self, http: TestClient[Any, Any]) -> None:
        self.http = http

    async def get(self, path: str, *pairs: tuple[str, str], **headers: str) -> ClientResponse:
        url = URL.build(path=path, encoded=True).with_query(list(pairs))
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await self.http.get(url, headers=names)
        body = await response.read()
        if response.status != 304:
            check_response(
                url.raw_path, response.status, response.content_type, msgspec.json.decode(body)
            )
        return response

    async def json(self, path: str, *pairs: tuple[str, str]) -> Any:
        response = await self.get(path, *pairs)
        assert response.status == 200, await response.text()
        return await response.json()

    async def error(self, path: str, *pairs: tuple[str, str]) -> tuple[int, dict[str, str]]:
        response = await self.get(path, *pairs)
        return response.status, (await response.json())["error"]


Connect = Callable[..., Awaitable[ApiClient]]


@pytest.fixture
def reader() -> ReferenceReader:
    return ReferenceReader(sample_spans())


@pytest.fixture
async def connect(reader: ReferenceReader) -> AsyncIterator[Connect]:
    """Start an API with settings of one's own; a minute past noon of the sample's day."""
    clients: list[TestClient[Any, Any]] = []

    async def start(
        config: ApiConfig | None = None, of: Any = None, graph: Any = None, **more: Any
    ) -> ApiClient:
        app = create_app(
            config or ApiConfig(),
            of or reader,
            graph or TableGraph(),
            now_ns=lambda: NOON_NS + 60 * SECOND,
            **more,
        )
        client: TestClient[Any, Any] = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return ApiClient(client)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def api(connect: Connect) -> ApiClient:
    return await connect()
