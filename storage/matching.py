"""Attribute conditions on attributes in memory, and the text and number of a value.

The engines' function ``any_value_text`` gives the same text in SQL.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable

import msgspec

from model.attributes import Attributes, AttributeValue, value_to_json
from model.query import AttributeCondition, Comparison

__all__ = ["NUMBER_PATTERN", "negated", "number_of", "positive", "satisfies", "value_text"]

NUMBER_PATTERN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
"""What counts as a number; the same regular expression is used in SQL."""

_NUMBER = re.compile(NUMBER_PATTERN, re.ASCII)
_NEGATIONS = {
    Comparison.NOT_EQUAL: Comparison.EQUAL,
    Comparison.NOT_EXISTS: Comparison.EXISTS,
}


def value_text(value: AttributeValue) -> str:
    """Return the text that comparisons see.

    A string is itself, bytes are base64, an empty value is empty, and arrays and maps are
    their OTLP/JSON AnyValue.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case bool() | int() | float():
            return msgspec.json.encode(value).decode()
        case _:
            return msgspec.json.encode(value_to_json(value)).decode()


def number_of(text: str) -> float | None:
    """Return the number that ``text`` writes, or None if it is no number."""
    return float(text) if _NUMBER.fullmatch(text) is not None else None


def negated(condition: AttributeCondition) -> bool:
    """Whether the condition is the negation of another."""
    return condition.comparison in _NEGATIONS


def positive(comparison: Comparison) -> Comparison:
    """Return the comparison that ``comparison`` negates, or itself."""
    return _NEGATIONS.get(comparison, comparison)


def satisfies(condition: AttributeCondition, keys: Iterable[str], attributes: Attributes) -> bool:
    """Whether an attribute named by one of ``keys`` meets the condition, negation left aside."""
    return any(_meets(condition, attributes[key]) for key in keys if key in attributes)


def _meets(condition: AttributeCondition, value: AttributeValue) -> bool:
    comparison = positive(condition.comparison)
    if comparison is Comparison.EXISTS:
        return True
    text = value_text(value)
    if comparison is Comparison.EQUAL:
        return text == condition.value
    if comparison is Comparison.CONTAINS:
        return condition.value in text
    bound = number_of(condition.value)
    if bound is None:
        return _ordered(comparison, (text > condition.value) - (text < condition.value))
    number = number_of(text)
    return number is not None and _ordered(comparison, (number > bound) - (number < bound))


def _ordered(comparison: Comparison, sign: int) -> bool:
    match comparison:
        case Comparison.LESS:
            return sign < 0
        case Comparison.LESS_OR_EQUAL:
            return sign <= 0
        case Comparison.GREATER:
            return sign > 0
        case _:
            return sign >= 0
