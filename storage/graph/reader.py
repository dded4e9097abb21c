"""The reader of the dependency graph: the same for every engine with Arrow tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import EdgeTable, OperationTable
from model.graph.pods import Pod
from model.graph.span_columns import SpanColumns
from model.graph.window import GraphWindow
from storage.columnar import Columnar
from storage.config import RollupConfig
from storage.deadline import Deadline
from storage.graph.aspects import edge_aspect, operation_aspect
from storage.graph.live_pods import live_pods
from storage.graph.pods import merged_pods, stored_pods
from storage.graph.snapshot import GraphSnapshot
from storage.graph.span_loader import CHUNK_SPANS, SpanLoader
from storage.graph.state import RollupState, read_state
from storage.graph.tables import Steps, StepTables
from storage.graph.windows import WindowTables
from storage.rollup_schema import MINUTE_NS
from storage.schema import Schema

__all__ = ["MOST_STEPS", "SQLGraphReader"]

MOST_STEPS = 10_000

Key = TypeVar("Key", bound=EdgeKey | OperationKey)
KeyedTable = TypeVar("KeyedTable", bound=EdgeTable | OperationTable)


class _Readable(Protocol):
    def reading(
        self, timeout_s: float
    ) -> AbstractContextManager[tuple[Connection, Schema, Deadline]]: ...


class SQLGraphReader:
    """Implements :class:`storage.interface.GraphReader`."""

    def __init__(
        self,
        database: _Readable,
        columnar: Columnar,
        loader: SpanLoader,
        config: RollupConfig,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._loader = loader
        self._config = config
        self._now_ns = now_ns
        self._edges = StepTables(edge_aspect(), loader, config.sampling)
        self._operations = StepTables(operation_aspect(), loader, config.sampling)
        self._windows = WindowTables(self._edges, self._operations, loader, config.sampling)

    @contextmanager
    def _snapshot(self, timeout_s: float) -> Iterator[GraphSnapshot]:
        with self._database.reading(timeout_s) as (connection, schema, limit):
            yield GraphSnapshot(connection, schema, self._columnar, limit.check)

    def window(self, from_ns: int, to_ns: int, *, timeout_s: float) -> GraphWindow:
        """See :meth:`storage.interface.GraphReader.window`."""
        _check_window(from_ns, to_ns)
        # The pods' minutes are whole ones.
        first_ns = from_ns - from_ns % MINUTE_NS
        with self._snapshot(timeout_s) as snapshot:
            state = read_state(snapshot, first_ns, to_ns)
            edges, places = self._windows.read(snapshot, state, from_ns, to_ns)
            pods = _pods(snapshot, state, from_ns, to_ns)
        return GraphWindow(edges, tuple(places), tuple(pods))

    def edges(self, from_ns: int, to_ns: int, *, timeout_s: float) -> EdgeTable:
        """See :meth:`storage.interface.GraphReader.edges`."""
        return self._whole(self._edges, from_ns, to_ns, timeout_s)

    def operations(self, from_ns: int, to_ns: int, *, timeout_s: float) -> OperationTable:
        """See :meth:`storage.interface.GraphReader.operations`."""
        return self._whole(self._operations, from_ns, to_ns, timeout_s)

    def edge_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[EdgeTable]:
        """See :meth:`storage.interface.GraphReader.edge_steps`.

        Raises ValueError for more than 10,000 steps.
        """
        return self._steps(self._edges, Steps(from_ns, to_ns, step_ns), timeout_s)

    def operation_steps(
        self, from_ns: int, to_ns: int, step_ns: int, *, timeout_s: float
    ) -> list[OperationTable]:
        """See :meth:`storage.interface.GraphReader.operation_steps`.

        Raises ValueError for more than 10,000 steps.
        """
        return self._steps(self._operations, Steps(from_ns, to_ns, step_ns), timeout_s)

    def _whole(
        self, tables: StepTables[Key, KeyedTable], from_ns: int, to_ns: int, timeout_s: float
    ) -> KeyedTable:
        steps = Steps(from_ns, to_ns, max(to_ns - from_ns, 1))
        found = self._steps(tables, steps, timeout_s)
        return found[0] if found else tables.nothing()

    def _steps(
        self, tables: StepTables[Key, KeyedTable], steps: Steps, timeout_s: float
    ) -> list[KeyedTable]:
        _check_window(steps.from_ns, steps.to_ns)
        if steps.step_ns <= 0:
            raise ValueError(f"a step must be longer than 0 ns, got {steps.step_ns}")
        if len(steps) > MOST_STEPS:
            raise ValueError(
                f"a window has at most {MOST_STEPS} steps, this one would have {len(steps)}: take "
                "longer steps or a shorter time range"
            )
        if not len(steps):
            return []
        with self._snapshot(timeout_s) as snapshot:
            state = read_state(snapshot, steps.from_ns, steps.to_ns)
            return tables.read(snapshot, state, steps)

    def spans(
        self, from_ns: int, to_ns: int, *, timeout_s: float, chunk_spans: int = CHUNK_SPANS
    ) -> Generator[SpanColumns, None, None]:
        """See :meth:`storage.interface.GraphReader.spans`."""
        _check_window(from_ns, to_ns)
        with self._snapshot(timeout_s) as snapshot:
            yield from self._loader.chunks(snapshot, from_ns, to_ns, chunk_spans, request_ids=True)

    def pods(self, from_ns: int, to_ns: int, *, timeout_s: float) -> list[Pod]:
        """See :meth:`storage.interface.GraphReader.pods`."""
        _check_window(from_ns, to_ns)
        first_ns = from_ns - from_ns % MINUTE_NS
        with self._snapshot(timeout_s) as snapshot:
            return _pods(snapshot, read_state(snapshot, first_ns, to_ns), from_ns, to_ns)

    def settled_ns(self) -> int:
        """See :meth:`storage.interface.GraphReader.settled_ns`."""
        settled_ns = self._now_ns() - self._config.settle_ns
        return settled_ns - settled_ns % MINUTE_NS


def _pods(snapshot: GraphSnapshot, state: RollupState, from_ns: int, to_ns: int) -> list[Pod]:
    pods = stored_pods(snapshot, from_ns, to_ns)
    first_ns = from_ns - from_ns % MINUTE_NS
    pods += live_pods(snapshot, state.stale[(state.stale >= first_ns) & (state.stale < to_ns)])
    return merged_pods(pods)


def _check_window(from_ns: int, to_ns: int) -> None:
    if to_ns < from_ns:
        raise ValueError(f"the window ends at {to_ns}, before it begins at {from_ns}")
