"""Keeping the rollups of the graph right: see :mod:`storage.graph.state` for what right means.

A run examines the new pieces of traces, computes the minutes that are due, and adds them up to
wider periods. Spans are read in chunks from a snapshot, and each transaction that writes is
short and leaves everything right, so a run may end anywhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Connection, delete, select

from storage.columnar import Columnar
from storage.config import RollupConfig
from storage.deadline import Deadline
from storage.graph.allowance import Allowance
from storage.graph.aspects import edge_aspect, operation_aspect
from storage.graph.minutes import Minutes
from storage.graph.periods import delete_before, mark_rolled, widen_period, wider_periods
from storage.graph.snapshot import GraphSnapshot
from storage.graph.span_loader import SpanLoader
from storage.graph.state import StateName, changed_minutes, read_numbers, set_number
from storage.interface import RollupReport, StoreUnavailable
from storage.metrics import (
    ROLLED_MINUTES,
    ROLLUP_LATE_TRACES,
    ROLLUP_PENDING_MINUTES,
    ROLLUP_SECONDS,
)
from storage.rollup_schema import MINUTE_NS, WIDTHS_NS
from storage.schema import Schema

__all__ = ["Rollups"]

Int64s = npt.NDArray[np.int64]

_EXAMINED_SPANS = 5_000_000  # at once, which bounds the memory
_RUN_SPANS = 200_000  # minutes with few spans are computed together
_RUN_MINUTES = 60
_RUN_TIMEOUT_S = 600.0
_LOOK_AGAIN_S = 10.0  # for new pieces: whoever reads has to look at all that are not examined

# Late spans for a minute with millions of spans let all of it be computed again. Until there is
# time for it, who reads the minute computes it.
_CORRECTIONS_AT_ONCE_S = 10.0
_CORRECTIONS_SHARE = 0.2


class _Database(Protocol):
    def reading(
        self, timeout_s: float
    ) -> AbstractContextManager[tuple[Connection, Schema, Deadline]]: ...

    def transaction(self) -> AbstractContextManager[tuple[Connection, Schema]]: ...


class Rollups:
    """Implements :meth:`storage.interface.Store.roll_up`."""

    def __init__(
        self, database: _Database, columnar: Columnar, loader: SpanLoader, config: RollupConfig
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._config = config
        self._minutes = Minutes(loader, config.sampling)
        self._edges = edge_aspect()
        self._operations = operation_aspect()
        self._corrections = Allowance(_CORRECTIONS_AT_ONCE_S, _CORRECTIONS_SHARE)
        self._running = threading.Lock()
        self._closed = False

    def run(self, now_ns: int) -> RollupReport:
        """See :meth:`storage.interface.Store.roll_up`."""
        with self._running:
            return self._run(now_ns)

    def close(self) -> None:
        """End a run that is under way; those that follow raise StoreUnavailable."""
        self._closed = True
        with self._running:
            pass

    def _run(self, now_ns: int) -> RollupReport:
        started = time.monotonic()
        settled_ns = now_ns - self._config.settle_ns
        watermark = self._examine()
        new, wrong = self._due(settled_ns)
        looked = started
        done = RollupReport(0, 0, 0, 0)
        minutes_per_run = 1
        while new or (wrong and self._corrections.is_left()):
            ROLLUP_PENDING_MINUTES.set(len(new) + len(wrong))
            run, rest = _first_run(new or wrong, minutes_per_run)
            began = time.monotonic()
            report = self._replace(run, watermark)
            if new:
                new = rest
            else:
                self._corrections.spend(time.monotonic() - began)
                wrong = rest
            per_minute = max(report.spans // len(run), 1)
            minutes_per_run = min(max(_RUN_SPANS // per_minute, 1), 2 * len(run), _RUN_MINUTES)
            done = _sum(done, report)
            if time.monotonic() - looked > _LOOK_AGAIN_S:
                watermark = self._examine()
                new, wrong = self._due(settled_ns)
                looked = time.monotonic()
        done = replace(done, rows=done.rows + self._widen(settled_ns))
        self._expire(now_ns)
        ROLLUP_PENDING_MINUTES.set(len(wrong))
        if done.minutes:
            ROLLED_MINUTES.labels("new").inc(done.minutes - done.corrected)
            ROLLED_MINUTES.labels("corrected").inc(done.corrected)
            ROLLUP_SECONDS.observe(time.monotonic() - started)
        return done

    def _replace(self, run: list[int], watermark: int) -> RollupReport:
        """Compute minutes that follow one another, and put them in the place of what was."""
        with self._snapshot() as snapshot:
            computed = self._minutes.compute(snapshot, run[0], run[-1] + MINUTE_NS, watermark)
        with self._transaction() as snapshot:
            stored = self._minutes.store(snapshot, computed)
        return RollupReport(len(run), stored.corrected, computed.spans, stored.rows)

    @contextmanager
    def _snapshot(self) -> Iterator[GraphSnapshot]:
        with self._database.reading(_RUN_TIMEOUT_S) as (connection, schema, _):
            yield GraphSnapshot(connection, schema, self._columnar, self._check)

    @contextmanager
    def _transaction(self) -> Iterator[GraphSnapshot]:
        with self._database.transaction() as (connection, schema):
            yield GraphSnapshot(connection, schema, self._columnar, self._check)

    def _check(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is being closed")

    def _examine(self) -> int:
        """Let the minutes that new pieces touch be pending; return the watermark after."""
        while True:
            with self._transaction() as snapshot:
                connection, schema = snapshot.connection, snapshot.schema
                numbers = read_numbers(connection, schema)
                watermark = numbers[StateName.WATERMARK]
                traces = schema.traces.c
                # Pieces follow one another, so the last one ends last.
                ends = select(traces.first_seq + traces.span_count)
                last = ends.order_by(traces.first_seq.desc()).limit(1)
                end_seq = int(connection.execute(last).scalar_one_or_none() or 0)
                if end_seq <= watermark:
                    return watermark
                end_seq = min(end_seq, watermark + _EXAMINED_SPANS)
                changed = changed_minutes(snapshot, watermark, end_seq)
                self._add_pending(snapshot, changed, numbers)
                set_number(connection, schema, StateName.WATERMARK, end_seq)

    def _add_pending(
        self, snapshot: GraphSnapshot, changed: Int64s, numbers: dict[StateName, int]
    ) -> None:
        pending = snapshot.schema.graph.pending_minutes
        changed = changed[changed >= numbers[StateName.EXPIRED_NS]]
        is_late = np.isin(changed, self._frozen(snapshot, numbers[StateName.FROZEN_NS]))
        ROLLUP_LATE_TRACES.inc(int(np.count_nonzero(is_late)))
        known = snapshot.fetch(select(pending.c.start_ns)).column("start_ns").to_numpy()
        new = np.setdiff1d(changed[~is_late], known)
        snapshot.columnar.insert(snapshot.connection, pending, pa.table({"start_ns": new}))

    def _frozen(self, snapshot: GraphSnapshot, frozen_ns: int) -> Int64s:
        periods = snapshot.schema.graph.rolled_periods
        statement = select(periods.c.start_ns).where(
            periods.c.width_ns == MINUTE_NS, periods.c.start_ns < frozen_ns
        )
        starts: Int64s = snapshot.fetch(statement).column("start_ns").to_numpy()
        return starts

    def _due(self, settled_ns: int) -> tuple[list[int], list[int]]:
        """Return the pending minutes that have settled: those without rows, and the others.

        The first the newest first, for they are asked for most; the others by when they were
        written, so that each has its turn. Those that froze stay as they are.
        """
        with self._transaction() as snapshot:
            connection, graph = snapshot.connection, snapshot.schema.graph
            pending, periods = graph.pending_minutes.c.start_ns, graph.rolled_periods.c
            numbers = read_numbers(connection, snapshot.schema)
            frozen = self._frozen(snapshot, numbers[StateName.FROZEN_NS]).tolist()
            connection.execute(delete(graph.pending_minutes).where(pending.in_(frozen)))
            is_one = (periods.width_ns == MINUTE_NS) & (periods.start_ns == pending)
            statement = (
                select(pending, periods.rolled_at_ns)
                .select_from(graph.pending_minutes.outerjoin(graph.rolled_periods, is_one))
                .where(pending <= settled_ns - MINUTE_NS)
            )
            due = [(int(start_ns), at_ns) for start_ns, at_ns in connection.execute(statement)]
        new = sorted((start_ns for start_ns, at_ns in due if at_ns is None), reverse=True)
        wrong = sorted((at_ns, -start_ns) for start_ns, at_ns in due if at_ns is not None)
        return new, [-start_ns for _, start_ns in wrong]

    def _widen(self, settled_ns: int) -> int:
        rows = 0
        for width in WIDTHS_NS[1:]:
            with self._snapshot() as snapshot:
                starts = wider_periods(snapshot, width, settled_ns)
            for start_ns in starts:
                with self._transaction() as snapshot:
                    rows += widen_period(snapshot, self._edges, width, start_ns)
                    rows += widen_period(snapshot, self._operations, width, start_ns)
                    mark_rolled(snapshot, width, [start_ns])
        return rows

    def _expire(self, now_ns: int) -> None:
        if self._config.max_age_ns is None:
            return
        cutoff_ns = now_ns - self._config.max_age_ns
        cutoff_ns -= cutoff_ns % WIDTHS_NS[-1]
        with self._transaction() as snapshot:
            connection, schema = snapshot.connection, snapshot.schema
            if cutoff_ns > read_numbers(connection, schema)[StateName.EXPIRED_NS]:
                delete_before(snapshot, cutoff_ns)
                set_number(connection, schema, StateName.EXPIRED_NS, cutoff_ns)


def _first_run(due: list[int], most: int) -> tuple[list[int], list[int]]:
    """Return the minutes that end with the first one, at most ``most``, rising; and the others."""
    others = set(due)
    run = [due[0]]
    while len(run) < most and run[0] - MINUTE_NS in others:
        run.insert(0, run[0] - MINUTE_NS)
    taken = set(run)
    return run, [start_ns for start_ns in due if start_ns not in taken]


def _sum(one: RollupReport, other: RollupReport) -> RollupReport:
    return RollupReport(
        one.minutes + other.minutes,
        one.corrected + other.corrected,
        one.spans + other.spans,
        one.rows + other.rows,
    )
