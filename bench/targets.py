"""The targets that the project set itself for a machine of two cores, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.dataset import DiskResult
from bench.graph import GraphResult
from bench.ingest import IngestResult
from bench.latency import LatencyResult
from bench.queries import KindResult
from bench.stores import Engine
from bench.trace_page import FRAME_MS, FrameTimes

__all__ = [
    "Target",
    "disk_targets",
    "graph_targets",
    "ingest_targets",
    "latency_targets",
    "query_targets",
    "trace_page_targets",
]

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """One target; ``higher_is_better`` says on which side of it ``measured`` should be."""

    name: str
    unit: str
    wanted: float
    measured: float
    higher_is_better: bool = False

    @property
    def met(self) -> bool:
        """Whether the measured value is at least as good as wanted."""
        if self.higher_is_better:
            return self.measured >= self.wanted
        return self.measured <= self.wanted

    def scaled(self, slowness: float) -> float | None:
        """Return what a machine that is so many times faster might measure.

        None for what does not depend on its speed, or on other things as well.
        """
        if self.unit == "spans/s":
            return self.measured * slowness
        return self.measured / slowness if self.unit == "ms" else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The targets that depend on the engine.

    Attributes:
        spans_per_second: stored, by the spans of a request.
        bytes_per_span: on disk.
        trace_ms, search_ms: 99th percentiles.
    """

    spans_per_second: dict[int, int]
    bytes_per_span: int
    trace_ms: int
    search_ms: int


_WANTED = {
    Engine.DUCKDB: _Wanted({5: 25_000, 512: 45_000}, 120, trace_ms=15, search_ms=50),
    Engine.POSTGRESQL: _Wanted({5: 12_000}, 400, trace_ms=15, search_ms=100),
}


def ingest_targets(store: Engine, results: list[IngestResult]) -> Iterator[Target]:
    """Stored, not just acked, spans a second; memory of the whole service at full load."""
    wanted = _WANTED[store].spans_per_second
    for each in results:
        case = each.case
        shape = f"{case.protocol}, {case.spans_per_request} a request"
        if case.spans_per_request in wanted:
            yield Target(
                f"durable ingest, {shape}",
                "spans/s",
                wanted[case.spans_per_request],
                each.stored_spans_per_second,
                higher_is_better=True,
            )
        yield Target(f"resident at full load, {shape}", "MiB", 600, each.rss_bytes / _MEBIBYTE)


def disk_targets(store: Engine, result: DiskResult) -> Iterator[Target]:
    """Bytes a span of the store."""
    yield Target("on disk", "B a span", _WANTED[store].bytes_per_span, result.bytes_per_span)


def query_targets(store: Engine, results: list[KindResult]) -> Iterator[Target]:
    """99th percentiles over HTTP."""
    for each in results:
        by_id = each.kind in ("trace by id", "unknown trace id")
        wanted = _WANTED[store].trace_ms if by_id else _WANTED[store].search_ms
        yield Target(f"{each.kind}, p99", "ms", wanted, each.latency.p99 * 1e3)


def graph_targets(results: list[GraphResult]) -> Iterator[Target]:
    """Medians over HTTP; a question whose answer came from spans may take longer."""
    for each in results:
        wanted = 300 if "without rollups" in each.question else 50
        yield Target(f"graph, {each.question}, median", "ms", wanted, each.latency.p50 * 1e3)


def latency_targets(results: list[LatencyResult]) -> Iterator[Target]:
    """At half load."""
    for each in results:
        load = f"at half load, {each.protocol}"
        yield Target(f"ack p99 {load}", "ms", 25, each.load.latency.p99 * 1e3)
        yield Target(f"searchable p99 {load}", "s", 2, each.searchable.p99)


def trace_page_targets(results: list[FrameTimes]) -> Iterator[Target]:
    """Sixty frames a second, but for the speed at which nobody reads."""
    for each in results[:-1]:
        name = f"frame p95, 10,000 spans, {each.pixels_per_frame} pixels a frame"
        # Frames begin with the display's: what differs less is the clock's rounding.
        yield Target(name, "frames", 1, round(each.p95 / FRAME_MS))
