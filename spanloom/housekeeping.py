"""What the service does every so often: rollups, retention, mesh metrics, a look at the store."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import structlog

from spanloom.config import RetentionSettings, RollupSettings
from spanloom.health import Health
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.self_metrics import (
    mesh_metrics_failures,
    retention_failures,
    rollup_failures,
    store_bytes,
    store_spans,
    store_up,
)
from storage.interface import Store, StoreError, StoreState

__all__ = [
    "keep_mesh_metrics",
    "keep_retention",
    "keep_rollups",
    "measure_store",
    "watch_store",
]

_log = structlog.get_logger(__name__)

_WATCH_INTERVAL_S = 5.0
_NICENESS = 10


async def keep_retention(store: Store, config: RetentionSettings) -> None:
    """Apply the retention every ``config.interval_s``, varied by a tenth, for ever."""
    while True:
        await asyncio.sleep(config.interval_s * random.uniform(0.9, 1.1))  # noqa: S311 - jitter
        try:
            report = await asyncio.to_thread(
                store.apply_retention, time.time_ns(), config.max_age_ns, config.max_bytes
            )
        except StoreError as error:
            retention_failures.inc()
            _log.warning("the retention could not run", error=str(error))
        else:
            if report.spans_deleted:
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


async def keep_rollups(store: Store, config: RollupSettings) -> None:
    """Bring the rollups up to date every ``config.interval_s``, for ever.

    In a thread of their own that gives way to all others: whoever reads meanwhile computes what
    is not rolled up, so they are never urgent. Closing the store ends a run that is under way.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "rollups", initializer=_give_way)
    try:
        while True:
            await asyncio.sleep(config.interval_s)
            try:
                await loop.run_in_executor(thread, store.roll_up, time.time_ns())
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
