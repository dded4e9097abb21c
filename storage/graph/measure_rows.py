"""Measures as rows of the rollup tables, and back, without a Python object for each value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import BigInteger, Select, Table, bindparam, select

from model.graph.measures import Measures
from storage.functions import uuid_high, uuid_low
from storage.graph.histogram_bytes import PackedHistograms, pack
from storage.graph.pieces import unsigned
from storage.rollup_schema import HISTOGRAMS

__all__ = ["grouped_measures", "rows_between", "rows_of_measures"]

Int64s = npt.NDArray[np.int64]
TraceIds = npt.NDArray[np.uint64]

_WHOLE = ("calls", "errors", "unscaled", "request_bytes", "response_bytes")
_REAL = ("estimated", "estimated_errors", "variance")
_EXEMPLARS = ("slowest", "latest_error")


def rows_between(table: Table) -> Select[*tuple[Any, ...]]:
    """The rows of the periods from ``first_ns`` to ``last_ns``, both parameters."""
    columns = [column for column in table.c if not column.name.endswith("_trace")]
    halves = [
        half(table.c[f"{name}_trace"]).label(f"{name}_{which}")
        for name in _EXEMPLARS
        for which, half in (("high", uuid_high), ("low", uuid_low))
    ]
    first_ns, last_ns = (bindparam(name, type_=BigInteger) for name in ("first_ns", "last_ns"))
    return select(*columns, *halves).where(table.c.start_ns.between(first_ns, last_ns))


def grouped_measures(rows: pa.Table, groups: Int64s, count: int) -> Measures:
    """Return ``count`` rows: row ``g`` adds up the rows whose ``groups`` (never negative) is ``g``.

    ``rows`` are as :func:`rows_between` selects them.
    """
    columns: dict[str, Any] = {name: rows.column(name).to_numpy() for name in (*_WHOLE, *_REAL)}
    for name in _EXEMPLARS:
        columns[f"{name}_ns"] = rows.column(f"{name}_ns").to_numpy()
        halves = (unsigned(rows.column(f"{name}_{which}")) for which in ("high", "low"))
        columns[f"{name}_trace"] = np.column_stack(tuple(halves))
    numbers = replace(Measures.zeros(len(groups)), **columns).grouped(groups, count)
    packed = PackedHistograms(
        lengths=_matrix(rows, "buckets").astype(np.int64),
        sums_ns=_matrix(rows, "sum_ns"),
        buckets=rows.column("buckets"),
        counts=rows.column("counts"),
    )
    client, server, lag = packed.grouped(groups, count)
    return replace(numbers, client=client, server=server, lag=lag)


def _matrix(rows: pa.Table, part: str) -> npt.NDArray[Any]:
    return np.column_stack([rows.column(f"{name}_{part}").to_numpy() for name in HISTOGRAMS])


def rows_of_measures(start_ns: int, ids: Int64s, measures: Measures) -> pa.Table:
    """Return the rows of the period that begins at ``start_ns``; ``ids`` are of their keys."""
    columns: dict[str, Any] = {
        "start_ns": np.full(len(ids), start_ns),
        "key": ids,
        **{name: getattr(measures, name) for name in (*_WHOLE, *_REAL)},
    }
    packed = pack([getattr(measures, name) for name in HISTOGRAMS])
    columns |= {"buckets": packed.buckets, "counts": packed.counts}
    for number, name in enumerate(HISTOGRAMS):
        columns[f"{name}_buckets"] = packed.lengths[:, number].astype(np.int32)
        columns[f"{name}_sum_ns"] = packed.sums_ns[:, number]
    for name in _EXEMPLARS:
        columns[f"{name}_ns"] = getattr(measures, f"{name}_ns")
        columns[f"{name}_trace"] = uuids_of_halves(getattr(measures, f"{name}_trace"))
    return pa.table(columns)


def uuids_of_halves(ids: TraceIds) -> pa.Array:
    """Return ids as Arrow's UUID type, from their big-endian halves."""
    data = pa.py_buffer(np.ascontiguousarray(ids.astype(">u8")).tobytes())
    storage = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(ids), [None, data])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)
