"""The service: store, pipeline, receivers, query API, health and metrics under one roof.

Started from the store towards the receivers, stopped in reverse, each part with what is left of
the grace period.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from api.app import create_app
from api.jaeger.backend import JaegerBackend
from api.jaeger.grpc.server import JaegerGrpcServer
from api.jaeger.source import TraceSource
from api.queries import QUERIES, Queries
from api.shapes.service_graph_routes import service_graph_app
from collector.pipeline import Pipeline
from collector.trace_json import uploaded
from model.columns import WELL_KNOWN
from spanloom import __version__
from spanloom.admin import admin_app
from spanloom.config import Config
from spanloom.control import Task
from spanloom.data_dir import DataDir
from spanloom.endpoint import Endpoint, bound_endpoint
from spanloom.health import Health, health_app
from spanloom.housekeeping import keep_mesh_metrics, keep_retention, keep_rollups, watch_store
from spanloom.listener import serve_grpc_on, serve_on, serve_on_socket
from spanloom.mesh_metrics import page as mesh_page
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.self_metrics import CONTENT_TYPE_LATEST, MetricsPage
from spanloom.supervisor import ReceiverProcess, Supervisor
from storage.engines import open_store
from storage.interface import Store

__all__ = ["Addresses", "Service"]

_log = structlog.get_logger(__name__)

_COMPRESSED_BY_THREADS = 64 * 1024
"""Bytes beyond which an answer is not compressed on the event loop."""


@dataclass(slots=True)
class Addresses:
    """What the service listens on, by the name of the part."""

    by_name: dict[str, Endpoint] = field(default_factory=dict)

    def as_text(self) -> dict[str, str]:
        """Return ``HOST:PORT`` by name."""
        return {name: str(endpoint) for name, endpoint in self.by_name.items()}


class Service:
    """Runs everything until SIGTERM or SIGINT."""

    def __init__(self, config: Config, on_ready: Callable[[Addresses], None]) -> None:
        """``on_ready`` is called once, when everything listens."""
        self._config = config
        self._on_ready = on_ready
        self._data = DataDir(config.data_path)
        self._addresses = Addresses()
        self._health = Health(self._addresses.as_text)
        self._jaeger_grpc: JaegerGrpcServer | None = None
        self._stop = asyncio.Event()
        mesh = config.metrics.mesh
        self._mesh_series = SeriesTable(mesh.prefix, mesh.max_series)

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
            grpc, http = self._reserve(parts)
            await self._serve_side_doors(parts)
            store = await self._open_store(parts)
            await self._serve_query(parts, store)
            pipeline = self._start_pipeline(store)
            supervisor = self._supervisor(grpc, http, lock_fd, pipeline)
            parts.push_async_callback(self._shut_down, supervisor, pipeline)
            await supervisor.start()
            self._spawn(parts, keep_retention(store, self._config.store.retention))
            self._spawn(parts, keep_rollups(store, self._config.store.rollups))
            self._spawn(parts, watch_store(store, self._health))
            self._count_mesh(parts, store)
            self._health.started = True
            self._on_ready(self._addresses)
            await self._stop.wait()
            _log.info("shutting down", grace_s=self._config.shutdown.grace_s)
            self._health.draining = True
            if self._jaeger_grpc is not None:
                await self._jaeger_grpc.drain()
            await asyncio.sleep(self._config.shutdown.delay_s)

    def _reserve(self, parts: contextlib.AsyncExitStack) -> tuple[Endpoint, Endpoint]:
        protocols = self._config.receivers.otlp.protocols
        reserved = []
        for name, wanted in (
            ("otlp/grpc", protocols.grpc.endpoint),
            ("otlp/http", protocols.http.endpoint),
        ):
            bound = parts.enter_context(Endpoint.parse(wanted).reserve())
            self._addresses.by_name[name] = bound_endpoint(bound)
            reserved.append(bound_endpoint(bound))
        return reserved[0], reserved[1]

    async def _serve_side_doors(self, parts: contextlib.AsyncExitStack) -> None:
        """Serve health and metrics: first to come and last to go."""
        page = MetricsPage(self._processes)

        async def metrics(_: web.Request) -> web.Response:
            text = await asyncio.to_thread(page.render)
            return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

        async def mesh_metrics(request: web.Request) -> web.Response:
            accept = ",".join(request.headers.getall("Accept", []))
            text, content_type = await asyncio.to_thread(
                mesh_page.render, self._mesh_series, accept
            )
            response = web.Response(
                body=text,
                headers={"Content-Type": content_type},
                zlib_executor_size=_COMPRESSED_BY_THREADS,
            )
            response.enable_compression()
            return response

        metrics_app = web.Application()
        metrics_app.router.add_get("/metrics", metrics)
        if self._config.metrics.mesh.enabled:
            metrics_app.router.add_get("/metrics/mesh", mesh_metrics)
        for name, app, wanted in (
            ("health", health_app(self._health), self._config.health.endpoint),
            ("metrics", metrics_app, self._config.metrics.endpoint),
        ):
            self._addresses.by_name[name] = await parts.enter_async_context(serve_on(app, wanted))

    async def _open_store(self, parts: contextlib.AsyncExitStack) -> Store:
        config = self._config.store_config(self._data.store)
        store = await asyncio.to_thread(open_store, config)
        parts.push_async_callback(asyncio.to_thread, store.close)
        return store

    async def _serve_query(self, parts: contextlib.AsyncExitStack, store: Store) -> None:
        app = create_app(
            self._config.query,
            store.reader,
            store.graph,
            uploads=uploaded,
            version=__version__,
        )
        self._addresses.by_name["query"] = await parts.enter_async_context(
            serve_on(app, self._config.query.endpoint)
        )
        await self._serve_jaeger_grpc(parts, store, app[QUERIES])
        if self._config.servicegraph.enabled:
            self._addresses.by_name["servicegraph"] = await parts.enter_async_context(
                serve_on(service_graph_app(app), self._config.servicegraph.endpoint)
            )
        admin = admin_app(store, self._config, self._addresses.as_text)
        await parts.enter_async_context(serve_on_socket(admin, self._data.admin_socket))

    async def _serve_jaeger_grpc(
        self, parts: contextlib.AsyncExitStack, store: Store, queries: Queries
    ) -> None:
        config = self._config.query
        jaeger = config.jaeger
        if not jaeger.grpc.enabled:
            return
        traces = TraceSource(store.reader, jaeger)
        backend = JaegerBackend(jaeger, store.reader, store.graph, traces, time.time_ns)
        self._jaeger_grpc = JaegerGrpcServer(config, backend, queries)
        self._addresses.by_name["jaeger/grpc"] = await parts.enter_async_context(
            serve_grpc_on(self._jaeger_grpc, jaeger.grpc.endpoint)
        )

    def _count_mesh(self, parts: contextlib.AsyncExitStack, store: Store) -> None:
        config = self._config.metrics.mesh
        if config.enabled:
            sampling = self._config.store_config(self._data.store).rollups.sampling
            metrics = MeshMetrics(config, self._mesh_series, store.graph, sampling, time.time_ns())
            self._spawn(parts, keep_mesh_metrics(metrics, config.interval_s))

    def _start_pipeline(self, store: Store) -> Pipeline:
        pipeline = Pipeline(
            store.writer,
            self._data.spool_files(self._config.workers),
            self._config.pipeline,
            self._config.processors,
            (*WELL_KNOWN, *self._config.attributes.extra),
        )
        pipeline.start()
        self._health.pipeline = pipeline
        return pipeline

    def _supervisor(
        self, grpc: Endpoint, http: Endpoint, lock_fd: int, pipeline: Pipeline
    ) -> Supervisor:
        tasks = (
            Task(worker, self._config, str(grpc), str(http))
            for worker in range(self._config.workers)
        )
        supervisor = Supervisor([ReceiverProcess(task, lock_fd, pipeline.notify) for task in tasks])
        self._health.supervisor = supervisor
        return supervisor

    async def _shut_down(self, supervisor: Supervisor, pipeline: Pipeline) -> None:
        self._health.draining = True
        deadline = time.monotonic() + self._config.shutdown.grace_s
        await supervisor.stop(self._config.shutdown.grace_s)
        left_s = max(0.0, deadline - time.monotonic())
        drained = await asyncio.to_thread(pipeline.stop, left_s)
        if not drained:
            _log.warning("the rest of the spool goes to the store at the next start")
        _log.info("stopped", spool_drained=drained)

    def _spawn(
        self, parts: contextlib.AsyncExitStack, work: Coroutine[object, object, None]
    ) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_log_failure)

        async def end() -> None:
            task.cancel()
            await asyncio.wait((task,))

        parts.push_async_callback(end)

    def _processes(self) -> list[tuple[str, int]]:
        processes = self._health.supervisor.processes if self._health.supervisor else []
        receivers = [(f"receiver-{p.worker}", p.pid) for p in processes if p.pid is not None]
        return [("service", os.getpid()), *receivers]


def _log_failure(task: asyncio.Task[None]) -> None:
    """Tell of a task that ended by a fault of ours; the service goes on without it."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.error("a periodic task failed", exc_info=failure)
