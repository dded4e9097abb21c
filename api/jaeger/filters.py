"""Structured filters (Jaeger RFC 0005): a tree of calls that one span has to satisfy.

https://github.com/jaegertracing/jaeger-idl/blob/main/proto/expression/v1/expression.proto in
protobuf's JSON form::

    {"op": "and", "args": [
        {"call": {"op": "gt", "args": [
            {"field": {"level": "span", "name": "duration"}}, {"scalar": {"value": "2s"}}]}},
        {"call": {"op": "eq", "args": [
            {"attr": {"key": "http.status_code"}}, {"scalar": {"value": "503"}}]}}]}

What a query of the store can say is answered exactly, and the rest is refused: an answer to
another question would be worse than none. An attribute without a level is looked for on the span
and its resource, and as the RFC allows for conditions that are not negated, also on its scope,
events and links.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

__all__ = ["FieldReference", "Leaf", "Reference", "UnsupportedFilter", "read_filter"]

_MAX_DEPTH = 32
_MAX_LEAVES = 50

_LEVELS = ("span", "resource", "scope", "event", "link")
_TYPES = ("", "string", "int", "double", "bool")
_REVERSED = {"eq": "eq", "ne": "ne", "gt": "lt", "lt": "gt", "gte": "lte", "lte": "gte"}
_LISTS = ("in", "not_in")
_NEGATIVE = ("ne", "not_in")
_KNOWN_BUT_UNSUPPORTED = ("regex", "phrase", "fulltext")


class UnsupportedFilter(ValueError):
    """A filter that is well formed, but more than the store can be asked."""


class AttributeReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attribute; an empty level is span or resource."""

    key: str
    level: str = ""


class FieldReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that the data model defines, such as a span's duration."""

    name: str
    level: str


Reference: TypeAlias = AttributeReference | FieldReference


class _Nested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: str


class _Scalar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: str = ""
    type: str = ""


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    values: list[str]
    type: str = ""


class _Expression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    attr: AttributeReference | None = None
    field: FieldReference | None = None
    nested: _Nested | None = None
    scalar: _Scalar | None = None
    list: _List | None = None
    call: _Call | None = None


class _Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    op: str
    args: tuple[_Expression, ...] = ()


_Term: TypeAlias = Reference | _Nested | _Scalar | _List | _Call


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition on one value of the span.

    Attributes:
        op: ``eq``, ``ne``, ``gt``, ``lt``, ``gte``, ``lte``, ``in``, ``not_in`` or ``exists``.
        reference: the value.
        values: to compare with; one, of ``in`` and ``not_in`` any number but none, of
            ``exists`` none.
        type: which the client gave to ``values``; empty for any.
        negated: whether the condition must not hold.
    """

    op: str
    reference: Reference
    values: tuple[str, ...]
    type: str
    negated: bool


def read_filter(text: str) -> list[Leaf]:
    """Return the conditions of a filter, all of which must hold on one span.

    Raises UnsupportedFilter for a filter that is no such list, ValueError for what is no filter.
    """
    try:
        call = msgspec.json.decode(text, type=_Call)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    leaves = []
    for leaf in _leaves(call, 0, negated=False):
        leaves.append(leaf)
        if len(leaves) > _MAX_LEAVES:
            raise UnsupportedFilter(f"more than {_MAX_LEAVES} conditions")
    return leaves


def _leaves(call: _Call, depth: int, *, negated: bool) -> Iterator[Leaf]:
    if depth > _MAX_DEPTH:
        raise UnsupportedFilter(f"nested more than {_MAX_DEPTH} deep")
    terms = [_term(expression) for expression in call.args]
    match call.op, terms:
        case "and" | "or", [_Call(), _Call(), *rest] if all(isinstance(r, _Call) for r in rest):
            if negated != (call.op == "or"):
                raise UnsupportedFilter("a choice between conditions (or)")
            for term in terms:
                assert isinstance(term, _Call)
                yield from _leaves(term, depth + 1, negated=negated)
        case "and" | "or", _:
            raise ValueError(f"{call.op} takes two or more calls")
        case "not", [_Call() as inner]:
            yield from _leaves(inner, depth + 1, negated=not negated)
        case "not", _:
            raise ValueError("not takes one call")
        case "some", [_Nested() as nested, _Call() as inner]:
            yield _some(nested, list(_leaves(inner, depth + 1, negated=False)), negated=negated)
        case "some", _:
            raise ValueError("some takes the events or links (nested) and one call")
        case _:
            yield _leaf(call.op, terms, negated=negated)


def _term(expression: _Expression) -> _Term:
    terms: list[_Term] = [
        term
        for term in (
            expression.attr,
            expression.field,
            expression.nested,
            expression.scalar,
            expression.list,
            expression.call,
        )
        if term is not None
    ]
    if len(terms) != 1:
        raise ValueError(
            "of attr, field, nested, scalar, list and call exactly one must be set in an argument"
        )
    return terms[0]


def _some(nested: _Nested, leaves: list[Leaf], *, negated: bool) -> Leaf:
    """Return the condition that one event or link fulfils, if there is only one condition."""
    if nested.level not in ("event", "link"):
        raise ValueError(f"some is of level event or link, not {nested.level!r}")
    match leaves:
        case [Leaf(reference=AttributeReference(level=level), negated=False) as leaf] if (
            level == nested.level and leaf.op not in _NEGATIVE
        ):
            return Leaf(leaf.op, leaf.reference, leaf.values, leaf.type, negated)
        case _:
            raise UnsupportedFilter(f"several conditions on one {nested.level} (some)")


def _leaf(op: str, terms: list[_Term], *, negated: bool) -> Leaf:
    if op in _KNOWN_BUT_UNSUPPORTED:
        raise UnsupportedFilter(f"the operator {op}")
    if op == "exists":
        match terms:
            case [AttributeReference() | FieldReference() as reference]:
                return Leaf(op, _checked(reference), (), "", negated)
        raise ValueError("exists takes one reference (attr or field)")
    if op in _LISTS:
        match terms:
            case [AttributeReference() | FieldReference() as reference, _List() as found]:
                values = tuple(found.values)
                if not values:
                    raise ValueError(f"the list of {op} is empty")
                return Leaf(op, _checked(reference), values, _type(found.type), negated)
        raise ValueError(f"{op} takes a reference (attr or field) and a list")
    if op not in _REVERSED:
        raise ValueError(f"unknown filter operator {op!r}")
    match terms:
        case [AttributeReference() | FieldReference() as reference, _Scalar() as scalar]:
            return Leaf(op, _checked(reference), (scalar.value,), _type(scalar.type), negated)
        case [_Scalar() as scalar, AttributeReference() | FieldReference() as reference]:
            reverse = _REVERSED[op]
            return Leaf(reverse, _checked(reference), (scalar.value,), _type(scalar.type), negated)
        case [
            AttributeReference() | FieldReference() | _Scalar(),
            AttributeReference() | FieldReference() | _Scalar(),
        ]:
            raise UnsupportedFilter(f"{op} of other than a reference and a constant")
    raise ValueError(f"{op} takes two references (attr or field) or constants (scalar)")


def _checked(reference: Reference) -> Reference:
    optional = isinstance(reference, AttributeReference) and not reference.level
    if not optional and reference.level not in _LEVELS:
        raise ValueError(f"unknown level {reference.level!r}")
    return reference


def _type(name: str) -> str:
    if name not in _TYPES:
        raise ValueError(f"unknown type {name!r}")
    return name
