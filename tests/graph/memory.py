"""A dependency graph over spans in memory: the contract of GraphReader, as simply as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model.envoy import ProxyType, parse_node_id
from model.graph.calls import Sampling
from model.graph.measures import (
    EdgeTable,
    OperationTable,
    aggregate_calls,
    aggregate_operations,
)
from model.graph.place import Place, PlaceKind
from model.graph.pods import Pod
from model.graph.span_columns import SpanColumns
from model.graph.weave import weave
from model.graph.window import GraphWindow
from model.span import Span
from tests.graph.columns import columns_of, trace_times, well_known

__all__ = ["MemoryGraph"]

_MINUTE_NS = 60_000_000_000
_KINDS = {
    ProxyType.SIDECAR: PlaceKind.WORKLOAD,
    ProxyType.GATEWAY: PlaceKind.GATEWAY,
    ProxyType.WAYPOINT: PlaceKind.WAYPOINT,
}


class MemoryGraph:
    """Implements :class:`storage.interface.GraphReader` over ``spans``; nothing times out.

    Args:
        spans: all that is stored.
        sampling: configured probabilities.
        settled_ns: what :meth:`settled_ns` answers; None for the minute after the newest trace.
    """

    def __init__(
        self,
        spans: Iterable[Span],
        sampling: Sampling | None = None,
        settled_ns: int | None = None,
    ) -> None:
        self._spans = list(spans)
        self._sampling = sampling or Sampling()
        self._times = trace_times(self._spans)
        newest = max(self._times.values(), default=0)
        self._settled_ns = newest + _MINUTE_NS if settled_ns is None else settled_ns

    def window(self, from_ns: int, to_ns: int, *, timeout_s: float = 60.0) -> GraphWindow:
        """See :meth:`storage.interface.GraphReader.window`."""
        edges = self.edges(from_ns, to_ns, timeout_s=timeout_s)
        operations = self.operations(from_ns, to_ns, timeout_s=timeout_s)
        pods = self.pods(from_ns, to_ns, timeout_s=timeout_s)
        places = dict.fromkeys(key.place for key in operations.keys)
        return GraphWindow(edges, tuple(places), tuple(pods))

    def edges(self, from_ns: int, to_ns: int, *, timeout_s: float = 60.0) -> EdgeTable:
        """See :meth:`storage.interface.GraphReader.edges`."""
        return aggregate_calls(weave(self._columns(from_ns, to_ns), self._sampling).calls)

    def operations(self, from_ns: int, to_ns: int, *, timeout_s: float = 60.0) -> OperationTable:
        """See :meth:`storage.interface.GraphReader.operations`."""
        return aggregate_operations(weave(self._columns(from_ns, to_ns), self._sampling).operations)

    def edge_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float = 60.0
    ) -> list[EdgeTable]:
        """See :meth:`storage.interface.GraphReader.edge_steps`."""
        return [self.edges(*step) for step in _steps(from_ns, to_ns, step_ns)]

    def operation_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float = 60.0
    ) -> list[OperationTable]:
        """See :meth:`storage.interface.GraphReader.operation_steps`."""
        return [self.operations(*step) for step in _steps(from_ns, to_ns, step_ns)]

    def spans(
        self,
        from_ns: int,
        to_ns: int,
        *,
        timeout_s: float = 60.0,
        chunk_spans: int = 200_000,
    ) -> Iterator[SpanColumns]:
        """See :meth:`storage.interface.GraphReader.spans`."""
        chunk: list[Span] = []
        for trace in self._traces(from_ns, to_ns):
            if chunk and len(chunk) + len(trace) > chunk_spans:
                yield columns_of(chunk, self._spans)
                chunk = []
            chunk += trace
        if chunk:
            yield columns_of(chunk, self._spans)

    def pods(self, from_ns: int, to_ns: int, *, timeout_s: float = 60.0) -> list[Pod]:
        """See :meth:`storage.interface.GraphReader.pods`."""
        seen: dict[tuple[str, str, Place], list[int]] = {}
        for trace in self._traces(from_ns, to_ns):
            for span in trace:
                node = parse_node_id(str(well_known(span).get("node_id", "")))
                if node is None or not node.ip:
                    continue
                place = _place(span, _KINDS[node.type])
                minute_ns = self._times[span.trace_id] // _MINUTE_NS * _MINUTE_NS
                seen.setdefault((node.ip, node.pod, place), []).append(minute_ns)
        pods = [
            Pod(address, place, pod, min(minutes), max(minutes))
            for (address, pod, place), minutes in seen.items()
        ]
        return sorted(pods, key=lambda pod: (pod.address, pod.first_seen_ns, pod.pod))

    def settled_ns(self) -> int:
        """See :meth:`storage.interface.GraphReader.settled_ns`."""
        return self._settled_ns

    def _columns(self, from_ns: int, to_ns: int) -> SpanColumns:
        traces = self._traces(from_ns, to_ns)
        return columns_of((span for trace in traces for span in trace), self._spans)

    def _traces(self, from_ns: int, to_ns: int) -> list[list[Span]]:
        if to_ns < from_ns:
            raise ValueError(f"a window must not end before it begins: {from_ns} to {to_ns}")
        traces: dict[str, list[Span]] = {}
        for span in self._spans:
            if from_ns <= self._times[span.trace_id] < to_ns:
                traces.setdefault(span.trace_id, []).append(span)
        return [
            traces[trace_id] for trace_id in sorted(traces, key=lambda one: (self._times[one], one))
        ]


def _place(span: Span, kind: PlaceKind) -> Place:
    of = span.identity
    return Place(
        kind, of.cluster, of.namespace, of.service, of.version, of.workload, span.service_name
    )


def _steps(from_ns: int, to_ns: int, step_ns: int) -> list[tuple[int, int]]:
    return [
        (start_ns, min(start_ns + step_ns, to_ns)) for start_ns in range(from_ns, to_ns, step_ns)
    ]
