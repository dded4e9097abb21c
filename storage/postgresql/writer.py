"""A writer that makes the partitions its batches need before it writes them, and writes tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from model.batch import SpanBatch
from storage.columnar import Columnar
from storage.interface import SpoolPosition, WriteResult
from storage.postgresql.database import Database
from storage.postgresql.duplicates import stored_positions
from storage.postgresql.partitions import DAY_NS, Partitions
from storage.postgresql.tags import TAG_ROWS, tag_rows
from storage.postgresql.writer_state import PostgreSQLLedger
from storage.schema import Schema
from storage.writer import SQLWriter

__all__ = ["PartitionedWriter"]


class PartitionedWriter(SQLWriter):
    """Implements :class:`storage.interface.SpanWriter`."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        partitions: Partitions,
        now_ns: Callable[[], int],
    ) -> None:
        super().__init__(database, columnar, PostgreSQLLedger(), stored_positions)
        self._partitions = partitions
        self._now_ns = now_ns

    def write(self, batch: SpanBatch, positions: Sequence[SpoolPosition]) -> WriteResult:
        """See :meth:`storage.interface.SpanWriter.write`."""
        days = np.unique(batch.spans.column("start_ns").to_numpy() // DAY_NS) * DAY_NS
        missing = self._partitions.wanted(days.tolist(), self._now_ns())
        if missing:
            with self._database.transaction() as (connection, schema):
                self._partitions.make(connection, schema, missing)
            self._partitions.made(missing)
        return super().write(batch, positions)

    def _write_pieces(
        self, connection: Connection, schema: Schema, spans: pa.Table, pieces: pa.Table
    ) -> None:
        super()._write_pieces(connection, schema, spans, pieces)
        self._columnar.insert(connection, TAG_ROWS, tag_rows(spans, pieces))
