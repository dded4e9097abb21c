"""Queries have their own threads, a bounded queue and a time limit."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from api import ApiConfig
from api.errors import Overloaded
from api.queries import Queries
from storage.interface import QueryTimeout
from tests.api.conftest import ApiClient, Connect
from tests.api.reference_reader import ReferenceReader


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class Gate:
    """Holds queries inside of the store until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self) -> None:
        self.entered.release()
        assert self.open.wait(30)


async def test_a_request_beyond_the_queue_is_told_to_come_back(
    connect: Connect, reader: ReferenceReader
) -> None:
    api = await connect(ApiConfig(max_concurrent_queries=1, max_queued_queries=0))
    reader.before = gate = Gate()
    refused = metric("spanloom_api_queries_refused_total")
    first = asyncio.create_task(api.get("/api/v1/services"))
    await asyncio.to_thread(gate.entered.acquire)

    second = await api.get("/api/v1/services")
    contract = await api.http.get("/api/v1/openapi.yaml")
    gate.open.set()

    assert (503, "1") == (second.status, second.headers["Retry-After"])
    assert "overloaded" == (await second.json())["error"]["code"]
    assert 200 == contract.status  # needs no store
    assert 200 == (await first).status
    assert 200 == (await api.get("/api/v1/services")).status
    assert 1 == metric("spanloom_api_queries_refused_total") - refused


async def test_as_many_run_and_wait_as_the_settings_say_and_one_more_is_refused() -> None:
    queries = Queries(ApiConfig(max_concurrent_queries=2, max_queued_queries=3))
    gate = Gate()
    waiting = metric("spanloom_api_queries_waiting")
    admitted = [asyncio.create_task(queries.run(lambda _: gate())) for _ in range(5)]
    for _ in range(2):
        await asyncio.to_thread(gate.entered.acquire)

    with pytest.raises(Overloaded):
        await queries.run(lambda _: None)
    running, queued = (
        metric("spanloom_api_queries_running"),
        metric("spanloom_api_queries_waiting") - waiting,
    )
    gate.open.set()
    await asyncio.gather(*admitted)
    await queries.close()

    assert (2, 3) == (running, queued)
    assert waiting == metric("spanloom_api_queries_waiting")


async def test_waiting_for_a_thread_uses_up_the_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("api.queries.time", SimpleNamespace(monotonic=lambda: clock.now))
    queries = Queries(ApiConfig(max_concurrent_queries=1, query_timeout_s=30))
    gate = Gate()
    first = asyncio.create_task(queries.run(lambda _: gate()))
    await asyncio.to_thread(gate.entered.acquire)
    second = asyncio.create_task(queries.run(lambda _: "too late"))
    await asyncio.sleep(0)

    clock.now = 30.0
    gate.open.set()

    await first
    with pytest.raises(QueryTimeout):
        await second
    await queries.close()


async def test_the_store_is_told_how_much_time_is_left(
    connect: Connect, reader: ReferenceReader
) -> None:
    api = await connect(ApiConfig(query_timeout_s=7))

    await api.get("/api/v1/requests/3f1c2e9a-5b7d-9c3e-8f21-aa10bc93d7e4")

    find, get = reader.timeouts
    assert 7 >= find >= get > 0


async def test_a_request_that_is_given_up_while_waiting_leaves_the_queue() -> None:
    queries = Queries(ApiConfig(max_concurrent_queries=1, max_queued_queries=1))
    gate = Gate()
    running = asyncio.create_task(queries.run(lambda _: gate()))
    await asyncio.to_thread(gate.entered.acquire)
    waiting = asyncio.create_task(queries.run(lambda _: None))
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        await queries.run(lambda _: None)
    waiting.cancel()
    await asyncio.wait([waiting])
    replacement = asyncio.create_task(queries.run(lambda _: "answered"))
    await asyncio.sleep(0)
    gate.open.set()

    assert "answered" == await replacement
    await running
    await queries.close()


async def test_requests_are_counted_by_route_template_and_status(api: ApiClient) -> None:
    labels = {"route": "/api/v1/traces/{trace_id}", "method": "GET", "status": "404"}
    unmatched = {"route": "unmatched", "method": "other", "status": "404"}
    before = metric("spanloom_api_requests_total", **labels)
    before_unmatched = metric("spanloom_api_requests_total", **unmatched)

    await api.get("/api/v1/traces/beef")
    await api.http.request("PROPFIND", "/nowhere/1")

    assert 1 == metric("spanloom_api_requests_total", **labels) - before
    assert 1 == metric("spanloom_api_requests_total", **unmatched) - before_unmatched
