"""Attributes as plain JSON: ``{"http.route": "/cart", "retry.count": 2}``.

Strings, booleans, integers, doubles, arrays, maps and the empty value are themselves. Four kinds
of value have no plain JSON form; they are written as follows, and ``attribute_types`` names them:

========== ===========================================================================
``int``    an integer beyond 2**53, which JavaScript would round: a decimal string
``double`` ``NaN``, ``Infinity`` or ``-Infinity``, as a string
``bytes``  base64
``otlp``   an array or map that holds one of the above: the OTLP/JSON AnyValue
========== ===========================================================================
"""

from __future__ import annotations

import math

import msgspec

from model.attributes import Attributes, AttributeValue, JsonValue, value_to_json

__all__ = ["AttributeTypes", "plain_attributes"]

AttributeTypes = dict[str, str] | msgspec.UnsetType
"""Names the type of the values that are not plain; unset when all are."""

_MAX_EXACT = 2**53 - 1  # Number.MAX_SAFE_INTEGER


def plain_attributes(attributes: Attributes) -> tuple[dict[str, JsonValue], AttributeTypes]:
    """Return the values of ``attributes`` in their order, and the types of those not plain."""
    values: dict[str, JsonValue] = {}
    types: dict[str, str] = {}
    for key, value in attributes.items():
        if type(value) is str:  # most are
            values[key] = value
            continue
        kind = _special_type(value)
        if kind:
            types[key] = kind
        values[key] = _otlp(value, kind) if kind else _plain(value)
    return values, types or msgspec.UNSET


def _special_type(value: AttributeValue) -> str:
    match value:
        case bool():
            return ""
        case int():
            return "" if -_MAX_EXACT <= value <= _MAX_EXACT else "int"
        case float():
            return "" if math.isfinite(value) else "double"
        case bytes():
            return "bytes"
        case list():
            return "otlp" if any(_special_type(item) for item in value) else ""
        case dict():
            return "otlp" if any(_special_type(item) for item in value.values()) else ""
        case _:
            return ""


def _otlp(value: AttributeValue, kind: str) -> JsonValue:
    exact = value_to_json(value)
    if kind == "otlp":
        return exact
    (content,) = exact.values()  # the decimal, the name of the double, or the base64
    return content


def _plain(value: AttributeValue) -> JsonValue:
    assert not isinstance(value, bytes), "bytes are special"
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
