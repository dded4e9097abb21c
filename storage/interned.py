"""Resources, scopes and shapes: stored once, named by spans with a small number.

Their identity is their content: the hash of a canonical JSON text in which order matters,
because a span comes back with its attributes in the order sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection, RowMapping, ScalarSelect, Select, Table, func, select

from model.attributes import Attributes, AttributeValue, attributes_from_json, attributes_to_json
from model.batch import Shape, ShapeEntry, ValueType
from model.span import Resource, Scope
from storage.graph.snapshot import PerSchema
from storage.schema import Schema

__all__ = [
    "RESOURCES",
    "SCOPES",
    "SHAPES",
    "Content",
    "InternedCache",
    "InternedKind",
    "InternedTables",
]

Content = dict[str, str | int]
"""The columns of an interned row, without its id and hash."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class InternedKind(Generic[_T]):
    """One kind of shared thing: its table, and how it becomes a row and back."""

    table_name: str
    to_content: Callable[[_T], Content]
    from_row: Callable[[RowMapping], _T]

    def table(self, schema: Schema) -> Table:
        """Return its table in ``schema``."""
        return schema.metadata.tables[self.table_name]


def content_hash(content: Content) -> UUID:
    """Return the BLAKE2b-128 hash of an interned row's content."""
    text = msgspec.json.encode(list(content.items()))
    return UUID(bytes=hashlib.blake2b(text, digest_size=16).digest())


class InternedTables:
    """A copy of the interned tables that does not change any more.

    Their number is small (pods, libraries, combinations of keys), which is why conditions on
    them are decided here once and not in SQL for every span.

    Attributes:
        resources, scopes, shapes: by id.
        event_keys, link_keys: attribute keys that occur in span events and in span links.
        version: the greatest id of each table, and the number and age of event and link keys.
    """

    def __init__(self) -> None:
        self.version: tuple[int | None, ...] = ()
        self._greatest: tuple[int, ...] = (-1, -1, -1)
        self.resources: dict[int, Resource] = {}
        self.scopes: dict[int, Scope] = {}
        self.shapes: dict[int, Shape] = {}
        self.event_keys: frozenset[str] = frozenset()
        self.link_keys: frozenset[str] = frozenset()
        self._places: dict[str, dict[str, list[int]]] = {}
        self._keys_of_column: dict[str, set[str]] = {}

    def places(self, key: str) -> dict[str, list[int]]:
        """Return where spans hold ``key``: shape ids by column, "" for the JSON object."""
        return self._places.get(key, {})

    def keys_of_column(self, column: str) -> set[str]:
        """Return all keys whose values lie in ``column``."""
        return self._keys_of_column.get(column, set())

    def span_keys(self) -> list[str]:
        """Return all keys of span attributes."""
        return list(self._places)

    def newer(
        self, connection: Connection, schema: Schema, version: tuple[int | None, ...]
    ) -> InternedTables:
        """Return a copy of ``version`` with what has been added since."""
        copy = InternedTables()
        copy.version = version
        resources, scopes, shapes = self._greatest
        copy.resources = _with_new(connection, schema, RESOURCES, self.resources, resources)
        copy.scopes = _with_new(connection, schema, SCOPES, self.scopes, scopes)
        copy.shapes = _with_new(connection, schema, SHAPES, self.shapes, shapes)
        copy._greatest = tuple(
            max(rows, default=-1) for rows in (copy.resources, copy.scopes, copy.shapes)
        )
        copy.event_keys = _keys(connection, schema.event_keys)
        copy.link_keys = _keys(connection, schema.link_keys)
        for number, shape in copy.shapes.items():
            for entry in shape.entries:
                ids = copy._places.setdefault(entry.key, {}).setdefault(entry.column, [])
                if not ids or ids[-1] != number:
                    ids.append(number)
                if entry.column:
                    copy._keys_of_column.setdefault(entry.column, set()).add(entry.key)
        return copy


class InternedCache:
    """Keeps the newest copy of the interned tables: rows never change, so only new are read."""

    def __init__(self) -> None:
        self._tables = InternedTables()
        self._version = PerSchema(_version)

    def tables(self, connection: Connection, schema: Schema) -> InternedTables:
        """Return what the connection's snapshot sees, or more."""
        known = self._tables
        version = tuple(connection.execute(self._version.of(schema)).one())
        if version == known.version:
            return known
        self._tables = found = known.newer(connection, schema, version)
        return found

    def holding(
        self,
        connection: Connection,
        schema: Schema,
        resources: AbstractSet[int],
        scopes: AbstractSet[int],
        shapes: AbstractSet[int],
    ) -> InternedTables:
        """Return tables that have these rows, which the connection's snapshot sees.

        No id is ever given twice, so what is kept is asked first, and the database only for new.
        """
        known = self._tables
        if (
            known.resources.keys() >= resources
            and known.scopes.keys() >= scopes
            and known.shapes.keys() >= shapes
        ):
            return known
        return self.tables(connection, schema)

    def forget(self) -> None:
        """Drop the copy, after rows were deleted; running queries keep what they have."""
        self._tables = InternedTables()


def _keys(connection: Connection, table: Table) -> frozenset[str]:
    return frozenset(connection.execute(select(table.c.key)).scalars())


def _version(schema: Schema) -> Select[*tuple[Any, ...]]:
    def greatest(table: Table) -> ScalarSelect[int]:
        return select(func.coalesce(func.max(table.c.id), -1)).scalar_subquery()

    def number(table: Table) -> ScalarSelect[int]:
        return select(func.count()).select_from(table).scalar_subquery()

    def oldest(table: Table) -> ScalarSelect[int]:
        # The oldest are deleted first, so it tells of deletions.
        return select(func.min(table.c.last_seen_ns)).scalar_subquery()

    return select(
        greatest(schema.resources),
        greatest(schema.scopes),
        greatest(schema.shapes),
        number(schema.event_keys),
        oldest(schema.event_keys),
        number(schema.link_keys),
        oldest(schema.link_keys),
    )


def _with_new(
    connection: Connection,
    schema: Schema,
    kind: InternedKind[_T],
    known: dict[int, _T],
    greatest: int,
) -> dict[int, _T]:
    table = kind.table(schema)
    statement = select(table).where(table.c.id > greatest).order_by(table.c.id)
    added = {row["id"]: kind.from_row(row) for row in connection.execute(statement).mappings()}
    return {**known, **added}


def _attributes_text(attributes: Attributes) -> str:
    return msgspec.json.encode(attributes_to_json(attributes)).decode()


def _attributes(text: str) -> dict[str, AttributeValue]:
    return attributes_from_json(msgspec.json.decode(text))


def _resource_content(resource: Resource) -> Content:
    return {
        "attributes": _attributes_text(resource.attributes),
        "dropped_attributes_count": resource.dropped_attributes_count,
        "schema_url": resource.schema_url,
    }


def _resource(row: RowMapping) -> Resource:
    return Resource(
        attributes=_attributes(row["attributes"]),
        dropped_attributes_count=row["dropped_attributes_count"],
        schema_url=row["schema_url"],
    )


def _scope_content(scope: Scope) -> Content:
    return {
        "name": scope.name,
        "version": scope.version,
        "attributes": _attributes_text(scope.attributes),
        "dropped_attributes_count": scope.dropped_attributes_count,
        "schema_url": scope.schema_url,
    }


def _scope(row: RowMapping) -> Scope:
    return Scope(
        name=row["name"],
        version=row["version"],
        attributes=_attributes(row["attributes"]),
        dropped_attributes_count=row["dropped_attributes_count"],
        schema_url=row["schema_url"],
    )


def _shape_content(shape: Shape) -> Content:
    entries = [(entry.key, entry.type, entry.column) for entry in shape.entries]
    return {"entries": msgspec.json.encode(entries).decode()}


def _shape(row: RowMapping) -> Shape:
    entries = msgspec.json.decode(row["entries"], type=list[tuple[str, ValueType, str]])
    return Shape(tuple(ShapeEntry(*entry) for entry in entries))


RESOURCES = InternedKind("resources", _resource_content, _resource)
SCOPES = InternedKind("scopes", _scope_content, _scope)
SHAPES = InternedKind("shapes", _shape_content, _shape)
