"""One process of Spanloom in its role: the store and what works on it, health and metrics.

Started from the store towards the receivers, stopped in reverse, each part with what is left of
the grace period.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

import structlog

from spanloom.admin import admin_app
from spanloom.answering import Answering
from spanloom.config import Config
from spanloom.data_dir import DataDir
from spanloom.endpoint import Addresses
from spanloom.health import Health, health_app
from spanloom.housekeeping import (
    keep,
    keep_retention,
    keep_rollups,
    measure_store,
    watch_store,
)
from spanloom.lead import Lead
from spanloom.listener import serve_on, serve_on_socket
from spanloom.metrics_app import metrics_app
from spanloom.receiving import Receiving
from spanloom.roles import Role
from spanloom.self_metrics import MetricsPage
from storage.engines import open_store
from storage.interface import Store

__all__ = ["Service"]

_log = structlog.get_logger(__name__)


class Service:
    """Runs the parts of its role until SIGTERM or SIGINT."""

    def __init__(self, config: Config, role: Role, on_ready: Callable[[Addresses], None]) -> None:
        """``on_ready`` is called once, when everything listens."""
        self._config = config
        self._role = role
        self._on_ready = on_ready
        self._data = DataDir(config.data_path)
        self._addresses = Addresses()
        self._health = Health(role, self._addresses.as_text)
        self._stop = asyncio.Event()

    async def run(self, lock_fd: int) -> None:
        """Run to the end. ``lock_fd`` holds the data directory's lock.

        Raises AddressInUse, ReceiverFailed, StoreError, SpoolUnavailable, UiUnavailable when it
        cannot start.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        async with contextlib.AsyncExitStack() as parts:
            # Before anything is started, so that an address in use stops nothing half-way.
            receiving = self._receiving(parts) if self._role.receives else None
            answering = (
                Answering(self._config, self._addresses, self._health)
                if self._role.answers
                else None
            )
            await self._serve_side_doors(parts, answering)
            store = await self._open_store(parts)
            if answering is not None:
                await answering.start(parts, store)
            admin = admin_app(store, self._config, self._addresses.as_text)
            await parts.enter_async_context(serve_on_socket(admin, self._data.admin_socket))
            if receiving is not None:
                await receiving.start(parts, store.writer, lock_fd)
            else:  # ready is then what the store is
                self._health.store = await asyncio.to_thread(measure_store, store)
            self._keep_house(parts, store)
            if answering is not None:
                answering.count_mesh(parts, store)
            self._health.started = True
            self._on_ready(self._addresses)
            await self._stop.wait()
            _log.info("shutting down", grace_s=self._config.shutdown.grace_s)
            self._health.draining = True
            if answering is not None:
                await answering.drain()
            await asyncio.sleep(self._config.shutdown.delay_s)

    def _receiving(self, parts: contextlib.AsyncExitStack) -> Receiving:
        return Receiving(self._config, self._data, self._addresses, self._health, parts)

    async def _serve_side_doors(
        self, parts: contextlib.AsyncExitStack, answering: Answering | None
    ) -> None:
        """Serve health and metrics: first to come and last to go."""
        mesh = answering.mesh if answering is not None else None
        for name, app, wanted in (
            ("health", health_app(self._health), self._config.health.endpoint),
            (
                "metrics",
                metrics_app(MetricsPage(self._processes), mesh),
                self._config.metrics.endpoint,
            ),
        ):
            self._addresses.by_name[name] = await parts.enter_async_context(serve_on(app, wanted))

    async def _open_store(self, parts: contextlib.AsyncExitStack) -> Store:
        config = self._config.store_config(self._data.store)
        store = await asyncio.to_thread(open_store, config)
        parts.push_async_callback(asyncio.to_thread, store.close)
        return store

    def _keep_house(self, parts: contextlib.AsyncExitStack, store: Store) -> None:
        settings = self._config.store
        lead = Lead(store, held=not settings.url)  # the embedded store has no other process
        keep(parts, keep_retention(store, lead, settings.retention))
        keep(parts, keep_rollups(store, lead, settings.rollups))
        keep(parts, watch_store(store, self._health))

    def _processes(self) -> list[tuple[str, int]]:
        processes = self._health.supervisor.processes if self._health.supervisor else []
        receivers = [(f"receiver-{p.worker}", p.pid) for p in processes if p.pid is not None]
        return [(self._role.process, os.getpid()), *receivers]
