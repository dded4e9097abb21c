"""Deleting what is too old or too much: whole days, by dropping their partitions.

A day goes once all that began in it has ended and an hour is over, which lets traces end that go
on over midnight; what of them lies in the next day goes with it, so that traces stay whole. What
is too old is therefore kept for up to a day and an hour longer. Row by row goes only what lies
outside of all days, and what is too much within the last day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    true,
    update,
)

from storage.doomed import GRACE_NS, doomed_pieces, keep_time
from storage.functions import any_of
from storage.graph.state import freeze
from storage.interface import RetentionReport
from storage.metrics import RETENTION_DELETED_SPANS
from storage.postgresql.lead import LedDatabase
from storage.postgresql.partitions import DAY_NS, DEFAULT, Partitions
from storage.postgresql.size import live_bytes
from storage.postgresql.tables import TRACE_TAGS, WRITER_STATE
from storage.postgresql.writer_state import locked_state, read_extent
from storage.schema import Schema

__all__ = ["Retention"]

_STEP_PIECES = 20_000
_SHARED = {"resources": "resource", "scopes": "scope", "shapes": "shape"}

_Pieces = Sequence[Row[*tuple[int, int]]]
_Where = Callable[[Schema], ColumnElement[bool]]


class Retention:
    """Implements :meth:`storage.interface.Store.apply_retention`."""

    def __init__(self, database: LedDatabase, partitions: Partitions) -> None:
        self._database = database
        self._partitions = partitions

    def apply(self, now_ns: int, max_age_ns: int | None, max_bytes: int | None) -> RetentionReport:
        """Delete by age, then by size. Raises StoreUnavailable; what was deleted stays so."""
        self._make_ahead(now_ns)
        by_age = by_size = 0
        if max_age_ns is not None:
            cutoff_ns = now_ns - max_age_ns
            by_age = self._drop_days(cutoff_ns) + self._delete_rows(cutoff_ns, _in_default)
            RETENTION_DELETED_SPANS.labels("age").inc(by_age)
        if max_bytes is not None:
            cutoff = self._cutoff(max_bytes)
            if cutoff is not None:
                by_size = self._drop_days(cutoff) + self._delete_rows(cutoff, _anywhere)
                RETENTION_DELETED_SPANS.labels("size").inc(by_size)
        if by_age or by_size:
            self._tidy(now_ns)
        return RetentionReport(by_age + by_size, by_age, by_size)

    def _make_ahead(self, now_ns: int) -> None:
        days = self._partitions.wanted((), now_ns)
        if days:
            with self._database.transaction(snapshot=False) as (connection, schema):
                self._partitions.make(connection, schema, days)
            self._partitions.made(days)

    def _cutoff(self, max_bytes: int) -> int | None:
        with self._database.transaction() as (connection, schema):
            live = live_bytes(connection, schema, read_extent(connection).spans)
            if live <= max_bytes:
                return None
            share = 1 - max_bytes / live
            found = select(func.percentile_disc(share).within_group(schema.traces.c.end_ns))
            cutoff_ns = connection.execute(found).scalar()
        return None if cutoff_ns is None else int(cutoff_ns) + 1

    def _drop_days(self, cutoff_ns: int) -> int:
        with self._database.transaction() as (connection, schema):
            days = self._partitions.days(connection, schema)
        deleted = 0
        for day in days:
            if day + DAY_NS + GRACE_NS <= cutoff_ns:
                deleted += self._drop_day(day)
        return deleted

    def _drop_day(self, day: int) -> int:
        """Drop a day, and delete what traces that began in it have in the days after."""
        end_ns = day + DAY_NS
        cutoff_ns = end_ns + GRACE_NS
        with self._database.transaction(snapshot=False) as (connection, schema):
            locked_state(connection)
            freeze(connection, schema, cutoff_ns)
            traces = schema.traces.c
            in_day = traces.start_ns.between(day, end_ns - 1)
            began = select(traces.trace_id).where(in_day)
            every = schema.traces.alias("every")
            going_on = select(every.c.trace_id).where(
                every.c.end_ns >= cutoff_ns, every.c.trace_id.in_(began)
            )
            pieces = select(traces.first_seq, traces.span_count).where(
                traces.start_ns >= end_ns,
                traces.end_ns < cutoff_ns,
                traces.trace_id.in_(began),
                traces.trace_id.not_in(going_on),
            )
            late = connection.execute(pieces).all()
            # A piece that begins in the day may have spans of the next: they go with it.
            over = select(traces.first_seq, traces.span_count).where(
                in_day, traces.end_ns >= end_ns
            )
            counted = select(func.coalesce(func.sum(traces.span_count), 0)).where(in_day)
            deleted = int(connection.execute(counted).scalar_one())
            deleted += sum(int(count) for _, count in late)
            lasting = select(traces.first_seq).where(in_day)
            connection.execute(keep_time(schema, lasting, cutoff_ns))
            gone = [*late, *connection.execute(over).all()]
            self._delete_pieces(connection, schema, gone, schema.spans.c.start_ns >= end_ns)
            self._partitions.drop(connection, schema, day)
            _count_off(connection, schema, deleted)
        self._partitions.forget()
        return deleted

    def _delete_rows(self, cutoff_ns: int, within: _Where) -> int:
        deleted = 0
        while step := self._delete_step(cutoff_ns, within):
            deleted += step
        return deleted

    def _delete_step(self, cutoff_ns: int, within: _Where) -> int:
        with self._database.transaction(snapshot=False) as (connection, schema):
            statement = doomed_pieces(schema, cutoff_ns, _STEP_PIECES).where(within(schema))
            # The lock is for the extent, and only if there is something to do.
            if not connection.execute(statement.limit(1)).all():
                return 0
            locked_state(connection)
            pieces = connection.execute(statement).all()
            firsts = [first for first, _ in pieces]
            freeze(connection, schema, cutoff_ns)
            numbers = bindparam("firsts", firsts, ARRAY(BigInteger))
            doomed = select(schema.traces.c.first_seq).where(
                any_of(schema.traces.c.first_seq, numbers)
            )
            connection.execute(keep_time(schema, doomed, cutoff_ns))
            self._delete_pieces(connection, schema, pieces)
            deleted = sum(int(count) for _, count in pieces)
            _count_off(connection, schema, deleted)
        return deleted

    def _delete_pieces(
        self,
        connection: Connection,
        schema: Schema,
        pieces: _Pieces,
        *where: ColumnElement[bool],
    ) -> None:
        numbers = [n for first, count in pieces for n in range(first, first + count)]
        seq = bindparam("numbers", numbers, ARRAY(BigInteger))
        connection.execute(delete(schema.spans).where(any_of(schema.spans.c.seq, seq), *where))
        firsts = bindparam("firsts", [first for first, _ in pieces], ARRAY(BigInteger))
        for table in (schema.traces, TRACE_TAGS):
            connection.execute(delete(table).where(any_of(table.c.first_seq, firsts)))

    def _tidy(self, now_ns: int) -> None:
        """Delete what no span needs any more.

        Which rows are needed is found without a lock, and then again for the spans that have
        come meanwhile. The generation tells the writers to look again.
        """
        with self._database.transaction() as (connection, schema):
            last = connection.execute(select(func.max(schema.spans.c.seq))).scalar()
            spans = schema.spans.c
            unused = {
                kind: set(connection.execute(select(schema.metadata.tables[kind].c.id)).scalars())
                - set(connection.execute(select(spans[column]).distinct()).scalars())
                for kind, column in _SHARED.items()
            }
        with self._database.transaction(snapshot=False) as (connection, schema):
            state = locked_state(connection)
            after = schema.spans.c.seq > (-1 if last is None else last)
            for kind, ids in unused.items():
                column = schema.spans.c[_SHARED[kind]]
                used = connection.execute(select(column).distinct().where(after)).scalars()
                shared = schema.metadata.tables[kind]
                gone = bindparam("gone", sorted(ids - set(used)), ARRAY(BigInteger))
                connection.execute(delete(shared).where(any_of(shared.c.id, gone)))
            oldest_ns = state["oldest_ns"]
            for seen in (
                schema.services,
                schema.operations,
                schema.event_keys,
                schema.link_keys,
            ):
                old = seen.c.last_seen_ns + 2 * GRACE_NS < (oldest_ns or now_ns)
                connection.execute(delete(seen).where(old))
            generation = WRITER_STATE.c.generation
            connection.execute(update(WRITER_STATE).values(generation=generation + 1))


def _anywhere(schema: Schema) -> ColumnElement[bool]:
    return true()


def _in_default(schema: Schema) -> ColumnElement[bool]:
    table = schema.traces.name
    return literal_column(f"{table}.tableoid = '{table}_{DEFAULT}'::regclass", Boolean)


def _count_off(connection: Connection, schema: Schema, spans: int) -> None:
    """Take deleted spans out of the extent; the state has to be locked."""
    starts = schema.spans.c.start_ns
    connection.execute(
        update(WRITER_STATE).values(
            spans=WRITER_STATE.c.spans - spans,
            oldest_ns=select(func.min(starts)).scalar_subquery(),
            newest_ns=select(func.max(starts)).scalar_subquery(),
        )
    )
