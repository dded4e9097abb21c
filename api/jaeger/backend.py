"""What the handlers of every Jaeger API work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from api.jaeger.config import JaegerConfig
from api.jaeger.source import TraceSource
from storage.interface import GraphReader, SpanReader

__all__ = ["JaegerBackend", "Route"]

Route: TypeAlias = tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]]
"""Method, path below the base path, and handler."""


@dataclass(frozen=True, slots=True)
class JaegerBackend:
    """The store as Jaeger's APIs see it; ``now_ns`` tells nanoseconds since the epoch."""

    config: JaegerConfig
    reader: SpanReader
    graph: GraphReader
    traces: TraceSource
    now_ns: Callable[[], int]
