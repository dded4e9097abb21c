"""What the service does every so often: retention, and asking the store how it is."""

from __future__ import annotations

import asyncio
import random
import time

import structlog

from spanloom.config import RetentionSettings
from spanloom.health import Health
from spanloom.self_metrics import retention_failures, store_bytes, store_spans, store_up
from storage.interface import Store, StoreError, StoreState

__all__ = ["keep_retention", "measure_store", "watch_store"]

_log = structlog.get_logger(__name__)

_WATCH_INTERVAL_S = 5.0


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
