"""Tables of edges or operations of steps of time, out of rollups and out of spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import BigInteger, SelectBase, Table, bindparam, select

from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, OperationKey
from model.graph.kept import Kept
from model.graph.measures import EdgeTable, OperationTable
from model.graph.span_columns import SpanColumns
from model.graph.weave import Woven, weave
from storage.graph.aspects import Aspect
from storage.graph.cover import Cover, cover, joined, runs
from storage.graph.key_limit import MOST_KEYS
from storage.graph.measure_rows import grouped_measures, rows_between
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.graph.span_loader import SpanLoader
from storage.graph.state import RollupState
from storage.graph.sums import KeptRuns, PeriodKeys, PeriodSum, Run, total
from storage.rollup_schema import MINUTE_NS, WIDTHS_NS

__all__ = ["StepTables", "Steps", "tables_of"]

Int64s = npt.NDArray[np.int64]

Key = TypeVar("Key", bound=EdgeKey | OperationKey)
KeyedTable = TypeVar("KeyedTable", bound=EdgeTable | OperationTable)

_MOST_UNMERGED = 8
_KEPT_KEY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Steps:
    """A window ``[from_ns, to_ns)`` cut into steps of ``step_ns``, the last one cut off."""

    from_ns: int
    to_ns: int
    step_ns: int

    def __len__(self) -> int:
        return len(range(self.from_ns, self.to_ns, self.step_ns))

    def step(self, number: int) -> tuple[int, int]:
        """Return the bounds of a step."""
        start_ns = self.from_ns + number * self.step_ns
        return start_ns, min(start_ns + self.step_ns, self.to_ns)

    def numbers(self, times_ns: Int64s) -> Int64s:
        """Return the step that each time of the window is in."""
        return (times_ns - self.from_ns) // self.step_ns


class StepTables(Generic[Key, KeyedTable]):
    """Reads tables of one aspect."""

    def __init__(
        self, aspect: Aspect[Key, KeyedTable], loader: SpanLoader, sampling: Sampling
    ) -> None:
        self._aspect = aspect
        self._loader = loader
        self._sampling = sampling
        self._sums: KeptRuns[PeriodSum] = KeptRuns()
        self._totals = Kept(total, most=2)
        self._keys: KeptRuns[PeriodKeys] = KeptRuns(_KEPT_KEY_BYTES)
        self._rows: PerSchema[dict[int, SelectBase]] = PerSchema(
            lambda schema: {
                width: rows_between(table) for width, table in aspect.rollups(schema).items()
            }
        )
        self._row_keys: PerSchema[dict[int, SelectBase]] = PerSchema(
            lambda schema: {
                width: _keys_between(table) for width, table in aspect.rollups(schema).items()
            }
        )

    def read(self, snapshot: GraphSnapshot, state: RollupState, steps: Steps) -> list[KeyedTable]:
        """Return a table for each step."""
        covers = [cover(state, *steps.step(number)) for number in range(len(steps))]
        tables: list[list[KeyedTable]] = [[] for _ in covers]
        if len(covers) == 1:
            tables[0] += self.summed(snapshot, state, covers[0])
        else:
            for number, table in self._summed_by_step(snapshot, steps, covers).items():
                tables[number].append(table)
        live = joined(one for part in covers for one in part.live)
        for from_ns, to_ns in live:
            for number, table in self._computed(snapshot, steps, from_ns, to_ns).items():
                tables[number].append(table)
        return [self._aspect.merged(found) for found in tables]

    def nothing(self) -> KeyedTable:
        """Return an empty table."""
        return self._aspect.merged([])

    def woven(self, snapshot: GraphSnapshot, from_ns: int, to_ns: int) -> KeyedTable:
        """Return the table of ``[from_ns, to_ns)`` as its spans tell it."""
        steps = Steps(from_ns, to_ns, to_ns - from_ns)
        return self._aspect.merged(list(self._computed(snapshot, steps, from_ns, to_ns).values()))

    def summed_keys(
        self, snapshot: GraphSnapshot, state: RollupState, whole: Cover
    ) -> tuple[Key, ...]:
        """Return the keys of what ``whole`` reads from rollups."""
        parts = [self._keys_of(snapshot, state, run).ids for run in _runs_of(whole)]
        if not parts:
            return ()
        return self._aspect.keys.find(snapshot, np.unique(np.concatenate(parts)))

    def summed(self, snapshot: GraphSnapshot, state: RollupState, whole: Cover) -> list[KeyedTable]:
        """Return the sum of what ``whole`` reads from rollups; no table if that is nothing."""
        parts = tuple(self._sum_of(snapshot, state, run) for run in _runs_of(whole))
        if not parts:
            return []
        found = self._totals.to(parts)
        return [self._aspect.table(self._aspect.keys.find(snapshot, found.ids), found.measures)]

    def _keys_of(self, snapshot: GraphSnapshot, state: RollupState, run: Run) -> PeriodKeys:
        version = state.version(*run)
        found = self._keys.get(run, version)
        if found is None:
            rows = self._fetched(snapshot, self._row_keys, run)
            found = PeriodKeys(np.sort(rows.column("key").to_numpy()))
            self._keys.keep(run, version, found)
        return found

    def _sum_of(self, snapshot: GraphSnapshot, state: RollupState, run: Run) -> PeriodSum:
        version = state.version(*run)
        found = self._sums.get(run, version)
        if found is None:
            rows = self._fetched(snapshot, self._rows, run)
            ids, groups = np.unique(rows.column("key").to_numpy(), return_inverse=True)
            found = PeriodSum(ids, grouped_measures(rows, groups, len(ids)))
            self._sums.keep(run, version, found)
        return found

    def _fetched(
        self, snapshot: GraphSnapshot, statements: PerSchema[dict[int, SelectBase]], run: Run
    ) -> pa.Table:
        width, first_ns, last_ns = run
        statement = statements.of(snapshot.schema)[width]
        return snapshot.fetch(statement, first_ns=first_ns, last_ns=last_ns)

    def _summed_by_step(
        self, snapshot: GraphSnapshot, steps: Steps, covers: Sequence[Cover]
    ) -> dict[int, KeyedTable]:
        """Return a table of each step that has rows."""
        parts = []
        for width in WIDTHS_NS:
            starts = np.concatenate([part.periods[width] for part in covers])
            parts += [
                self._fetched(snapshot, self._rows, (width, *run)) for run in runs(starts, width)
            ]
        if not parts:
            return {}
        rows = pa.concat_tables(parts)
        ids, key = np.unique(rows.column("key").to_numpy(), return_inverse=True)
        cells = steps.numbers(rows.column("start_ns").to_numpy()) * len(ids) + key
        distinct, groups = np.unique(cells, return_inverse=True)
        measures = grouped_measures(rows, groups, len(distinct))
        keys = self._aspect.keys.find(snapshot, ids)
        number, key = np.divmod(distinct, max(len(ids), 1))
        begins = np.flatnonzero(np.diff(number, prepend=-1))
        return {
            int(number[first]): self._aspect.table(
                tuple(keys[one] for one in key[first:end].tolist()),
                measures.take(np.arange(first, end)),
            )
            for first, end in pairwise([*begins.tolist(), len(distinct)])
        }

    def _computed(
        self, snapshot: GraphSnapshot, steps: Steps, from_ns: int, to_ns: int
    ) -> dict[int, KeyedTable]:
        """Return a table of each step that traces of ``[from_ns, to_ns)`` are in."""
        found: dict[int, list[KeyedTable]] = {}
        for spans in self._loader.chunks(snapshot, from_ns, to_ns):
            woven = weave(spans, self._sampling)
            for number, table in tables_of(self._aspect, spans, woven, steps):
                tables = found.setdefault(number, [])
                tables.append(table)
                if len(tables) > _MOST_UNMERGED:
                    found[number] = [self._aspect.merged(tables)]
        merged = {number: self._aspect.merged(tables) for number, tables in found.items()}
        if all(len(table.keys) <= MOST_KEYS for table in merged.values()):
            return merged
        # Each minute by itself, as rollups have it.
        minutes = _minutes(from_ns, to_ns)
        if len(minutes) == 1:
            return {number: self._aspect.limited(t) for number, t in merged.items()}
        parts = [self._computed(snapshot, steps, *minute) for minute in minutes]
        return {
            number: self._aspect.merged([part[number] for part in parts if number in part])
            for number in merged
        }


def tables_of(
    aspect: Aspect[Key, KeyedTable], spans: SpanColumns, woven: Woven, steps: Steps
) -> Iterator[tuple[int, KeyedTable]]:
    """Yield a table of each step that traces of a chunk are in, with the step's number."""
    number = steps.numbers(spans.times_ns)
    present = np.unique(number)
    for one in present.tolist():
        yield one, aspect.woven(woven, None if len(present) == 1 else number == one)


def _runs_of(whole: Cover) -> list[Run]:
    return [
        (width, first_ns, last_ns)
        for width, starts in whole.periods.items()
        for first_ns, last_ns in runs(starts, width)
    ]


def _keys_between(table: Table) -> SelectBase:
    first_ns, last_ns = (bindparam(name, type_=BigInteger) for name in ("first_ns", "last_ns"))
    return select(table.c.key).distinct().where(table.c.start_ns.between(first_ns, last_ns))


def _minutes(from_ns: int, to_ns: int) -> list[tuple[int, int]]:
    cuts = [from_ns, *range(from_ns - from_ns % MINUTE_NS + MINUTE_NS, to_ns, MINUTE_NS), to_ns]
    return list(pairwise(cuts))
