"""The part that takes spans in: receiver processes, their spools, the pipeline to the store."""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog

from collector.pipeline import Pipeline
from model.columns import WELL_KNOWN
from spanloom.config import Config
from spanloom.control import Task
from spanloom.data_dir import DataDir
from spanloom.endpoint import Addresses, Endpoint, bound_endpoint
from spanloom.health import Health
from spanloom.supervisor import ReceiverProcess, Supervisor
from storage.interface import SpanWriter

__all__ = ["Receiving"]

_log = structlog.get_logger(__name__)


class Receiving:
    """Runs the receivers and the pipeline."""

    def __init__(
        self,
        config: Config,
        data: DataDir,
        addresses: Addresses,
        health: Health,
        parts: contextlib.AsyncExitStack,
    ) -> None:
        """Reserve the receivers' ports until ``parts`` ends. Raises AddressInUse."""
        self._config = config
        self._data = data
        self._health = health
        protocols = config.receivers.otlp.protocols
        self._grpc = _reserve(parts, addresses, "otlp/grpc", protocols.grpc.endpoint)
        self._http = _reserve(parts, addresses, "otlp/http", protocols.http.endpoint)

    async def start(
        self, parts: contextlib.AsyncExitStack, writer: SpanWriter, lock_fd: int
    ) -> None:
        """Run until ``parts`` ends, which drains the receivers, then the spools.

        Raises ReceiverFailed, SpoolUnavailable.
        """
        pipeline = self._start_pipeline(writer)
        tasks = (
            Task(worker, self._config, str(self._grpc), str(self._http))
            for worker in range(self._config.workers)
        )
        supervisor = Supervisor([ReceiverProcess(task, lock_fd, pipeline.notify) for task in tasks])
        self._health.supervisor = supervisor
        parts.push_async_callback(self._shut_down, supervisor, pipeline)
        await supervisor.start()

    def _start_pipeline(self, writer: SpanWriter) -> Pipeline:
        pipeline = Pipeline(
            writer,
            self._data.spool_files(self._config.workers),
            self._config.pipeline,
            self._config.processors,
            (*WELL_KNOWN, *self._config.attributes.extra),
        )
        pipeline.start()
        self._health.pipeline = pipeline
        return pipeline

    async def _shut_down(self, supervisor: Supervisor, pipeline: Pipeline) -> None:
        self._health.draining = True
        deadline = time.monotonic() + self._config.shutdown.grace_s
        await supervisor.stop(self._config.shutdown.grace_s)
        left_s = max(0.0, deadline - time.monotonic())
        drained = await asyncio.to_thread(pipeline.stop, left_s)
        if not drained:
            _log.warning("the rest of the spool goes to the store at the next start")
        _log.info("stopped", spool_drained=drained)


def _reserve(
    parts: contextlib.AsyncExitStack, addresses: Addresses, name: str, wanted: str
) -> Endpoint:
    bound = parts.enter_context(Endpoint.parse(wanted).reserve())
    addresses.by_name[name] = bound_endpoint(bound)
    return addresses.by_name[name]
