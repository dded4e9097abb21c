import asyncio
import threading

import pytest

from spanloom.config import RetentionSettings
from spanloom.housekeeping import keep_retention, measure_store
from spanloom.self_metrics import retention_failures, store_up
from storage.interface import RetentionReport, StoreState, StoreStats, StoreUnavailable


class FakeStore:
    """A store whose retention and state are looked at."""

    def __init__(self):
        self.runs = []
        self.ran_twice = threading.Event()
        self.failure = None
        self.answer = StoreState.OK

    def apply_retention(self, now_ns, max_age_ns, max_bytes):
        self.runs.append((max_age_ns, max_bytes))
        if len(self.runs) == 2:
            self.ran_twice.set()
        if self.failure:
            raise self.failure
        return RetentionReport(spans_deleted=1, by_age=1, by_size=0)

    def state(self):
        return self.answer

    def stats(self):
        if self.failure:
            raise self.failure
        return StoreStats(5, 1000, 1, 2, 1)


@pytest.fixture
async def start():
    tasks = []
    yield lambda work: tasks.append(asyncio.create_task(work))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_retention_runs_again_and_again_with_its_bounds(start):
    store = FakeStore()
    start(keep_retention(store, RetentionSettings(max_age_ns=7, max_bytes=None, interval_s=0.01)))
    await asyncio.to_thread(store.ran_twice.wait, 30)

    assert [(7, None), (7, None)] == store.runs[:2]


async def test_a_retention_that_fails_is_counted_and_tried_again(start):
    store = FakeStore()
    store.failure = StoreUnavailable("locked")
    before = retention_failures._value.get()
    start(keep_retention(store, RetentionSettings(interval_s=0.01)))
    await asyncio.to_thread(store.ran_twice.wait, 30)

    assert retention_failures._value.get() > before


@pytest.mark.parametrize(
    ("answer", "failure", "state", "up"),
    [
        (StoreState.OK, None, StoreState.OK, 1),
        (StoreState.UNAVAILABLE, None, StoreState.UNAVAILABLE, 0),
        (StoreState.OK, StoreUnavailable("gone"), StoreState.UNAVAILABLE, 0),
    ],
)
def test_the_store_is_measured_for_health_and_metrics(answer, failure, state, up):
    store = FakeStore()
    store.answer, store.failure = answer, failure

    assert state is measure_store(store)
    assert up == store_up._value.get()
