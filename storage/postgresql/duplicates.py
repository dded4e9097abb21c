"""Which spans of a batch are stored already, by the pieces of their traces.

Most traces of a batch are new, and for those nothing but an index of ``traces`` is asked.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Connection, Uuid, bindparam, select

from model.batch import SpanBatch
from storage.functions import any_of
from storage.incoming import Identities, Rows
from storage.schema import Schema

__all__ = ["stored_positions"]

_SPANS_AT_ONCE = 50_000


def stored_positions(
    connection: Connection, schema: Schema, batch: SpanBatch, found: Identities, rows: Rows
) -> list[int]:
    """Return the positions in ``rows`` of spans that are stored (rule G1)."""
    ids = batch.spans.column("trace_id").take(pa.array(rows)).to_pylist()
    traces = schema.traces.c
    wanted = bindparam("trace_ids", [UUID(bytes=one) for one in set(ids)], type_=ARRAY(Uuid))
    statement = select(traces.trace_id, traces.first_seq, traces.span_count).where(
        any_of(traces.trace_id, wanted),
        traces.start_ns <= int(found.start_ns.max()),
        traces.end_ns >= int(found.start_ns.min()),
    )
    pieces = connection.execute(statement).all()
    if not pieces:
        return []
    known = {trace_id.bytes for trace_id, _, _ in pieces}
    positions = {
        (ids[at], int(found.span_id[row]), int(found.kind[row]), int(found.start_ns[row])): at
        for at, row in enumerate(rows.tolist())
        if ids[at] in known
    }
    numbers = [n for _, first, count in pieces for n in range(first, first + count)]
    starts = np.array([key[3] for key in positions], np.int64)
    spans = schema.spans.c
    stored = []
    for first in range(0, len(numbers), _SPANS_AT_ONCE):
        asked = bindparam("numbers", numbers[first : first + _SPANS_AT_ONCE], ARRAY(BigInteger))
        same = select(spans.trace_id, spans.span_id, spans.kind, spans.start_ns).where(
            any_of(spans.seq, asked),
            spans.start_ns.between(int(starts.min()), int(starts.max())),
        )
        for trace_id, span_id, kind, start_ns in connection.execute(same):
            position = positions.get((trace_id.bytes, span_id, kind, start_ns))
            if position is not None:
                stored.append(position)
    return stored
