"""A search narrowed by a structured filter, as far as a query of the store can say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from api.jaeger.durations import parse_go_duration
from api.jaeger.filters import FieldReference, Leaf, UnsupportedFilter, read_filter
from api.jaeger.search import Search
from api.times import parse_time
from model.query import AttributeCondition, AttributeScope, Comparison
from model.span import SpanKind, StatusCode

__all__ = ["filtered"]

_Value = TypeVar("_Value")

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_STATUSES = {status.name.lower(): status for status in StatusCode}
_ORDERINGS = {
    "gt": Comparison.GREATER,
    "gte": Comparison.GREATER_OR_EQUAL,
    "lt": Comparison.LESS,
    "lte": Comparison.LESS_OR_EQUAL,
}
_FIELDS = frozenset(
    {
        *("span.traceID", "span.spanID", "span.parentSpanID", "span.traceState", "span.name"),
        *("span.kind", "span.startTime", "span.endTime", "span.duration"),
        *("span.status", "span.statusMessage", "resource.service", "resource.schemaURL"),
        *("scope.name", "scope.version", "scope.schemaURL"),
        *("event.name", "event.time", "event.timeSinceStart"),
        *("link.traceID", "link.spanID", "link.traceState"),
    }
)


def filtered(search: Search, text: str) -> Search:
    """Return ``search`` with the conditions of the filter in JSON.

    Raises UnsupportedFilter for what a query cannot say, ValueError for what is no filter.
    """
    for leaf in read_filter(text):
        if isinstance(leaf.reference, FieldReference):
            search = _of_field(search, leaf, leaf.reference)
        else:
            conditions = _of_attribute(leaf, leaf.reference.key, leaf.reference.level)
            search = replace(search, conditions=(*search.conditions, *conditions))
    return search


def _of_attribute(leaf: Leaf, key: str, level: str) -> list[AttributeCondition]:
    """Return the conditions that are ``leaf``.

    ``ne`` and ``not_in`` hold only where the attribute is present; what ``not`` negates also
    holds where it is absent.
    """
    scope = AttributeScope(level) if level else AttributeScope.ANY
    if leaf.type:
        raise UnsupportedFilter(
            f"a constant of type {leaf.type} for the attribute {key!r}: attributes are compared by "
            "their text, or as numbers; leave out the type"
        )
    if scope is AttributeScope.ANY and (leaf.negated or leaf.op in ("ne", "not_in")):
        raise UnsupportedFilter(f"a negated condition on {key!r} without a level; give one")

    def each(comparison: Comparison) -> list[AttributeCondition]:
        return [AttributeCondition(key, comparison, value, scope) for value in leaf.values]

    match leaf.op, leaf.negated:
        case "exists", negated:
            comparison = Comparison.NOT_EXISTS if negated else Comparison.EXISTS
            return [AttributeCondition(key, comparison, scope=scope)]
        case ("eq", False) | ("in", False) if len(leaf.values) == 1:
            return each(Comparison.EQUAL)
        case "eq" | "in", True:
            return each(Comparison.NOT_EQUAL)
        case "ne" | "not_in", False:
            present = AttributeCondition(key, Comparison.EXISTS, scope=scope)
            return [present, *each(Comparison.NOT_EQUAL)]
        case op, False if op in _ORDERINGS:
            return each(_ORDERINGS[op])
        case "in", False:
            raise UnsupportedFilter("in with several values: a choice between conditions")
        case op, _:
            raise UnsupportedFilter(f"not around {op}")


def _of_field(search: Search, leaf: Leaf, field: FieldReference) -> Search:
    name = f"{field.level}.{field.name}"
    if name not in _FIELDS:
        raise ValueError(f"unknown field {name}")
    if leaf.op == "in" and len(leaf.values) == 1:
        leaf = replace(leaf, op="eq")
    if leaf.negated or leaf.op not in ("eq", *_ORDERINGS) or leaf.type not in ("", "string"):
        raise UnsupportedFilter(_refusal(leaf, name))
    (value,) = leaf.values
    if name == "span.duration":
        return _of_duration(search, leaf.op, parse_go_duration(value))
    if name == "span.startTime":
        return _of_start(search, leaf.op, parse_time(value))
    if leaf.op != "eq":
        raise UnsupportedFilter(_refusal(leaf, name))
    return _of_value(search, name, value)


def _of_value(search: Search, name: str, value: str) -> Search:
    match name:
        case "span.name":
            return replace(search, operation=_once(search.operation or None, value, name))
        case "resource.service":
            return replace(search, service=_once(search.service or None, value, name))
        case "scope.name":
            return replace(search, scope_name=_once(search.scope_name, value, name))
        case "scope.version":
            return replace(search, scope_version=_once(search.scope_version, value, name))
        case "span.kind":
            return replace(search, kind=_once(search.kind, _word(value, _KINDS, name), name))
        case "span.status":
            status = _word(value, _STATUSES, name)
            return replace(search, status=_once(search.status, status, name))
        case _:
            raise UnsupportedFilter(f"a condition on {name}")


def _refusal(leaf: Leaf, name: str) -> str:
    words = ["not" if leaf.negated else "", leaf.op, f"({leaf.type})" if leaf.type else ""]
    return f"{' '.join(filter(None, words))} on {name}"


def _once(known: _Value | None, value: _Value, name: str) -> _Value:
    """Return ``value``; two different ones could be asked for only of different spans."""
    if not value and isinstance(value, str) and not name.startswith("scope."):
        raise UnsupportedFilter(f"an empty {name}")
    if known not in (None, value):
        raise UnsupportedFilter(f"two values of {name} on one span")
    return value


def _word(value: str, words: dict[str, _Value], name: str) -> _Value:
    if value not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}, not {value!r}")
    return words[value]


def _of_duration(search: Search, op: str, ns: int) -> Search:
    low, high = _bounds(op, ns)
    if low is not None:
        search = replace(search, min_duration_ns=max(search.min_duration_ns, low))
    if high is not None:
        if high <= 0:  # which a search takes for no bound
            raise UnsupportedFilter("a duration of 0 or less")
        known = search.max_duration_ns or high
        search = replace(search, max_duration_ns=min(known, high))
    return search


def _of_start(search: Search, op: str, ns: int) -> Search:
    low, high = _bounds(op, ns)
    start_ns = search.start_ns if low is None else max(search.start_ns, low)
    end_ns = search.end_ns if high is None else min(search.end_ns, high)
    if start_ns > end_ns:
        raise UnsupportedFilter("a span.startTime outside of the search's time range")
    return replace(search, start_ns=start_ns, end_ns=end_ns)


def _bounds(op: str, value: int) -> tuple[int | None, int | None]:
    """Return the inclusive bounds that a comparison with whole ``value`` sets."""
    bounds: dict[str, tuple[int | None, int | None]] = {
        "eq": (value, value),
        "gt": (value + 1, None),
        "gte": (value, None),
        "lt": (None, value - 1),
        "lte": (None, value),
    }
    return bounds[op]
