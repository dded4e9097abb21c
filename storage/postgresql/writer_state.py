"""The ledger that all writers of a PostgreSQL database share: the one row of ``writer_state``."""

from __future__ import annotations

from sqlalchemy import Column, Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.extent import ExtentValue
from storage.graph.state import StateName, read_numbers
from storage.postgresql.tables import WRITER_STATE
from storage.schema import Schema

__all__ = [
    "PostgreSQLLedger",
    "ensure_writer_state",
    "locked_state",
    "read_extent",
    "reset_writer_state",
]

_STATE = WRITER_STATE.c
_COUNTERS = {
    "spans.seq": "next_seq",
    "resources.id": "next_resource",
    "scopes.id": "next_scope",
    "shapes.id": "next_shape",
}

Values = dict[str, int | None]


def locked_state(connection: Connection) -> Values:
    """Lock the row until the end of the transaction, and return it."""
    row = connection.execute(select(WRITER_STATE).with_for_update()).mappings().one()
    return dict(row)


class PostgreSQLLedger:
    """Implements :class:`storage.ledger.Ledger`."""

    def __init__(self) -> None:
        self._state: Values = {}
        self._generation: int | None = None

    def begin(self, connection: Connection, schema: Schema) -> bool:
        """See :meth:`storage.ledger.Ledger.begin`; waits for the other writers."""
        self._state = locked_state(connection)
        known, self._generation = self._generation, self._state["generation"]
        return known == self._generation

    def take(self, connection: Connection, column: Column[int], count: int) -> int:
        """See :meth:`storage.ledger.Ledger.take`."""
        name = _COUNTERS[str(column)]
        first = self._state[name]
        assert first is not None
        self._state[name] = first + count
        return first

    def add(self, connection: Connection, spans: int, oldest_ns: int, newest_ns: int) -> None:
        """See :meth:`storage.ledger.Ledger.add`."""
        state = self._state
        state["spans"] = (state["spans"] or 0) + spans
        oldest, newest = state["oldest_ns"], state["newest_ns"]
        state["oldest_ns"] = oldest_ns if oldest is None else min(oldest, oldest_ns)
        state["newest_ns"] = newest_ns if newest is None else max(newest, newest_ns)

    def end(self, connection: Connection) -> None:
        """See :meth:`storage.ledger.Ledger.end`."""
        connection.execute(update(WRITER_STATE).values(self._state))

    def keep(self) -> None:
        """See :meth:`storage.ledger.Ledger.keep`."""

    def forget(self) -> None:
        """See :meth:`storage.ledger.Ledger.forget`."""
        self._generation = None


def ensure_writer_state(connection: Connection) -> None:
    """Add the row if it is not there."""
    row = dict.fromkeys((*_COUNTERS.values(), "generation", "spans"), 0)
    connection.execute(insert(WRITER_STATE).values(id=1, **row).on_conflict_do_nothing())


def reset_writer_state(connection: Connection, schema: Schema) -> None:
    """Set the row to what the tables say, after rows came or went past the writers.

    Numbers and the generation only ever rise.
    """
    state = locked_state(connection)
    tables = {"next_resource": schema.resources, "next_scope": schema.scopes}
    tables["next_shape"] = schema.shapes
    watermark = read_numbers(connection, schema)[StateName.WATERMARK]
    last = {name: func.max(table.c.id) for name, table in tables.items()}
    last["next_seq"] = func.max(schema.spans.c.seq)
    values: Values = {}
    for name, statement in last.items():
        found = connection.execute(select(statement)).scalar()
        values[name] = max(state[name] or 0, 0 if found is None else int(found) + 1)
    values["next_seq"] = max(values["next_seq"] or 0, watermark)
    values["generation"] = (state["generation"] or 0) + 1
    starts = schema.spans.c.start_ns
    extent = select(func.count(), func.min(starts), func.max(starts))
    values["spans"], values["oldest_ns"], values["newest_ns"] = connection.execute(extent).one()
    connection.execute(update(WRITER_STATE).values(values))


def read_extent(connection: Connection) -> ExtentValue:
    """Return how much is stored and of which time."""
    row = connection.execute(select(_STATE.spans, _STATE.oldest_ns, _STATE.newest_ns)).one()
    return ExtentValue(*row)
