"""A store for all rules; each test has a window of time in it that is its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from api import ApiConfig, create_app
from model.graph.calls import Sampling
from storage.config import RollupConfig, StoreConfig
from storage.engines import open_store
from storage.interface import Store
from tests.graph.rules.backend import Arrival, Backend


@pytest.fixture(scope="session")
def live_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Opening a store costs more than a rule; windows of time keep the rules apart."""
    store = open_store(StoreConfig(tmp_path_factory.mktemp("live") / "spans.duckdb"))
    yield store
    store.close()


@pytest.fixture(scope="session")
def rolled_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A second one, so that only what is tested with rollups is rolled up."""
    store = open_store(StoreConfig(tmp_path_factory.mktemp("rolled") / "spans.duckdb"))
    yield store
    store.close()


@pytest.fixture(scope="session")
def free_minutes() -> Iterator[int]:
    """Minutes of the stores' time that no test has taken yet."""
    return itertools.count()


@pytest.fixture
def mesh(live_store: Store, free_minutes: Iterator[int]) -> Backend:
    """Whatever is sent to it arrives in every order."""
    return Backend(live_store, free_minutes)


@pytest.fixture
def rolled_mesh(rolled_store: Store, free_minutes: Iterator[int]) -> Backend:
    """As ``mesh``, answered from rollups and live; its windows are of three minutes."""
    return Backend(rolled_store, free_minutes, minutes=3, rolls_up=True)


@pytest.fixture
def mesh_once(live_store: Store, free_minutes: Iterator[int]) -> Backend:
    """As ``mesh``, where the order of arrival is not the question."""
    return Backend(live_store, free_minutes, [Arrival.IN_ORDER])


class Ask:
    """The query API over a store, at a time of one's choice."""

    def __init__(self, clients: list[TestClient[Any, Any]]) -> None:
        self._clients = clients

    async def __call__(
        self, mesh: Backend, path: str = "/api/v1/graph", now_ns: int | None = None, **query: str
    ) -> tuple[int, Any]:
        """GET ``path`` at the end of the window (or at ``now_ns``): status and document."""
        store, clock_ns = mesh.store, mesh.window.end_ns if now_ns is None else now_ns
        app = create_app(ApiConfig(), store.reader, store.graph, now_ns=lambda: clock_ns)
        client: TestClient[Any, Any] = TestClient(TestServer(app))
        self._clients.append(client)
        await client.start_server()
        response = await client.get(path, params=query)
        return response.status, await response.json()


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    clients: list[TestClient[Any, Any]] = []
    yield Ask(clients)
    for client in clients:
        await client.close()


@pytest.fixture
def sampled_mesh(tmp_path: Path) -> Iterator[Backend]:
    """A store that is told: half of all traces were sampled, of reviews a tenth."""
    rollups = RollupConfig(sampling=Sampling(0.5, {"reviews.default": 0.1}))
    store = open_store(StoreConfig(tmp_path / "spans.duckdb", rollups=rollups))
    yield Backend(store, itertools.count())
    store.close()
