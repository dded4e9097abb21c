"""The writer's side of the interned tables: content to id, adding what is new."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, insert, select

from storage.interned import InternedKind, content_hash
from storage.ledger import Ledger
from storage.schema import Schema

__all__ = ["Interner"]

_T = TypeVar("_T")


class Interner(Generic[_T]):
    """Gives each distinct content an id, across batches and restarts.

    Ids given in a transaction are known for good only after :meth:`keep`; after a failure
    :meth:`forget` goes back to what the tables say. The ledger never gives an id twice, so no
    cache of a reader can mistake one content for another.
    """

    def __init__(self, kind: InternedKind[_T], ledger: Ledger, capacity: int = 50_000) -> None:
        self._kind = kind
        self._ledger = ledger
        self._capacity = capacity
        self._known: OrderedDict[UUID, int] = OrderedDict()
        self._given: dict[UUID, int] = {}

    def ids(self, connection: Connection, schema: Schema, items: Sequence[_T]) -> list[int]:
        """Return the id of each of ``items``, adding rows for those that are new."""
        contents = [self._kind.to_content(item) for item in items]
        hashes = [content_hash(content) for content in contents]
        missing = {
            key: content
            for key, content in zip(hashes, contents, strict=True)
            if key not in self._known and key not in self._given
        }
        if missing:
            self._look_up(connection, schema, list(missing))
            self._add(
                connection, schema, {k: c for k, c in missing.items() if k not in self._given}
            )
        for key in hashes:
            if key in self._known:
                self._known.move_to_end(key)
        return [self._given[key] if key in self._given else self._known[key] for key in hashes]

    def column(
        self, connection: Connection, schema: Schema, items: Sequence[_T], indexes: pa.ChunkedArray
    ) -> pa.Array:
        """Turn indexes into ``items`` to ids; items that no index names are not stored."""
        rows = indexes.to_numpy()
        used = np.unique(rows)
        ids = np.zeros(len(items), dtype=np.int32)
        ids[used] = self.ids(connection, schema, [items[index] for index in used])
        return pa.array(ids[rows])

    def _look_up(self, connection: Connection, schema: Schema, hashes: list[UUID]) -> None:
        table = self._kind.table(schema)
        statement = select(table.c.content_hash, table.c.id).where(table.c.content_hash.in_(hashes))
        self._given.update((key, int(number)) for key, number in connection.execute(statement))

    def _add(
        self, connection: Connection, schema: Schema, contents: dict[UUID, dict[str, str | int]]
    ) -> None:
        if not contents:
            return
        table = self._kind.table(schema)
        first = self._ledger.take(connection, table.c.id, len(contents))
        rows = [
            {"id": number, "content_hash": key, **content}
            for number, (key, content) in enumerate(contents.items(), first)
        ]
        self._given.update((key, number) for number, key in enumerate(contents, first))
        connection.execute(insert(table), rows)

    def keep(self) -> None:
        """Remember the ids given, after the commit."""
        self._known.update(self._given)
        self._given = {}
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Forget all ids, after a rollback or after rows were deleted."""
        self._known = OrderedDict()
        self._given = {}
