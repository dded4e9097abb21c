"""A capture backend and meshes of real Envoys that export to it."""

from collections.abc import AsyncIterator

import pytest

from tests.deploy.capture import Capture, capture


@pytest.fixture
async def backend() -> AsyncIterator[Capture]:
    async with capture() as running:
        yield running
