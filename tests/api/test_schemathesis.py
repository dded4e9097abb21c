"""Generated requests against a real server: every answer is what ``openapi.yaml`` declares."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api import ApiConfig, create_app
from tests.api.contract import contract
from tests.api.graph_reader import bookinfo_graph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import NOON_NS, sample_spans

schema = schemathesis.openapi.from_dict(contract())


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """Serve the sample mesh from a thread of its own, on a free port."""
    loop = asyncio.new_event_loop()
    reader = ReferenceReader(sample_spans())
    app = create_app(ApiConfig(), reader, bookinfo_graph(), now_ns=lambda: NOON_NS)
    runner = web.AppRunner(app)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host_and_port: tuple[str, int] = runner.addresses[0]
        return host_and_port[1]

    port = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@schema.parametrize()
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_generated_request_is_answered_as_declared(
    case: schemathesis.Case, base_url: str
) -> None:
    # Not "what fits the schemas is accepted": that "last" excludes "from", that a time is before
    # 2262 or that a condition follows its grammar is for test_parameters.py, not for a schema.
    case.call_and_validate(base_url=base_url, excluded_checks=[positive_data_acceptance])
