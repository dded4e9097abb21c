"""Which traces the retention deletes.

A trace is deleted as a whole, once its last span has ended before the cutoff. Only a trace that
goes on for more than an hour after a piece of it got too old loses that piece first: one broken
client that uses a single trace id must not keep everything for ever.
"""

from __future__ import annotations

from sqlalchemy import Select, Update, func, or_, select, update

from storage.queries import Query
from storage.schema import Schema

__all__ = ["GRACE_NS", "doomed_pieces", "keep_time"]

GRACE_NS = 3_600_000_000_000


def doomed_pieces(schema: Schema, cutoff_ns: int, limit: int) -> Query:
    """The oldest rows of ``traces`` whose spans go: rows of (first_seq, span_count)."""
    traces = schema.traces.c
    recent = (traces.end_ns < cutoff_ns) & (traces.end_ns >= cutoff_ns - GRACE_NS)
    going_on = select(traces.trace_id).where(
        traces.end_ns >= cutoff_ns, traces.trace_id.in_(select(traces.trace_id).where(recent))
    )
    return (
        select(traces.first_seq, traces.span_count)
        .where(
            or_(
                traces.end_ns < cutoff_ns - GRACE_NS,
                (traces.end_ns < cutoff_ns) & traces.trace_id.not_in(going_on),
            )
        )
        .order_by(traces.first_seq)
        .limit(limit)
    )


def keep_time(schema: Schema, doomed: Select[tuple[int]], cutoff_ns: int) -> Update:
    """Keep the time (rule G41) of traces that go on after their first pieces are deleted.

    What is left of them would else begin a trace of its own in another minute of the graph.
    """
    traces = schema.traces
    every = traces.alias("every")
    lasting = select(traces.c.trace_id).where(traces.c.first_seq.in_(doomed))
    times = (
        select(
            every.c.trace_id,
            func.coalesce(func.min(every.c.root_start_ns), func.min(every.c.start_ns)).label("ns"),
        )
        .where(every.c.trace_id.in_(lasting))
        .group_by(every.c.trace_id)
        .having(func.max(every.c.end_ns) >= cutoff_ns)
        .subquery()
    )
    return (
        update(traces).where(traces.c.trace_id == times.c.trace_id).values(root_start_ns=times.c.ns)
    )
