"""Where the time goes: who holds how much of the critical path, over many traces.

The critical path of a trace is exactly its main root's time, so the shares of all hops in a set
of traces add up to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from model.span import SpanKind
from model.trace import Trace, TraceNode

__all__ = [
    "Band",
    "CriticalShares",
    "HopDifference",
    "HopKey",
    "HopShare",
    "PathSample",
    "compare_shares",
    "critical_shares",
    "sample_path",
]

APP_HOP = "app"
MISSING_HOP = "missing"


@dataclass(frozen=True, slots=True, order=True)
class HopKey:
    """What held the path.

    Attributes:
        service: ``service.name`` as sent; empty for a span that is not stored.
        operation: the span's name; empty for a span that is not stored.
        hop: a :class:`model.hops.Hop` of a proxy, ``app`` for a span that no proxy made,
            ``missing`` for one that is not stored.
        kind: of the span.
    """

    service: str
    operation: str
    hop: str
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class PathSample:
    """One trace's critical path: its length and who held how much of it (nanoseconds)."""

    trace_id: str
    total_ns: int
    held_ns: Mapping[HopKey, int]


@dataclass(frozen=True, slots=True)
class HopShare:
    """What one hop holds in a band.

    Attributes:
        share: of the band's end-to-end time, 0 to 1.
        mean_ns: per trace of the band, traces without the hop counted as 0.
        traces: traces in whose critical path it held any time.
    """

    share: float
    mean_ns: float
    traces: int


_NOTHING = HopShare(0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Band:
    """Traces of about one duration.

    Attributes:
        traces: how many.
        least_ns, most_ns: durations of the fastest and the slowest of them; 0 without traces.
        mean_ns: of their durations.
        slowest_trace_id: an example; empty without traces.
        hops: what each hop holds; the shares add up to 1 unless the traces took no time.
    """

    traces: int
    least_ns: int
    most_ns: int
    mean_ns: float
    slowest_trace_id: str
    hops: Mapping[HopKey, HopShare] = field(default_factory=dict)

    def hop(self, key: HopKey) -> HopShare:
        """Return what ``key`` holds, which may be nothing."""
        return self.hops.get(key, _NOTHING)


@dataclass(frozen=True, slots=True)
class CriticalShares:
    """Who holds the critical path of a set of traces.

    Attributes:
        all: every trace.
        typical: the middle tenth by duration (around p50), at least one trace.
        slowest: the slowest twentieth (from p95 on), at least one trace.
    """

    all: Band
    typical: Band
    slowest: Band

    def hops(self) -> list[HopKey]:
        """Return every hop, the one that holds most of the slowest traces first."""

        def rank(key: HopKey) -> tuple[float, float, HopKey]:
            return -self.slowest.hop(key).mean_ns, -self.all.hop(key).mean_ns, key

        return sorted(self.all.hops, key=rank)


@dataclass(frozen=True, slots=True)
class HopDifference:
    """How much more a hop holds per trace than it did before: nanoseconds, and share (-1 to 1)."""

    key: HopKey
    typical_ns: float
    typical_share: float
    slowest_ns: float
    slowest_share: float


def sample_path(trace: Trace) -> PathSample:
    """Return who held how much of the critical path of ``trace``."""
    held: dict[HopKey, int] = {}
    for segment in trace.critical_path:
        key = _key(trace.nodes[segment.node])
        held[key] = held.get(key, 0) + segment.end_ns - segment.start_ns
    return PathSample(trace.trace_id, sum(held.values()), held)


def critical_shares(samples: Iterable[PathSample]) -> CriticalShares:
    """Add up samples; their order does not matter, and none at all gives empty bands."""
    ordered = sorted(samples, key=lambda sample: (sample.total_ns, sample.trace_id))
    count = len(ordered)
    tenth = max(1, count // 10)
    # Centred: as many traces are faster as are slower, or one more.
    first = (count - tenth) // 2
    return CriticalShares(
        all=_band(ordered),
        typical=_band(ordered[max(0, first) : max(0, first) + tenth]),
        slowest=_band(ordered[count - max(1, count // 20) :] if count else []),
    )


def compare_shares(now: CriticalShares, before: CriticalShares) -> list[HopDifference]:
    """Return the difference of every hop of either, the one that got slowest first."""
    keys = now.all.hops.keys() | before.all.hops.keys()
    found = [
        HopDifference(
            key,
            typical_ns=now.typical.hop(key).mean_ns - before.typical.hop(key).mean_ns,
            typical_share=now.typical.hop(key).share - before.typical.hop(key).share,
            slowest_ns=now.slowest.hop(key).mean_ns - before.slowest.hop(key).mean_ns,
            slowest_share=now.slowest.hop(key).share - before.slowest.hop(key).share,
        )
        for key in keys
    ]
    return sorted(found, key=lambda each: (-each.slowest_ns, -each.typical_ns, each.key))


def _key(node: TraceNode) -> HopKey:
    if node.span is None:
        return HopKey("", "", MISSING_HOP, SpanKind.UNSPECIFIED)
    hop = APP_HOP if node.proxy is None else node.proxy.hop.value
    return HopKey(node.span.service_name, node.span.name, hop, node.span.kind)


def _band(ordered: Sequence[PathSample]) -> Band:
    if not ordered:
        return Band(0, 0, 0, 0.0, "")
    held: dict[HopKey, int] = {}
    traces: dict[HopKey, int] = {}
    for sample in ordered:
        for key, ns in sample.held_ns.items():
            held[key] = held.get(key, 0) + ns
            traces[key] = traces.get(key, 0) + 1
    total = sum(sample.total_ns for sample in ordered)
    count = len(ordered)
    return Band(
        traces=count,
        least_ns=ordered[0].total_ns,
        most_ns=ordered[-1].total_ns,
        mean_ns=total / count,
        slowest_trace_id=ordered[-1].trace_id,
        hops={
            key: HopShare(ns / total if total else 0.0, ns / count, traces[key])
            for key, ns in held.items()
        },
    )
