"""Conditions of a search as SQL over the span table.

An attribute lies in its column, in the JSON object ``attributes``, or in a resource, scope,
event or link. Where it lies is known from the shapes and from the keys of events and links, so
only the places that hold the key at all are asked, and mostly that is one column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, String, and_, case, cast, false, func, not_, or_

from model.columns import ColumnType
from model.ids import request_id_forms
from model.mesh import parse_service_name
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Scope, StatusCode
from storage.functions import ITEM, any_item, attribute_text, item_attribute_texts, number_of_text
from storage.interned import InternedTables
from storage.matching import negated, number_of, positive, satisfies
from storage.schema import Schema

__all__ = ["REQUEST_ID_KEY", "is_error", "names_service", "span_conditions"]

Predicate = ColumnElement[bool]

REQUEST_ID_KEY = "guid:x-request-id"

_INT64 = range(-(1 << 63), 1 << 63)


def span_conditions(schema: Schema, interned: InternedTables, query: TraceQuery) -> list[Predicate]:
    """Return the conditions on one span, except its time range; all have to hold."""
    spans = schema.spans.c
    found: list[Predicate] = []
    if query.service:
        found.append(names_service(spans, query.service))
    for column, value in (
        (spans.namespace, query.namespace),
        (spans.cluster, query.cluster),
        (spans.name, query.operation),
    ):
        if value:
            found.append(column == value)
    if query.scope_name is not None or query.scope_version is not None:
        found.append(_in_scope(schema, interned, lambda scope: _is_asked_for(scope, query)))
    if query.kind is not None:
        found.append(spans.kind == int(query.kind))
    if query.status is not None:
        found.append(spans.status_code == int(query.status))
    if query.error is not None:
        found.append(is_error(schema) if query.error else not_(is_error(schema)))
    if query.min_duration_ns is not None:
        found.append(spans.duration_ns >= query.min_duration_ns)
    if query.max_duration_ns is not None:
        found.append(spans.duration_ns <= query.max_duration_ns)
    if query.request_id:
        found.append(_has_request_id(schema, interned, query.request_id))
    found.extend(_attribute(schema, interned, condition) for condition in query.attributes)
    return found


def names_service(columns: Any, name: str) -> Predicate:
    """Return whether a row of spans, services or operations is of the service ``name``."""
    selector = parse_service_name(name)
    by_identity = columns.service == selector.service
    if selector.namespace:
        by_identity = and_(by_identity, columns.namespace == selector.namespace)
    return or_(columns.service_name == selector.name, by_identity)


def is_error(schema: Schema) -> Predicate:
    """Return whether a span is an error (rule G34); never null."""
    spans = schema.spans.c
    return or_(spans.status_code == int(StatusCode.ERROR), func.coalesce(spans.error, false()))


def _has_request_id(schema: Schema, interned: InternedTables, request_id: str) -> Predicate:
    forms = request_id_forms(request_id)
    parts: list[Predicate] = []
    for column, shapes in interned.places(REQUEST_ID_KEY).items():
        if column:
            if known := [found for form in forms if (found := _uuid(form)) is not None]:
                held = schema.spans.c[column]
                # The forms are near each other: the range decides faster than the list.
                parts.append(and_(held.between(known[0], known[-1]), held.in_(known)))
        else:
            text = attribute_text(schema.spans.c.attributes, REQUEST_ID_KEY)
            spelled = text if len(forms) == 1 else func.lower(text)
            parts.append(and_(schema.spans.c.shape.in_(shapes), spelled.in_(forms)))
    return or_(false(), *parts)


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _attribute(
    schema: Schema, interned: InternedTables, condition: AttributeCondition
) -> Predicate:
    if condition.or_absent:
        with_it = replace(condition, or_absent=False)
        without = replace(with_it, comparison=Comparison.NOT_EXISTS)
        return or_(_attribute(schema, interned, with_it), _attribute(schema, interned, without))
    column = schema.keys.get(condition.key)
    keys = (condition.key,) if column is None else column.keys
    parts: list[Predicate] = []
    if condition.scope in (AttributeScope.ANY, AttributeScope.SPAN):
        parts.extend(_in_span(schema, interned, condition, keys))
    if condition.scope in (AttributeScope.ANY, AttributeScope.RESOURCE):
        resources = interned.resources.items()
        ids = [i for i, found in resources if satisfies(condition, keys, found.attributes)]
        parts.append(schema.spans.c.resource.in_(ids) if ids else false())
    if condition.scope in (AttributeScope.ANY, AttributeScope.SCOPE):
        parts.append(
            _in_scope(schema, interned, lambda scope: satisfies(condition, keys, scope.attributes))
        )
    if condition.scope in (AttributeScope.ANY, AttributeScope.EVENT):
        parts.append(_in_items(schema.spans.c.events, interned.event_keys, condition, keys))
    if condition.scope in (AttributeScope.ANY, AttributeScope.LINK):
        parts.append(_in_items(schema.spans.c.links, interned.link_keys, condition, keys))
    found = or_(false(), *parts)
    return not_(func.coalesce(found, false())) if negated(condition) else found


def _in_span(
    schema: Schema,
    interned: InternedTables,
    condition: AttributeCondition,
    keys: tuple[str, ...],
) -> list[Predicate]:
    spans = schema.spans.c
    types = {column.name: column.type for column in schema.columns}
    parts: list[Predicate] = []
    for key in keys:
        for column, shapes in interned.places(key).items():
            if not column:
                text = attribute_text(spans.attributes, key)
                parts.append(and_(spans.shape.in_(shapes), _compare_text(text, condition)))
                continue
            holds = _compare_column(spans[column], types[column], condition)
            if not interned.keys_of_column(column) <= set(keys):
                # The column was filled under a configuration that shared it with other keys.
                holds = and_(spans.shape.in_(shapes), holds)
            parts.append(holds)
    return parts


def _in_scope(
    schema: Schema, interned: InternedTables, holds: Callable[[Scope], bool]
) -> Predicate:
    ids = [number for number, scope in interned.scopes.items() if holds(scope)]
    return schema.spans.c.scope.in_(ids) if ids else false()


def _is_asked_for(scope: Scope, query: TraceQuery) -> bool:
    return query.scope_name in (None, scope.name) and query.scope_version in (None, scope.version)


def _in_items(
    items: ColumnElement[Any],
    held: frozenset[str],
    condition: AttributeCondition,
    keys: tuple[str, ...],
) -> Predicate:
    parts = [
        any_item(item_attribute_texts(items, key), _compare_text(ITEM, condition))
        for key in keys
        if key in held
    ]
    return and_(items.is_not(None), or_(*parts)) if parts else false()


def _compare_column(
    column: ColumnElement[Any], type: ColumnType, condition: AttributeCondition
) -> Predicate:
    comparison = positive(condition.comparison)
    if comparison is Comparison.EXISTS:
        return column.is_not(None)
    if type is ColumnType.STRING:
        return _compare_text(column, condition)
    if comparison is Comparison.EQUAL:
        return _equals(column, type, condition.value)
    if type is ColumnType.BOOL:
        return _compare_text(case((column, "true"), (not_(column), "false")), condition)
    bound = number_of(condition.value)
    if type is ColumnType.INT and bound is not None and comparison is not Comparison.CONTAINS:
        return _compare_order(cast(column, Double), comparison, bound)
    return _compare_text(cast(column, String), condition)


def _equals(column: ColumnElement[Any], type: ColumnType, value: str) -> Predicate:
    match type:
        case ColumnType.INT:
            number = _canonical_int(value)
            return false() if number is None else column == number
        case ColumnType.BOOL:
            return column.is_(value == "true") if value in ("true", "false") else false()
        case _:
            found = _uuid(value)
            return false() if found is None else column == found


def _canonical_int(text: str) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if number in _INT64 and str(number) == text else None


def _compare_text(text: ColumnElement[Any], condition: AttributeCondition) -> Predicate:
    comparison = positive(condition.comparison)
    match comparison:
        case Comparison.EXISTS:
            return text.is_not(None)
        case Comparison.EQUAL:
            return text == condition.value
        case Comparison.CONTAINS:
            return func.strpos(text, condition.value) > 0 if condition.value else text.is_not(None)
        case _:
            bound = number_of(condition.value)
            if bound is None:
                return _compare_order(text, comparison, condition.value)
            return _compare_order(number_of_text(text), comparison, bound)


def _compare_order(
    left: ColumnElement[Any], comparison: Comparison, right: str | float
) -> Predicate:
    match comparison:
        case Comparison.LESS:
            return left < right
        case Comparison.LESS_OR_EQUAL:
            return left <= right
        case Comparison.GREATER:
            return left > right
        case _:
            return left >= right
