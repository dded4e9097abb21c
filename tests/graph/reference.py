"""The dependency graph by brute force: the rules G1 to G49 over whole spans, trace by trace.

It shares the words of :mod:`model.graph` (keys, places), and none of its code. It is written to
be read beside the rules, and as slow as that makes it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from model.envoy import ProxyType
from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, OperationKey
from model.graph.place import Place
from model.graph.span_columns import SpanLink
from model.span import Span
from tests.graph.reference_calls import Call, entry_calls
from tests.graph.reference_messages import Producer, message_calls
from tests.graph.reference_peers import messaging_place, peer_calls
from tests.graph.reference_places import assign, lone_place
from tests.graph.reference_rows import Row, blame, probability, rows_of
from tests.graph.reference_trace import Node, build, proxy_type

__all__ = ["Expected", "Facts", "bucket", "reference"]

Latency = tuple[int, float]  # nanoseconds, weight


@dataclass
class Facts:
    """What is counted of one key; latencies one by one, exemplars as (value, trace id)."""

    calls: int = 0
    errors: int = 0
    estimated: float = 0.0
    estimated_errors: float = 0.0
    variance: float = 0.0
    unscaled: int = 0
    client: list[Latency] = field(default_factory=list)
    server: list[Latency] = field(default_factory=list)
    lag: list[Latency] = field(default_factory=list)
    request_bytes: int = 0
    response_bytes: int = 0
    slowest: tuple[int, str] = (-1, "0" * 32)
    latest_error: tuple[int, str] = (-1, "0" * 32)

    def count(self, trace_id: str, start_ns: int, error: bool, chance: float | None) -> float:
        """Count one call or span; return its weight."""
        weight = 1.0 if chance is None else 1 / chance
        self.calls += 1
        self.estimated += weight
        self.unscaled += chance is None
        if error:
            self.errors += 1
            self.estimated_errors += weight
            self.latest_error = max(self.latest_error, (start_ns, trace_id))
        return weight

    def show(self, trace_id: str, shown_ns: int) -> None:
        if shown_ns >= 0:
            self.slowest = max(self.slowest, (shown_ns, trace_id))


@dataclass
class Expected:
    """The whole graph of some spans."""

    edges: dict[EdgeKey, Facts] = field(default_factory=dict)
    operations: dict[OperationKey, Facts] = field(default_factory=dict)


def bucket(duration_ns: int) -> int:
    """Return the least ``i`` with ``duration <= 2 ** (i / 8)`` microseconds."""
    return max(0, math.ceil(8 * math.log2(max(duration_ns, 1) / 1000)))


def reference(
    spans: Iterable[Span], sampling: Sampling | None = None, stored: Iterable[Span] = ()
) -> Expected:
    """Return the graph of ``spans``, whole traces; links resolve to these and to ``stored``."""
    given = list(spans)
    traces: dict[str, list[Span]] = {}
    for span in given:
        traces.setdefault(span.trace_id, []).append(span)
    reports: dict[SpanLink, list[Span]] = {}
    for span in (*given, *stored):
        reports.setdefault(SpanLink(span.trace_id, span.span_id), []).append(span)
    expected = Expected()
    for trace in traces.values():
        _add_trace(expected, trace, sampling or Sampling(), reports)
    return expected


def _add_trace(
    expected: Expected,
    spans: list[Span],
    sampling: Sampling,
    reports: dict[SpanLink, list[Span]],
) -> None:
    nodes = build(spans)
    assign(nodes)
    calls = entry_calls(nodes)
    calls += message_calls(nodes, _linked(nodes, reports))
    calls += peer_calls(nodes, calls)
    blame(calls)
    rows = rows_of(calls)
    together = Counter((row.key.source, row.key.destination, row.key.views) for row in rows)
    for row in rows:
        facts = expected.edges.setdefault(row.key, Facts())
        same = together[row.key.source, row.key.destination, row.key.views]
        _add_call(facts, row, same, sampling)
    _add_operations(expected, nodes, sampling)


def _linked(nodes: list[Node], reports: dict[SpanLink, list[Span]]) -> dict[SpanLink, Producer]:
    """Return what the links of a trace name: in it, or alone in another (rule G31)."""
    here: dict[SpanLink, Node] = {}
    for node in reversed(nodes):  # of a shared id, the caller is what counts
        here[SpanLink(node.trace_id, node.span_id)] = node
    found: dict[SpanLink, Producer] = {}
    for link in {link for node in nodes for link in node.links}:
        if link in here:
            place, node = here[link].place, here[link]
        elif link in reports:
            alone = min(build(reports[link]), key=lambda one: one.side)
            place, node = lone_place(alone), alone
        else:
            continue
        if place is not None:
            inside = node if link in here else None
            found[link] = Producer(link, place, node.end_ns, messaging_place(node), inside)
    return found


def _add_call(facts: Facts, row: Row, same: int, sampling: Sampling) -> None:
    call, trace_id = row.call, _trace_of(row.call)
    chance = probability(_witnesses(call), [call.source, call.destination], sampling)
    start_ns = min(node.start_ns for node in call.spans)
    weight = facts.count(trace_id, start_ns, call.error, chance)
    facts.variance += same * weight * (weight - 1)
    for latencies, duration_ns in (
        (facts.client, call.client_ns),
        (facts.server, call.server_ns),
        (facts.lag, call.lag_ns),
    ):
        if duration_ns >= 0:
            latencies.append((duration_ns, weight))
    told = [one for one in (call.client_ns, call.server_ns, call.lag_ns) if one >= 0]
    facts.show(trace_id, told[0] if told else -1)
    sized = [*call.incoming, *call.outgoing]
    facts.request_bytes += next((one.request_bytes for one in sized if one.request_bytes >= 0), 0)
    facts.response_bytes += next(
        (one.response_bytes for one in sized if one.response_bytes >= 0), 0
    )


def _trace_of(call: Call) -> str:
    return call.spans[0].trace_id


def _witnesses(call: Call) -> list[Node]:
    """Return the spans whose tracestate tells how the trace was sampled."""
    return [node for node in (call.caller, call.entry, *call.outgoing[:1]) if node is not None]


def _add_operations(expected: Expected, nodes: list[Node], sampling: Sampling) -> None:
    placed: list[tuple[Node, Place]] = []
    for node in nodes:
        place = node.own if proxy_type(node.what) is ProxyType.WAYPOINT else node.place
        if place is not None:
            placed.append((node, place))
    together = Counter((place, node.what.name, node.what.kind) for node, place in placed)
    for node, place in placed:
        what = node.what
        key = OperationKey(
            place, what.name, what.kind, what.status, what.http_status_code, what.grpc_status_code
        )
        facts = expected.operations.setdefault(key, Facts())
        chance = probability([node], [place], sampling)
        weight = facts.count(node.trace_id, node.start_ns, node.error, chance)
        facts.variance += together[place, what.name, what.kind] * weight * (weight - 1)
        facts.server.append((node.duration_ns, weight))
        facts.show(node.trace_id, node.duration_ns)
