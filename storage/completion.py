"""What a user may type next: attribute keys, and the values of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    not_,
    select,
)

from model.columns import ColumnType
from model.query import AttributeScope
from storage.conditions import names_service
from storage.deadline import Deadline
from storage.functions import attribute_text
from storage.interface import AttributeKey
from storage.interned import InternedTables
from storage.matching import value_text
from storage.schema import Schema

__all__ = ["attribute_keys", "attribute_values"]

_SAMPLE = 100_000
_FIRST_ROWS = 200_000
_GROWTH = 16
_MOST_VALUES = 10_000


def attribute_keys(
    schema: Schema, interned: InternedTables, prefix: str, limit: int
) -> list[AttributeKey]:
    """Return the first ``limit`` keys that start with ``prefix``, by key, then scope."""
    found = {(key, AttributeScope.SPAN) for key in interned.span_keys()}
    for resource in interned.resources.values():
        found.update((key, AttributeScope.RESOURCE) for key in resource.attributes)
    for scope in interned.scopes.values():
        found.update((key, AttributeScope.SCOPE) for key in scope.attributes)
    found.update((key, AttributeScope.EVENT) for key in interned.event_keys)
    found.update((key, AttributeScope.LINK) for key in interned.link_keys)
    return [
        AttributeKey(key, scope, scope is AttributeScope.SPAN and key in schema.keys)
        for key, scope in sorted(found)
        if key.startswith(prefix)
    ][:limit]


def attribute_values(
    connection: Connection,
    schema: Schema,
    interned: InternedTables,
    key: str,
    prefix: str,
    service: str,
    limit: Deadline,
) -> Counter[str]:
    """Count the values (as text) of a key of span and resource attributes.

    Looks at the newest spans, at more and more of them until 100,000 have the key.
    """
    spans = schema.spans.c
    last = connection.execute(select(func.max(spans.seq))).scalar()
    counts: Counter[str] = Counter()
    if last is None:
        return counts
    rows, first = _FIRST_ROWS, int(last) + 1
    while first > 0 and counts.total() < _SAMPLE:
        limit.check()
        end, first = first, max(0, first - rows)
        window = [spans.seq >= first, spans.seq < end]
        if service:
            window.append(names_service(spans, service))
        for statement in _value_counts(schema, interned, key, prefix):
            counts.update({v: int(n) for v, n in connection.execute(statement.where(*window))})
        counts.update(_resource_values(connection, schema, interned, key, prefix, window))
        rows *= _GROWTH
    return counts


def _value_counts(
    schema: Schema, interned: InternedTables, key: str, prefix: str
) -> Iterator[Select[*tuple[Any, ...]]]:
    spans = schema.spans.c
    types = {column.name: column.type for column in schema.columns}
    shared = schema.keys.get(key)
    for alias in (key,) if shared is None else shared.keys:
        for column, shapes in interned.places(alias).items():
            if column:
                text = _text(spans[column], types[column])
                held = and_(text.is_not(None), spans.shape.in_(shapes))
            else:
                text = attribute_text(spans.attributes, alias)
                held = spans.shape.in_(shapes)
            if prefix:
                held = and_(held, func.starts_with(text, prefix))
            count = func.count().label("spans")
            statement = select(text.label("value"), count).where(held).group_by(text)
            yield statement.order_by(count.desc(), text).limit(_MOST_VALUES)


def _resource_values(
    connection: Connection,
    schema: Schema,
    interned: InternedTables,
    key: str,
    prefix: str,
    window: list[ColumnElement[bool]],
) -> Counter[str]:
    shared = schema.keys.get(key)
    keys = (key,) if shared is None else shared.keys
    values = {
        number: [value_text(resource.attributes[k]) for k in keys if k in resource.attributes]
        for number, resource in interned.resources.items()
    }
    ids = [i for i, texts in values.items() if any(text.startswith(prefix) for text in texts)]
    counts: Counter[str] = Counter()
    if not ids:
        return counts
    column = schema.spans.c.resource
    statement = select(column, func.count()).where(column.in_(ids), *window).group_by(column)
    for number, spans in connection.execute(statement):
        counts.update({text: int(spans) for text in values[number] if text.startswith(prefix)})
    return counts


def _text(column: ColumnElement[Any], type: ColumnType) -> ColumnElement[Any]:
    if type is ColumnType.STRING:
        return column
    if type is ColumnType.BOOL:
        return case((column, "true"), (not_(column), "false"))
    return cast(column, String)
