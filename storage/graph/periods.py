"""Rows of periods: storing tables of them, adding minutes up to wider ones, and deleting them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import delete, select, union

from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import EdgeTable, OperationTable
from storage.graph.aspects import Aspect
from storage.graph.key_limit import MOST_KEYS
from storage.graph.measure_rows import grouped_measures, rows_between, rows_of_measures
from storage.graph.snapshot import GraphSnapshot
from storage.rollup_schema import WIDTHS_NS

__all__ = ["delete_before", "insert_periods", "mark_rolled", "widen_period", "wider_periods"]

Int64s = npt.NDArray[np.int64]

Key = TypeVar("Key", bound=EdgeKey | OperationKey)
KeyedTable = TypeVar("KeyedTable", bound=EdgeTable | OperationTable)


def insert_periods(
    snapshot: GraphSnapshot,
    aspect: Aspect[Key, KeyedTable],
    width: int,
    tables: Mapping[int, KeyedTable],
) -> int:
    """Insert the tables of periods, by their start, and return how many rows that were."""
    if not tables:
        return 0
    parts = []
    keys: dict[int, Key] = {}
    for start_ns, table in tables.items():
        of_table = aspect.keys_of(table)
        ids = aspect.keys.ids(of_table)
        keys.update(zip(ids.tolist(), of_table, strict=True))
        parts.append(rows_of_measures(start_ns, ids, table.measures))
    aspect.keys.store(snapshot, keys)
    rows = pa.concat_tables(parts)
    snapshot.columnar.insert(snapshot.connection, aspect.rollups(snapshot.schema)[width], rows)
    return int(rows.num_rows)


def mark_rolled(snapshot: GraphSnapshot, width: int, starts: Sequence[int]) -> None:
    """Record that the rows of periods are right."""
    periods = snapshot.schema.graph.rolled_periods
    rows = {
        "width_ns": np.full(len(starts), width),
        "start_ns": np.array(starts, np.int64),
        "rolled_at_ns": np.full(len(starts), time.time_ns()),
    }
    snapshot.columnar.insert(snapshot.connection, periods, pa.table(rows))


def wider_periods(snapshot: GraphSnapshot, width: int, settled_ns: int) -> list[int]:
    """Return the starts of the periods that can be added up from finer ones, and are not yet.

    Those are over, hold finer rows, and no minute of theirs is pending.
    """
    graph = snapshot.schema.graph
    finer = WIDTHS_NS[WIDTHS_NS.index(width) - 1]
    rows = snapshot.fetch(select(graph.rolled_periods))
    widths, starts = rows.column("width_ns").to_numpy(), rows.column("start_ns").to_numpy()
    pending = snapshot.fetch(select(graph.pending_minutes)).column("start_ns").to_numpy()
    held = starts[widths == finer]
    found = np.setdiff1d(held - held % width, starts[widths == width])
    found = found[found + width <= settled_ns]
    return np.setdiff1d(found, pending - pending % width).tolist()  # type: ignore[no-any-return]


def widen_period(
    snapshot: GraphSnapshot, aspect: Aspect[Key, KeyedTable], width: int, start_ns: int
) -> int:
    """Add up the rows of the finer periods of a period, and return how many rows that makes."""
    finer = WIDTHS_NS[WIDTHS_NS.index(width) - 1]
    rollups = aspect.rollups(snapshot.schema)
    rows = snapshot.fetch(
        rows_between(rollups[finer]), first_ns=start_ns, last_ns=start_ns + width - 1
    )
    if not rows.num_rows:
        return 0
    ids, groups = np.unique(rows.column("key").to_numpy(), return_inverse=True)
    measures = grouped_measures(rows, groups, len(ids))
    if len(ids) > MOST_KEYS:
        table = aspect.limited(aspect.table(aspect.keys.find(snapshot, ids), measures))
        return insert_periods(snapshot, aspect, width, {start_ns: table})
    summed = rows_of_measures(start_ns, ids, measures)
    snapshot.columnar.insert(snapshot.connection, rollups[width], summed)
    return len(ids)


def delete_before(snapshot: GraphSnapshot, cutoff_ns: int) -> None:
    """Delete all that is of periods before ``cutoff_ns``, and the keys that nothing uses then."""
    graph, connection = snapshot.schema.graph, snapshot.connection
    tables = (*graph.edges.values(), *graph.operations.values())
    for table in (*tables, graph.rolled_periods, graph.pending_minutes, graph.link_targets):
        connection.execute(delete(table).where(table.c.start_ns < cutoff_ns))
    pods = graph.pods
    connection.execute(delete(pods).where(pods.c.last_seen_ns < cutoff_ns))
    for keys, rollups in ((graph.edge_keys, graph.edges), (graph.operation_keys, graph.operations)):
        # Every key of a wider period is one of its minutes, or was when there were too many.
        used = union(*(select(table.c.key) for table in rollups.values()))
        connection.execute(delete(keys).where(keys.c.id.not_in(used)))
