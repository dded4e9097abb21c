import asyncio
import os
import threading
import time

import pytest

from spanloom.housekeeping import keep_mesh_metrics, keep_retention, keep_rollups, measure_store
from spanloom.lead import Lead
from spanloom.self_metrics import (
    mesh_metrics_failures,
    retention_failures,
    rollup_failures,
    store_up,
)
from spanloom.store_settings import RetentionSettings, RollupSettings
from storage.interface import (
    RetentionReport,
    RollupReport,
    StoreState,
    StoreStats,
    StoreUnavailable,
)


class FakeStore:
    """A store whose retention and state are looked at."""

    def __init__(self):
        self.runs = []
        self.ran_twice = threading.Event()
        self.failure = None
        self.answer = StoreState.OK

    def lead(self):
        return True

    def apply_retention(self, now_ns, max_age_ns, max_bytes):
        self.runs.append((max_age_ns, max_bytes))
        if len(self.runs) == 2:
            self.ran_twice.set()
        if self.failure:
            raise self.failure
        return RetentionReport(spans_deleted=1, by_age=1, by_size=0)

    def roll_up(self, now_ns):
        self.runs.append((now_ns, threading.current_thread().name, os.nice(0)))
        if len(self.runs) == 2:
            self.ran_twice.set()
        if self.failure:
            raise self.failure
        return RollupReport(minutes=0, corrected=0, spans=0, rows=0)

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
    start(
        keep_retention(
            store,
            Lead(store, held=True),
            RetentionSettings(max_age_ns=7, max_bytes=None, interval_s=0.01),
        )
    )
    await asyncio.to_thread(store.ran_twice.wait, 30)

    assert [(7, None), (7, None)] == store.runs[:2]


async def test_a_retention_that_fails_is_counted_and_tried_again(start):
    store = FakeStore()
    store.failure = StoreUnavailable("locked")
    before = retention_failures._value.get()
    start(keep_retention(store, Lead(store, held=True), RetentionSettings(interval_s=0.01)))
    await asyncio.to_thread(store.ran_twice.wait, 30)

    assert retention_failures._value.get() > before


async def test_rollups_run_again_and_again_in_a_thread_that_gives_way(start):
    store = FakeStore()
    begin_ns = time.time_ns()
    start(keep_rollups(store, Lead(store, held=True), RollupSettings(interval_s=0.01)))
    await asyncio.to_thread(store.ran_twice.wait, 30)

    first, second = store.runs[:2]
    assert begin_ns < first[0] < second[0]
    assert "rollups_0" == first[1] == second[1]
    assert os.nice(0) < first[2] == second[2]


async def test_rollups_that_fail_are_counted_and_tried_again(start):
    store = FakeStore()
    store.failure = StoreUnavailable("locked")
    before = rollup_failures._value.get()
    start(keep_rollups(store, Lead(store, held=True), RollupSettings(interval_s=0.01)))
    await asyncio.to_thread(store.ran_twice.wait, 30)

    assert rollup_failures._value.get() > before


async def test_a_reading_for_the_metrics_of_the_mesh_that_fails_is_counted_and_tried_again(start):
    class Metrics:
        def __init__(self):
            self.runs = 0
            self.ran_twice = threading.Event()

        def read(self, now_ns):
            self.runs += 1
            if self.runs == 2:
                self.ran_twice.set()
            raise StoreUnavailable("locked")

    metrics = Metrics()
    before = mesh_metrics_failures._value.get()
    start(keep_mesh_metrics(metrics, 0.01))
    await asyncio.to_thread(metrics.ran_twice.wait, 30)

    assert mesh_metrics_failures._value.get() > before


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
