"""Minutes of the graph: computed from spans, and put in the place of what was stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
from sqlalchemy import ColumnElement, Table, delete, func, select

from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import EdgeTable, OperationTable
from model.graph.pods import Pod
from model.graph.span_columns import SpanColumns
from model.graph.weave import Woven, weave
from storage.graph.aspects import Aspect, edge_aspect, operation_aspect
from storage.graph.periods import insert_periods, mark_rolled
from storage.graph.pods import merged_pods, pods_in, store_pods
from storage.graph.snapshot import GraphSnapshot
from storage.graph.span_loader import SpanLoader
from storage.graph.tables import Steps, tables_of
from storage.rollup_schema import MINUTE_NS, WIDTHS_NS

__all__ = ["ComputedMinutes", "Minutes", "StoredMinutes"]

Key = TypeVar("Key", bound=EdgeKey | OperationKey)
KeyedTable = TypeVar("KeyedTable", bound=EdgeTable | OperationTable)

_CHUNK_SPANS = 50_000
_MOST_UNMERGED = 8


@dataclass(frozen=True, slots=True)
class ComputedMinutes:
    """What the traces of minutes that follow one another say.

    Attributes:
        starts: of all the minutes, also of those without traces.
        edges, operations: by the start of each minute that has traces.
        links: (id of another trace, start of the minute of a trace that links to it).
        spans: how many the traces have.
    """

    starts: list[int]
    edges: dict[int, EdgeTable]
    operations: dict[int, OperationTable]
    pods: list[Pod]
    links: set[tuple[str, int]]
    spans: int


@dataclass(frozen=True, slots=True)
class StoredMinutes:
    """How many of the minutes had been stored before, and how many rows were stored now."""

    corrected: int
    rows: int


class Minutes:
    """Computes minutes and stores them; one thread at a time."""

    def __init__(self, loader: SpanLoader, sampling: Sampling) -> None:
        self._loader = loader
        self._sampling = sampling
        self._edges = edge_aspect()
        self._operations = operation_aspect()

    def compute(
        self, snapshot: GraphSnapshot, from_ns: int, to_ns: int, below_seq: int
    ) -> ComputedMinutes:
        """Compute the whole minutes of ``[from_ns, to_ns)``, of the pieces below ``below_seq``."""
        steps = Steps(from_ns, to_ns, MINUTE_NS)
        edges, operations = _Sums(self._edges, steps), _Sums(self._operations, steps)
        pods: list[Pod] = []
        links: set[tuple[str, int]] = set()
        count = 0
        for spans in self._loader.chunks(snapshot, from_ns, to_ns, _CHUNK_SPANS, below_seq):
            woven = weave(spans, self._sampling)
            edges.add(spans, woven)
            operations.add(spans, woven)
            pods = merged_pods([*pods, *pods_in(spans)])
            links.update(_links(spans))
            count += len(spans)
        starts = list(range(from_ns, to_ns, MINUTE_NS))
        return ComputedMinutes(starts, edges.tables(), operations.tables(), pods, links, count)

    def store(self, snapshot: GraphSnapshot, minutes: ComputedMinutes) -> StoredMinutes:
        """Replace the rows of ``minutes``, and delete those of the wider periods around them."""
        graph, connection = snapshot.schema.graph, snapshot.connection
        periods = graph.rolled_periods
        stored = _is_of(periods, minutes.starts, MINUTE_NS) & (periods.c.width_ns == MINUTE_NS)
        statement = select(func.count()).select_from(periods).where(stored)
        corrected = int(connection.execute(statement).scalar_one())
        for width in WIDTHS_NS:
            for table in (graph.edges[width], graph.operations[width]):
                connection.execute(delete(table).where(_is_of(table, minutes.starts, width)))
            is_one = _is_of(periods, minutes.starts, width) & (periods.c.width_ns == width)
            connection.execute(delete(periods).where(is_one))
        for table in (graph.link_targets, graph.pending_minutes):
            connection.execute(delete(table).where(table.c.start_ns.in_(minutes.starts)))
        rows = insert_periods(snapshot, self._edges, MINUTE_NS, minutes.edges)
        rows += insert_periods(snapshot, self._operations, MINUTE_NS, minutes.operations)
        rolled = sorted(minutes.edges.keys() | minutes.operations.keys())
        mark_rolled(snapshot, MINUTE_NS, rolled)
        snapshot.columnar.insert(connection, graph.link_targets, _link_rows(minutes.links))
        store_pods(snapshot, minutes.pods)
        return StoredMinutes(corrected, rows)


class _Sums(Generic[Key, KeyedTable]):
    """Adds up the tables of chunks, minute by minute."""

    def __init__(self, aspect: Aspect[Key, KeyedTable], steps: Steps) -> None:
        self._aspect = aspect
        self._steps = steps
        self._found: dict[int, list[KeyedTable]] = {}

    def add(self, spans: SpanColumns, woven: Woven) -> None:
        """Add what a chunk says."""
        for number, table in tables_of(self._aspect, spans, woven, self._steps):
            tables = self._found.setdefault(number, [])
            tables.append(table)
            if len(tables) > _MOST_UNMERGED:
                self._found[number] = [self._aspect.merged(tables)]

    def tables(self) -> dict[int, KeyedTable]:
        """Return the table of each minute that has traces, by its start."""
        return {
            self._steps.step(number)[0]: self._aspect.limited(self._aspect.merged(tables))
            for number, tables in sorted(self._found.items())
        }


def _links(spans: SpanColumns) -> Iterable[tuple[str, int]]:
    for row, links in spans.links.items():
        trace = int(spans.trace[row])
        time_ns = int(spans.times_ns[trace])
        for link in links:
            if link.trace_id != spans.trace_id(trace):
                yield link.trace_id, time_ns - time_ns % MINUTE_NS


def _link_rows(links: set[tuple[str, int]]) -> pa.Table:
    ordered = sorted(links)
    ids = pa.array([bytes.fromhex(trace_id) for trace_id, _ in ordered], pa.binary(16))
    return pa.table(
        {
            "trace_id": pa.ExtensionArray.from_storage(pa.uuid(), ids),
            "start_ns": pa.array([start_ns for _, start_ns in ordered], pa.int64()),
        }
    )


def _is_of(table: Table, minutes: Sequence[int], width: int) -> ColumnElement[bool]:
    return table.c.start_ns.in_(sorted({start_ns - start_ns % width for start_ns in minutes}))
