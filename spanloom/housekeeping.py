"""What a process does every so often: rollups, retention, mesh metrics, a look at the store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import structlog

from spanloom.health import Health
from spanloom.lead import Lead
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.self_metrics import (
    mesh_metrics_failures,
    retention_failures,
    rollup_failures,
    store_bytes,
    store_spans,
    store_up,
)
from spanloom.store_settings import RetentionSettings, RollupSettings
from storage.interface import Store, StoreError, StoreState

__all__ = [
    "keep",
    "keep_mesh_metrics",
    "keep_retention",
    "keep_rollups",
    "measure_store",
    "watch_store",
]

_log = structlog.get_logger(__name__)

_WATCH_INTERVAL_S = 5.0
_NICENESS = 10


def keep(parts: contextlib.AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Do ``work`` in a task of its own until ``parts`` ends."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)

    async def end() -> None:
        task.cancel()
        await asyncio.wait((task,))

    parts.push_async_callback(end)


def _log_failure(task: asyncio.Task[None]) -> None:
    """Tell of a task that ended by a fault of ours; the service goes on without it."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.error("a periodic task failed", exc_info=failure)


async def keep_retention(store: Store, lead: Lead, config: RetentionSettings) -> None:
    """Apply the retention every ``config.interval_s``, varied by a tenth, while leading."""
    while True:
        await asyncio.sleep(config.interval_s * random.uniform(0.9, 1.1))  # noqa: S311 - jitter
        try:
            report = await asyncio.to_thread(
                lead.run,
                lambda: store.apply_retention(time.time_ns(), config.max_age_ns, config.max_bytes),
            )
        except StoreError as error:
            retention_failures.inc()
            _log.warning("the retention could not run", error=str(error))
        else:
            if report is not None and report.spans_deleted:
                _log.info(
                    "the retention deleted spans",
                    spans=report.spans_deleted,
                    by_age=report.by_age,
                    by_size=report.by_size,
                )


async def keep_mesh_metrics(metrics: MeshMetrics, interval_s: float) -> None:
    """Count the traces that have come of age, every ``interval_s``, for ever."""
    while True:
        await asyncio.sleep(interval_s)
        try:
            await asyncio.to_thread(metrics.read, time.time_ns())
        except StoreError as error:
            mesh_metrics_failures.inc()
            _log.warning("the metrics of the mesh could not be counted", error=str(error))


async def keep_rollups(store: Store, lead: Lead, config: RollupSettings) -> None:
    """Bring the rollups up to date every ``config.interval_s``, while leading.

    In a thread of their own that gives way to all others: whoever reads meanwhile computes what
    is not rolled up, so they are never urgent. Closing the store ends a run that is under way.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "rollups", initializer=_give_way)
    try:
        while True:
            await asyncio.sleep(config.interval_s)
            try:
                await loop.run_in_executor(thread, lead.run, lambda: store.roll_up(time.time_ns()))
            except StoreError as error:
                rollup_failures.inc()
                _log.warning("the rollups could not be brought up to date", error=str(error))
    finally:
        thread.shutdown(wait=False)


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


async def watch_store(store: Store, health: Health) -> None:
    """Keep ``health.store`` and the store's gauges up to date, for ever.

    One thread asks and the health endpoints read what it found: a store that hangs must hang
    neither them nor a thread per probe.
    """
    while True:
        state = await asyncio.to_thread(measure_store, store)
        if state is not health.store:
            _log.info("the store changed its state", state=state.value)
        health.store = state
        await asyncio.sleep(_WATCH_INTERVAL_S)


def measure_store(store: Store) -> StoreState:
    """Ask for a sign of life, set the store's gauges, and return its state."""
    state = store.state()
    if state is StoreState.OK:
        try:
            stats = store.stats()
        except StoreError:
            state = StoreState.UNAVAILABLE  # it went away in between
        else:
            store_spans.set(stats.spans)
            store_bytes.set(stats.bytes_on_disk)
    store_up.set(state is StoreState.OK)
    return state
