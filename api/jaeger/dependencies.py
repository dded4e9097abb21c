"""``/api/dependencies``: who calls whom, as Jaeger lists it, from the dependency graph."""

from __future__ import annotations

import msgspec
from aiohttp import hdrs, web
from multidict import MultiMapping

from api.graph_source import GraphSource
from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import enveloped
from api.jaeger.milliseconds import NS_PER_MS, read_milliseconds
from api.jaeger.pretty import answer_pretty
from api.jaeger.trace_json import envelope
from api.queries import Deadline
from api.times import MAX_NS
from model.graph.dependencies import Dependency, dependencies
from model.mesh import parse_service_name
from model.span import MeshIdentity

__all__ = ["routes"]

_DAY_MS = 86_400_000
_NS_PER_US = 1000


class _Link(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A caller and a callee; latencies in microseconds, absent where no call told them.

    The counts of errors and the latencies are ours: Jaeger has none, and its clients skip them.
    """

    parent: str
    child: str
    call_count: int
    error_count: int
    latency_p50: int | None = None
    latency_p95: int | None = None
    latency_p99: int | None = None


def routes(backend: JaegerBackend) -> list[Route]:
    """Return the route of dependencies, below any base path."""
    return [(hdrs.METH_GET, "/api/dependencies", enveloped(_Dependencies(backend).dependencies))]


class _Dependencies:
    def __init__(self, backend: JaegerBackend) -> None:
        self._graphs = GraphSource(backend.graph)
        self._now_ns = backend.now_ns

    async def dependencies(self, request: web.Request) -> web.Response:
        """``GET /api/dependencies``."""
        from_ns, to_ns = _window(request.query, self._now_ns())
        service = request.query.get("service", "")

        def work(deadline: Deadline) -> list[bytes]:
            if from_ns >= to_ns:
                return [envelope([], 0)]
            found = dependencies(self._graphs.tables(from_ns, to_ns, deadline).edges)
            links = [_link(each) for each in found if not service or _has(each, service)]
            return [envelope(links, 0)]

        return await answer_pretty(request, work)


def _window(given: MultiMapping[str], now_ns: int) -> tuple[int, int]:
    end_ms = read_milliseconds(given, "endTs", -1)
    to_ns = now_ns if end_ms < 0 else min(end_ms * NS_PER_MS, MAX_NS)
    lookback_ns = read_milliseconds(given, "lookback", _DAY_MS) * NS_PER_MS
    return max(0, to_ns - lookback_ns), to_ns


def _has(dependency: Dependency, service: str) -> bool:
    """Whether one end is ``service``, which may be written in another form than ours."""
    asked = parse_service_name(service)
    for name in (dependency.parent, dependency.child):
        known = parse_service_name(name)
        identity = MeshIdentity(namespace=known.namespace, service=known.service)
        if asked.matches(name, identity):
            return True
    return False


def _link(dependency: Dependency) -> _Link:
    link = _Link(dependency.parent, dependency.child, dependency.call_count, dependency.error_count)
    if dependency.latency is None:
        return link
    return msgspec.structs.replace(
        link,
        latency_p50=round(dependency.latency.p50_ns / _NS_PER_US),
        latency_p95=round(dependency.latency.p95_ns / _NS_PER_US),
        latency_p99=round(dependency.latency.p99_ns / _NS_PER_US),
    )
