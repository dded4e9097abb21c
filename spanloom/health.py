"""The health endpoints: ``/`` and ``/live``, ``/ready``, ``/status``.

Live means that the event loop answers. Ready means, where spans are received, that exports are
acknowledged: receivers listen, their spools can be written and the service is not shutting down.
Whether the store answers is told but does not count, because the spool stands in for it. A
process that only answers questions is ready while the store answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from collector.pipeline import Pipeline
from spanloom import __version__
from spanloom.roles import Role
from spanloom.supervisor import Supervisor
from storage.interface import StoreState

__all__ = ["Health", "health_app"]


@dataclass(slots=True)
class Health:
    """What the service knows of its parts.

    Attributes:
        role: which parts there are.
        addresses: tells what the service listens on, by the name of the part.
        supervisor: knows the receiver processes; None until there are any.
        started: every part runs.
        draining: the service is shutting down.
        store: whether the store answered when it was last asked.
        pipeline: moves spans from the spools to the store; None until it is started.
    """

    role: Role = Role.SERVE
    addresses: Callable[[], Mapping[str, str]] = dict
    supervisor: Supervisor | None = None
    started: bool = False
    draining: bool = False
    store: StoreState = StoreState.UNAVAILABLE
    pipeline: Pipeline | None = None
    started_at: float = field(default_factory=time.time)

    @property
    def state(self) -> str:
        """``ready``, or why not."""
        if self.draining:
            return "draining"
        if not self.started:
            return "starting"
        if self.supervisor is None:
            return "ready" if self.store is StoreState.OK else "the store does not answer"
        if not any(process.ready for process in self.supervisor.processes):
            return "no receiver is running"
        return "ready" if self.supervisor.accepting else "the spool cannot be written"

    def report(self) -> dict[str, object]:
        """Return the state of every part."""
        parts: dict[str, object] = {"store": {"state": self.store.value}}
        if self.role.receives:
            parts = self._receiving_parts() | parts
        return {
            "status": self.state,
            "role": self.role.value,
            "version": __version__,
            "uptime_s": round(time.time() - self.started_at, 1),
            "addresses": dict(self.addresses()),
            "parts": parts,
        }

    def _receiving_parts(self) -> dict[str, object]:
        processes = self.supervisor.processes if self.supervisor else []
        return {
            "receivers": [
                {
                    "worker": process.worker,
                    "pid": process.pid,
                    "ready": process.ready,
                    "spool_writable": process.spool_writable,
                    "restarts": process.restarts,
                }
                for process in processes
            ],
            "pipeline": {"alive": self.pipeline is not None and self.pipeline.alive},
        }


def health_app(health: Health) -> web.Application:
    """Return the application of the health endpoints."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_: web.Request) -> web.Response:
        status = 200 if health.state == "ready" else 503
        return web.json_response(health.report(), status=status)

    async def status(_: web.Request) -> web.Response:
        return web.json_response(health.report())

    app = web.Application()
    app.add_routes(
        [
            web.get("/", live),
            web.get("/live", live),
            web.get("/ready", ready),
            web.get("/status", status),
        ]
    )
    return app
