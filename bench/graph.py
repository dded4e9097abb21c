"""The dependency graph: what drawing it costs, from rollups and from spans.

A day of a mesh of two hundred services is read from rollups, for every type of graph; sixty
seconds that no whole minute lies in are computed from the spans of the data set for searches, when
nothing is left to be rolled up. The calls of every answer are counted and compared with what was
sent.
"""

from __future__ import annotations

import random
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.client import LoadClient
from bench.dataset import fill, wait_until_rolled_up
from bench.expected import Dataset
from bench.large_mesh import CALLS_PER_TRACE, EDGES, draft_large_trace
from bench.quantiles import Quantiles
from bench.queries import WrongAnswer
from bench.service import Service
from bench.settings import Settings
from bench.spans import build_template
from bench.stores import Stores

__all__ = ["GraphResult", "RollupResult", "measure_day", "measure_minute"]

_MINUTE_NS = 60_000_000_000
_DAY_NS = 24 * 60 * _MINUTE_NS
_TRACES = 2400
_WARM_UP = 5
# A graph of operations has two edges for a call, and as many operations as hosts were asked for.
_DAY_KINDS = (
    ("app", EDGES),
    ("versioned_app", EDGES),
    ("service", EDGES),
    ("workload", EDGES),
    ("operation", None),
)


@dataclass(frozen=True, slots=True)
class GraphResult:
    """One question about the graph.

    Attributes:
        asked: how often, after a few times that are not measured.
        latency: of the answers to their last byte, seconds.
        cpu_s: CPU time of the service an answer.
        bytes: of the last answer.
    """

    question: str
    asked: int
    latency: Quantiles
    cpu_s: float
    bytes: int


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What rolling up a day cost.

    Attributes:
        seconds: spent in rollups, by the service's own clock.
        spans: in the store, each of which was read at least once.
    """

    spans: int
    seconds: float


class _Edge(msgspec.Struct):
    source: str
    target: str
    calls: int


class _Graph(msgspec.Struct):
    nodes: list[msgspec.Raw]
    edges: list[_Edge]


def measure_day(
    client: LoadClient, settings: Settings, stores: Stores, work: Path
) -> tuple[list[GraphResult], RollupResult]:
    """Store a day of the large mesh, wait for its rollups, and draw it. Raises WrongAnswer."""
    work.mkdir(parents=True)
    rounds = max(1, settings.day_traces // _TRACES)
    template = build_template(
        traces=_TRACES,
        spans_per_request=512,
        round_ns=_DAY_NS // rounds,
        seed=settings.seed,
        draft=draft_large_trace,
    )
    base_ns = (time.time_ns() - _DAY_NS) // _MINUTE_NS * _MINUTE_NS - _MINUTE_NS
    data = Dataset(template, settings.seed, base_ns, rounds)
    calls = data.trace_count * CALLS_PER_TRACE
    with (
        stores.fresh() as store,
        Service(work, (*settings.serve_arguments, *store.arguments)) as service,
    ):
        fill(client, service, data, work)
        wait_until_rolled_up(service)
        seconds = service.counter("spanloom_rollup_seconds_sum")
        day = (base_ns, base_ns + _DAY_NS)
        results = [
            _ask(
                service,
                f"24 h, {kind}",
                kind,
                [day] * (_WARM_UP + settings.graph_queries),
                calls,
                edges,
            )
            for kind, edges in _DAY_KINDS
        ]
    return results, RollupResult(data.span_count, seconds)


def measure_minute(service: Service, data: Dataset, settings: Settings) -> GraphResult:
    """Draw sixty seconds from half a minute on: no rollup covers a part. Raises WrongAnswer.

    Most windows are asked for once, so that nothing of the answer can have been kept.
    """
    rng = random.Random(f"{settings.seed} graph")
    windows = list(_windows(rng, data, settings.graph_queries))
    return _ask(service, "60 s without rollups", "workload", windows, None, None, data)


def _windows(rng: random.Random, data: Dataset, number: int) -> Iterator[tuple[int, int]]:
    minutes = range(data.base_ns // _MINUTE_NS + 1, data.end_ns // _MINUTE_NS - 2)
    for _ in range(_WARM_UP + number):
        from_ns = rng.choice(minutes) * _MINUTE_NS + _MINUTE_NS // 2
        yield from_ns, from_ns + _MINUTE_NS


def _ask(
    service: Service,
    question: str,
    kind: str,
    windows: list[tuple[int, int]],
    calls: int | None,
    edges: int | None,
    data: Dataset | None = None,
) -> GraphResult:
    seconds = []
    cpu_s = 0.0
    size = 0
    for place, (from_ns, to_ns) in enumerate(windows):
        if place == _WARM_UP:
            cpu_s = sum(service.cpu_seconds().values())
        url = f"http://{service.query}/api/v1/graph?type={kind}&from={from_ns}&to={to_ns}"
        started = time.perf_counter()
        with urllib.request.urlopen(url, timeout=60) as answer:
            body = answer.read()
        elapsed = time.perf_counter() - started
        graph = msgspec.json.decode(body, type=_Graph)
        expected = calls if data is None else _calls_between(data, from_ns, to_ns)
        # The operation nodes stand between caller and callee: each call is drawn twice.
        got = sum(edge.calls for edge in graph.edges) // (2 if kind == "operation" else 1)
        if expected is not None and got != expected:
            raise WrongAnswer(f"{question}: {got} calls instead of {expected}")
        if edges is not None and len(graph.edges) != edges:
            raise WrongAnswer(f"{question}: {len(graph.edges)} edges instead of {edges}")
        size = len(body)
        if place >= _WARM_UP:
            seconds.append(elapsed)
    cpu_s = (sum(service.cpu_seconds().values()) - cpu_s) / len(seconds)
    return GraphResult(question, len(seconds), Quantiles.of(seconds), cpu_s, size)


def _calls_between(data: Dataset, from_ns: int, to_ns: int) -> int:
    """Count the calls of the traces that start in the window; a trace's time is its root's."""
    total = 0
    for number in range(data.rounds):
        shift_ns = data.base_ns + number * data.template.round_ns
        if shift_ns + data.template.round_ns < from_ns or shift_ns >= to_ns:
            continue
        for trace in data.template.traces:
            if from_ns <= trace.spans[0].start_ns + shift_ns < to_ns:
                # Into the gateway, from it to productpage, and each sidecar's CLIENT span.
                attempts = sum(span.kind == 3 for span in trace.spans)
                total += 1 + attempts
    return total
