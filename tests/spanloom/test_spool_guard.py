import asyncio

import pytest

from collector.interface import SpoolFull
from spanloom import spool_guard
from spanloom.spool_guard import SpoolGuard


class FakeSpool:
    """A spool that fails when it is told to."""

    def __init__(self):
        self.bodies = []
        self.full = False
        self.failure = None

    def append(self, body, span_count, done):
        if self.full:
            raise SpoolFull("full")
        self.bodies.append(body)
        done(self.failure)


@pytest.fixture
async def watched(monkeypatch):
    """A guard over a fake spool, and what it told."""
    monkeypatch.setattr(spool_guard, "_PROBE_INTERVAL_S", 0.01)
    spool, told = FakeSpool(), asyncio.Queue()
    guard = SpoolGuard(spool, asyncio.get_running_loop(), told.put_nowait)
    watch = asyncio.create_task(guard.watch())
    yield spool, guard, told
    watch.cancel()


async def test_a_spool_is_tried_before_anything_comes(watched):
    spool, _, told = watched

    assert await told.get()
    assert [b""] == spool.bodies


async def test_a_full_spool_is_told_once_and_its_recovery_without_traffic(watched):
    spool, guard, told = watched
    assert await told.get()
    spool.full = True
    for _ in range(3):
        with pytest.raises(SpoolFull):
            guard.append(b"x", 1, lambda _: None)

    assert not await told.get()
    spool.full = False
    assert await told.get()
    assert told.empty()


async def test_a_commit_that_fails_is_told_and_reaches_its_request(watched):
    spool, guard, told = watched
    assert await told.get()
    spool.failure = OSError("disk full")
    verdicts = []
    guard.append(b"x", 1, verdicts.append)

    assert [spool.failure] == verdicts
    assert not await told.get()
