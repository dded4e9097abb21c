"""The API over Bookinfo's edges, asked a minute after its traffic."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.api.conftest import Connect
from tests.api.graph_reader import TableGraph
from tests.api.sample import NOON_NS
from tests.api.shapes.tables import bookinfo_lines, edges, operations, workload

CRON = workload("cron")


@pytest.fixture
def store() -> TableGraph:
    return TableGraph(
        [(NOON_NS, edges(bookinfo_lines()))], [(NOON_NS, operations(CRON))], settled_ns=2**62
    )


@pytest.fixture
async def http(connect: Connect, store: TableGraph) -> TestClient[Any, Any]:
    return (await connect(graph=store)).http
