"""The part that answers questions: query API, Jaeger's gRPC, ServiceGraph, metrics of the mesh."""

from __future__ import annotations

import contextlib
import time

from api.app import create_app
from api.jaeger.backend import JaegerBackend
from api.jaeger.grpc.server import JaegerGrpcServer
from api.jaeger.source import TraceSource
from api.queries import QUERIES, Queries
from api.shapes.service_graph_routes import service_graph_app
from collector.uploads import uploaded
from spanloom import __version__
from spanloom.config import Config
from spanloom.counters import CounterHistory, keep_history
from spanloom.endpoint import Addresses
from spanloom.health import Health
from spanloom.housekeeping import keep, keep_mesh_metrics
from spanloom.listener import serve_grpc_on, serve_on
from spanloom.mesh_metrics.reading import MeshMetrics
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.system import System
from storage.interface import Store

__all__ = ["Answering"]


class Answering:
    """Serves the query APIs.

    Attributes:
        mesh: what ``/metrics/mesh`` serves; None if it is switched off.
    """

    def __init__(self, config: Config, addresses: Addresses, health: Health) -> None:
        self._config = config
        self._addresses = addresses
        self._health = health
        self._jaeger_grpc: JaegerGrpcServer | None = None
        mesh = config.metrics.mesh
        self.mesh = SeriesTable(mesh.prefix, mesh.max_series) if mesh.enabled else None

    async def start(self, parts: contextlib.AsyncExitStack, store: Store) -> None:
        """Serve until ``parts`` ends. Raises AddressInUse, UiUnavailable."""
        history = CounterHistory(time.time_ns)
        app = create_app(
            self._config.query,
            store.reader,
            store.graph,
            uploads=uploaded,
            system=System(self._config, self._addresses, self._health, store, history),
            version=__version__,
        )
        self._addresses.by_name["query"] = await parts.enter_async_context(
            serve_on(app, self._config.query.endpoint)
        )
        keep(parts, keep_history(history))
        await self._serve_jaeger_grpc(parts, store, app[QUERIES])
        if self._config.servicegraph.enabled:
            self._addresses.by_name["servicegraph"] = await parts.enter_async_context(
                serve_on(service_graph_app(app), self._config.servicegraph.endpoint)
            )

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

    def count_mesh(self, parts: contextlib.AsyncExitStack, store: Store) -> None:
        """Count the traces that come of age from now on, until ``parts`` ends."""
        if self.mesh is None:
            return
        config, sampling = self._config.metrics.mesh, self._config.sampling.sampling
        metrics = MeshMetrics(config, self.mesh, store.graph, sampling, time.time_ns())
        keep(parts, keep_mesh_metrics(metrics, config.interval_s))

    async def drain(self) -> None:
        """Let gRPC's health tell that this will stop."""
        if self._jaeger_grpc is not None:
            await self._jaeger_grpc.drain()
