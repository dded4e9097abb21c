"""Which spans of a batch are stored already, by the pieces of their traces.

Most traces of a batch are new, and for those nothing but an index of ``traces`` is asked.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, literal, select
from sqlalchemy.types import UserDefinedType

from model.batch import SpanBatch
from storage.functions import any_of
from storage.incoming import Identities, Rows
from storage.schema import Schema

__all__ = ["stored_positions"]

_SPANS_AT_ONCE = 50_000


class _UUIDs(UserDefinedType[str]):
    """An array of UUIDs as one text, which is bound in a tenth of the time."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        return "UUID[]"


def stored_positions(
    connection: Connection, schema: Schema, batch: SpanBatch, found: Identities, rows: Rows
) -> list[int]:
    """Return the positions in ``rows`` of spans that are stored (rule G1)."""
    trace_of_row, ids = _traces(batch, found, rows)
    traces = schema.traces.c
    wanted = literal(f"{{{','.join(one.hex() for one in ids)}}}", _UUIDs())
    statement = select(traces.trace_id, traces.first_seq, traces.span_count).where(
        any_of(traces.trace_id, wanted),
        traces.start_ns <= int(found.start_ns.max()),
        traces.end_ns >= int(found.start_ns.min()),
    )
    pieces = connection.execute(statement).all()
    if not pieces:
        return []
    known = {trace_id.bytes for trace_id, _, _ in pieces}
    is_known = np.array([one in known for one in ids])
    asked = np.flatnonzero(is_known[trace_of_row])
    of_spans = (found.span_id, found.kind, found.start_ns)
    identities = zip(
        (ids[trace] for trace in trace_of_row[asked].tolist()),
        *(column[rows[asked]].tolist() for column in of_spans),
        strict=True,
    )
    positions = dict(zip(identities, asked.tolist(), strict=True))
    numbers = [n for _, first, count in pieces for n in range(first, first + count)]
    starts = found.start_ns[rows[asked]]
    spans = schema.spans.c
    stored = []
    for first in range(0, len(numbers), _SPANS_AT_ONCE):
        part = bindparam("numbers", numbers[first : first + _SPANS_AT_ONCE], ARRAY(BigInteger))
        same = select(spans.trace_id, spans.span_id, spans.kind, spans.start_ns).where(
            any_of(spans.seq, part),
            spans.start_ns.between(int(starts.min()), int(starts.max())),
        )
        for trace_id, span_id, kind, start_ns in connection.execute(same):
            position = positions.get((trace_id.bytes, span_id, kind, start_ns))
            if position is not None:
                stored.append(position)
    return stored


def _traces(
    batch: SpanBatch, found: Identities, rows: Rows
) -> tuple[npt.NDArray[np.intp], list[bytes]]:
    """Return which trace each of the ``rows`` is of, and the ids of the traces."""
    high, low = found.trace_high[rows], found.trace_low[rows]
    is_first = np.concatenate(([True], (high[1:] != high[:-1]) | (low[1:] != low[:-1])))
    ids = batch.spans.column("trace_id").take(pa.array(rows[is_first])).to_pylist()
    return np.cumsum(is_first) - 1, ids
