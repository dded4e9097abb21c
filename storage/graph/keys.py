"""Keys of edges and operations as rows: an id that is a hash of the key, and its JSON."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Table, select

from model.graph.edge import EdgeKey, OperationKey
from storage.graph.snapshot import GraphSnapshot
from storage.schema import Schema

__all__ = ["KeyTable", "key_text"]

Int64s = npt.NDArray[np.int64]
Key = TypeVar("Key", bound=EdgeKey | OperationKey)

_KEPT_KEYS = 50_000
_KEPT_TUPLES = 8
_ASKED = "asked_keys"


class KeyTable(Generic[Key]):
    """A table of keys; rows never change, so the latest used ones are kept in memory.

    Used from several threads at once.
    """

    def __init__(self, table: Callable[[Schema], Table], type: type[Key]) -> None:
        self._table = table
        self._type = type
        self._ids: OrderedDict[Key, int] = OrderedDict()
        self._keys: OrderedDict[int, Key] = OrderedDict()
        self._found: OrderedDict[bytes, tuple[Key, ...]] = OrderedDict()

    def ids(self, keys: Sequence[Key]) -> Int64s:
        """Return the id of each key."""
        return np.fromiter((self._id(key) for key in keys), np.int64, len(keys))

    def store(self, snapshot: GraphSnapshot, keys: Mapping[int, Key]) -> None:
        """Store those of ``keys``, by their ids, that are not stored yet."""
        table = self._table(snapshot.schema)
        known = set(
            self._rows(snapshot, np.fromiter(keys, np.int64, len(keys))).column("id").to_pylist()
        )
        missing = [(one, key) for one, key in keys.items() if one not in known]
        rows = {
            "id": pa.array([one for one, _ in missing], pa.int64()),
            "key": pa.array([key_text(key) for _, key in missing], pa.string()),
        }
        snapshot.columnar.insert(snapshot.connection, table, pa.table(rows))

    def find(self, snapshot: GraphSnapshot, ids: Int64s) -> tuple[Key, ...]:
        """Return the key of each of the distinct ``ids``.

        Equal ids get the same tuple as long as it is kept, which later steps know by its identity.
        """
        asked = ids.tobytes()
        found = self._found.get(asked)
        if found is None:
            found = self._found_one_by_one(snapshot, ids)
            _keep(self._found, {asked: found}, _KEPT_TUPLES)
        return found

    def _found_one_by_one(self, snapshot: GraphSnapshot, ids: Int64s) -> tuple[Key, ...]:
        asked = ids.tolist()
        found = {one: known for one in asked if (known := self._keys.get(one)) is not None}
        if len(found) < len(asked):
            missing = np.array([one for one in asked if one not in found], np.int64)
            rows = self._rows(snapshot, missing)
            read = {
                one: msgspec.json.decode(text, type=self._type)
                for one, text in zip(*(column.to_pylist() for column in rows.columns), strict=True)
            }
            _keep(self._keys, read)
            found |= read
        return tuple(map(found.__getitem__, asked))

    def _rows(self, snapshot: GraphSnapshot, ids: Int64s) -> pa.Table:
        table = self._table(snapshot.schema)
        with snapshot.columnar.lend(snapshot.connection, _ASKED, pa.table({"id": ids})) as asked:
            statement = select(table.c.id, table.c.key).where(table.c.id.in_(select(asked.c.id)))
            return snapshot.fetch(statement)

    def _id(self, key: Key) -> int:
        found = self._ids.get(key)
        if found is None:
            digest = hashlib.blake2b(key_text(key).encode(), digest_size=8).digest()
            found = int.from_bytes(digest, "big", signed=True)
            _keep(self._ids, {key: found})
        return found


_K = TypeVar("_K")
_V = TypeVar("_V")


def _keep(kept: OrderedDict[_K, _V], found: dict[_K, _V], most: int = _KEPT_KEYS) -> None:
    # Several threads may come by here: each step leaves a map that is right.
    kept.update(found)
    while len(kept) > most:
        kept.popitem(last=False)


def key_text(key: EdgeKey | OperationKey) -> str:
    """Return the canonical JSON of a key: its fields in their order, without defaults.

    A field that is added later, with a default, leaves the ids of the keys before as they are.
    """
    return msgspec.json.encode(_told(key)).decode()


def _told(value: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in fields(value):
        one = getattr(value, field.name)
        if one != field.default:
            told[field.name] = _told(one) if hasattr(one, "__dataclass_fields__") else one
    return told
