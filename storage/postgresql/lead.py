"""Which process rolls up and deletes: the one that holds an advisory lock of the database.

The lock belongs to a connection, so it is free as soon as its process is gone. A process that is
cut off from the database without knowing must not write what it computed before: each one that
takes the lead gets an epoch, and every transaction of a leader checks that its epoch is still the
last one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from storage.deadline import Deadline
from storage.interface import StoreUnavailable
from storage.postgresql.database import Database
from storage.postgresql.tables import LEADERSHIP
from storage.schema import Schema

__all__ = ["Lead", "LedDatabase", "ensure_leadership"]

_TRY = text(
    "SELECT pg_try_advisory_lock(hashtextextended('spanloom lead ' || current_schema(), 0))"
)


class Lead:
    """The lead of this process, if it has it; used from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._epoch = 0

    def held(self) -> bool:
        """See :meth:`storage.interface.Store.lead`."""
        self._database.open()
        with self._lock, self._database.errors():
            if self._connection is not None:
                try:
                    self._connection.execute(text("SELECT 1"))
                    self._connection.commit()
                except DBAPIError:
                    self._drop()
                else:
                    return True
            return self._take()

    def _take(self) -> bool:
        connection = self._database.background.connect()
        try:
            if connection.execute(_TRY).scalar_one():
                connection.detach()  # it is held for as long as this process leads
                self._connection = connection
                raised = update(LEADERSHIP).values(epoch=LEADERSHIP.c.epoch + 1)
                self._epoch = connection.execute(raised.returning(LEADERSHIP.c.epoch)).scalar_one()
                connection.commit()
                return True
        except BaseException:
            self._drop()
            raise
        finally:
            if self._connection is not connection:
                connection.close()
        return False

    def check(self, connection: Connection) -> None:
        """Raise StoreUnavailable if this process does not lead.

        Whoever takes the lead waits for the end of the transaction.
        """
        statement = select(LEADERSHIP.c.epoch).with_for_update(read=True)
        epoch = connection.execute(statement).scalar_one()
        if self._connection is None or epoch != self._epoch:
            raise StoreUnavailable("another process leads the store now: this one does not")

    def release(self) -> None:
        """Let another process lead."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # It may be broken; then it holds nothing any more.
            with suppress(DBAPIError, psycopg.Error):
                connection.close()


class LedDatabase:
    """The database as the rollups and the retention have it: for the one that leads."""

    def __init__(self, database: Database, lead: Lead) -> None:
        self._database = database
        self._lead = lead

    @contextmanager
    def transaction(self, *, snapshot: bool = True) -> Iterator[tuple[Connection, Schema]]:
        """See :meth:`storage.postgresql.database.Database.transaction`."""
        with self._database.transaction(snapshot=snapshot) as (connection, schema):
            self._lead.check(connection)
            yield connection, schema

    @contextmanager
    def reading(self, timeout_s: float) -> Iterator[tuple[Connection, Schema, Deadline]]:
        """See :meth:`storage.postgresql.database.Database.reading`."""
        with self._database.reading(timeout_s) as found:
            yield found


def ensure_leadership(connection: Connection) -> None:
    """Add the row if it is not there."""
    connection.execute(insert(LEADERSHIP).values(id=1, epoch=0).on_conflict_do_nothing())
