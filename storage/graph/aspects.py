"""Edges and operations: the two things that are counted, and all in which they differ here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Table

from model.graph.calls import Calls
from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import (
    EdgeTable,
    Measures,
    OperationTable,
    aggregate_calls,
    aggregate_operations,
    merge_edges,
    merge_operations,
)
from model.graph.operations import OperationSpans
from model.graph.weave import Woven
from storage.graph.key_limit import limited, reduced_edge, reduced_operation
from storage.graph.keys import KeyTable
from storage.schema import Schema

__all__ = ["Aspect", "edge_aspect", "operation_aspect"]

Bools = npt.NDArray[np.bool_]

Key = TypeVar("Key", bound=EdgeKey | OperationKey)
KeyedTable = TypeVar("KeyedTable", bound=EdgeTable | OperationTable)
Rows = TypeVar("Rows", bound=Calls | OperationSpans)

_OF_ALL_ROWS = ("keys", "trace_ids")


@dataclass(frozen=True, slots=True)
class Aspect(Generic[Key, KeyedTable]):
    """One of the two.

    Attributes:
        table: makes a table of keys and measures.
        keys_of: the keys of a table.
        woven: adds up what was woven, of the traces chosen by a flag each (None for all).
        merged: adds up tables.
        limited: a table with a bounded number of keys (see :mod:`storage.graph.key_limit`).
        keys: their rows.
        rollups: the tables of their rollups by width.
    """

    table: Callable[[tuple[Key, ...], Measures], KeyedTable]
    keys_of: Callable[[KeyedTable], tuple[Key, ...]]
    woven: Callable[[Woven, Bools | None], KeyedTable]
    merged: Callable[[Sequence[KeyedTable]], KeyedTable]
    limited: Callable[[KeyedTable], KeyedTable]
    keys: KeyTable[Key]
    rollups: Callable[[Schema], Mapping[int, Table]]


def edge_aspect() -> Aspect[EdgeKey, EdgeTable]:
    """Return what is counted of edges, no key known yet."""
    return Aspect(
        EdgeTable,
        lambda table: table.keys,
        lambda woven, traces: aggregate_calls(_chosen(woven.calls, traces)),
        merge_edges,
        lambda table: EdgeTable(*limited(table.keys, table.measures, reduced_edge)),
        KeyTable(lambda schema: schema.graph.edge_keys, EdgeKey),
        lambda schema: schema.graph.edges,
    )


def operation_aspect() -> Aspect[OperationKey, OperationTable]:
    """Return what is counted of operations, no key known yet."""
    return Aspect(
        OperationTable,
        lambda table: table.keys,
        lambda woven, traces: aggregate_operations(_chosen(woven.operations, traces)),
        merge_operations,
        lambda table: OperationTable(*limited(table.keys, table.measures, reduced_operation)),
        KeyTable(lambda schema: schema.graph.operation_keys, OperationKey),
        lambda schema: schema.graph.operations,
    )


def _chosen(rows: Rows, traces: Bools | None) -> Rows:
    if traces is None:
        return rows
    kept = traces[rows.trace]
    columns: dict[str, Any] = {
        field.name: getattr(rows, field.name)[kept]
        for field in fields(rows)
        if field.name not in _OF_ALL_ROWS
    }
    return replace(rows, **columns)
