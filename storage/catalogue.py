"""The catalogue of services, operations, event keys and link keys, kept up to date while writing.

Only what changed is written: a service's newest start is exact to the minute, an operation's
and a key's to the hour, so most batches change nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa
from sqlalchemy import Connection, Table, and_, exists, insert, select, update

from storage.columnar import Columnar

__all__ = ["Catalogue", "catalogues", "item_keys"]

_MINUTE_NS = 60_000_000_000
_HOUR_NS = 60 * _MINUTE_NS
_CHANGES = "incoming_changes"

Key = tuple[str | int, ...]


class _KeyValue(msgspec.Struct):
    key: str = ""


class Catalogue:
    """One catalogue table: when each key was last seen, rounded down to ``granularity_ns``.

    Attributes:
        key_columns: the columns that make up a key.
    """

    def __init__(
        self,
        columnar: Columnar,
        key_columns: tuple[str, ...],
        granularity_ns: int,
        capacity: int = 100_000,
    ) -> None:
        self._columnar = columnar
        self.key_columns = key_columns
        self._granularity_ns = granularity_ns
        self._capacity = capacity
        self._known: OrderedDict[Key, int] = OrderedDict()
        self._seen: dict[Key, int] = {}

    def see(self, connection: Connection, target: Table, seen: Iterable[tuple[Key, int]]) -> None:
        """Record that each key was seen at a time (ns), in the table ``target``."""
        changes: dict[Key, int] = {}
        for key, time_ns in seen:
            last_seen_ns = time_ns - time_ns % self._granularity_ns
            if last_seen_ns > max(self._known.get(key, -1), changes.get(key, -1)):
                changes[key] = last_seen_ns
        if changes:
            self._store(connection, target, changes)
            self._seen.update(changes)

    def _store(self, connection: Connection, target: Table, changes: Mapping[Key, int]) -> None:
        names = (*self.key_columns, "last_seen_ns")
        columns = zip(*((*key, last_seen_ns) for key, last_seen_ns in changes.items()), strict=True)
        rows = pa.table(dict(zip(names, map(list, columns), strict=True)))
        with self._columnar.lend(connection, _CHANGES, rows) as source:
            same = and_(*(target.c[name] == source.c[name] for name in self.key_columns))
            connection.execute(
                update(target)
                .where(same, target.c.last_seen_ns < source.c.last_seen_ns)
                .values(last_seen_ns=source.c.last_seen_ns)
            )
            new = select(source).where(~exists(select(1).select_from(target).where(same)))
            connection.execute(insert(target).from_select(names, new))

    def keep(self) -> None:
        """Remember what was stored, after the commit."""
        self._known.update(self._seen)
        self._seen = {}
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Forget what was stored, after a rollback or after rows were deleted."""
        self._known = OrderedDict()
        self._seen = {}


class _Item(msgspec.Struct):
    attributes: list[_KeyValue] = []


_ITEMS = msgspec.json.Decoder(list[_Item])


def item_keys(texts: Iterable[str]) -> set[str]:
    """Return the attribute keys in JSON lists of OTLP/JSON events or links."""
    return {
        attribute.key
        for text in texts
        for item in _ITEMS.decode(text)
        for attribute in item.attributes
    }


_SERVICE_KEY = ("service_name", "service", "namespace", "cluster")


def catalogues(columnar: Columnar) -> tuple[Catalogue, Catalogue, Catalogue, Catalogue]:
    """Return the catalogues of services, operations, event keys and link keys, all empty."""
    return (
        Catalogue(columnar, _SERVICE_KEY, _MINUTE_NS),
        Catalogue(columnar, (*_SERVICE_KEY, "name", "kind"), _HOUR_NS),
        Catalogue(columnar, ("key",), _HOUR_NS),
        Catalogue(columnar, ("key",), _HOUR_NS),
    )
