"""A GraphReader over tables of rows, each at a time of its own: for answers built by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from model.graph.measures import EdgeTable, OperationTable, merge_edges, merge_operations
from model.graph.pods import Pod
from model.graph.span_columns import SpanColumns
from model.graph.window import GraphWindow
from tests.api.sample import NOON_NS, SECOND
from tests.graph.bookinfo import (
    PRODUCTPAGE,
    bookinfo_edges,
    bookinfo_operations,
    edge,
    workload,
)
from tests.graph.tables import edge_table

__all__ = ["TableGraph", "bookinfo_graph"]

_EVER = 2**63 - 1
_MINUTE = 60 * SECOND


class TableGraph:
    """Answers from memory; ``before`` runs in each call, to fail or to wait in it.

    ``edges_at`` and ``operations_at`` are tables with the times at which their traces were.
    """

    def __init__(
        self,
        edges_at: Sequence[tuple[int, EdgeTable]] = (),
        operations_at: Sequence[tuple[int, OperationTable]] = (),
        pods: Sequence[Pod] = (),
        settled_ns: int = _EVER,
    ) -> None:
        self.edges_at = list(edges_at)
        self.operations_at = list(operations_at)
        self.pod_list = list(pods)
        self.settled = settled_ns
        self.before: Callable[[], None] = lambda: None
        self.windows: list[tuple[int, int]] = []

    def window(self, from_ns: int, to_ns: int, *, timeout_s: float) -> GraphWindow:
        edges = self.edges(from_ns, to_ns, timeout_s=timeout_s)
        operations = self.operations(from_ns, to_ns, timeout_s=timeout_s)
        pods = self.pods(from_ns, to_ns, timeout_s=timeout_s)
        places = dict.fromkeys(key.place for key in operations.keys)
        return GraphWindow(edges, tuple(places), tuple(pods))

    def edges(self, from_ns: int, to_ns: int, *, timeout_s: float) -> EdgeTable:
        self._begin(from_ns, to_ns, timeout_s)
        return merge_edges([table for at, table in self.edges_at if from_ns <= at < to_ns])

    def operations(self, from_ns: int, to_ns: int, *, timeout_s: float) -> OperationTable:
        self._begin(from_ns, to_ns, timeout_s)
        return merge_operations(
            [table for at, table in self.operations_at if from_ns <= at < to_ns]
        )

    def edge_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[EdgeTable]:
        return [
            self.edges(start, min(start + step_ns, to_ns), timeout_s=timeout_s)
            for start in range(from_ns, to_ns, step_ns)
        ]

    def operation_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[OperationTable]:
        return [
            self.operations(start, min(start + step_ns, to_ns), timeout_s=timeout_s)
            for start in range(from_ns, to_ns, step_ns)
        ]

    def spans(
        self, from_ns: int, to_ns: int, *, timeout_s: float, chunk_spans: int = 200_000
    ) -> Iterator[SpanColumns]:
        self._begin(from_ns, to_ns, timeout_s)
        return iter(())

    def pods(self, from_ns: int, to_ns: int, *, timeout_s: float) -> list[Pod]:
        self._begin(from_ns, to_ns, timeout_s)
        return [
            pod
            for pod in self.pod_list
            if pod.first_seen_ns < to_ns and pod.last_seen_ns >= from_ns
        ]

    def settled_ns(self) -> int:
        return self.settled

    def _begin(self, from_ns: int, to_ns: int, timeout_s: float) -> None:
        assert timeout_s > 0
        if to_ns < from_ns:
            raise ValueError("the window ends before it begins")
        self.windows.append((from_ns, to_ns))
        self.before()


def bookinfo_graph() -> TableGraph:
    """Bookinfo's minute before noon, which is settled, and an idle workload an hour earlier."""
    at = NOON_NS - _MINUTE
    old = edge_table([(edge(PRODUCTPAGE, workload("old")), {"calls": 2})])
    return TableGraph(
        [(at, bookinfo_edges(at)), (at - 3600 * SECOND, old)],
        [(at, bookinfo_operations(at))],
        settled_ns=NOON_NS,
    )
