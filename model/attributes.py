"""Attribute values: the Python form, and the AnyValue JSON form of OTLP.

The JSON form follows the OTLP/JSON encoding (opentelemetry-proto docs/specification.md,
"JSON Protobuf Encoding"): 64-bit integers are strings, bytes are base64, and the three
non-finite doubles are the strings ``NaN``, ``Infinity`` and ``-Infinity``.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias

__all__ = [
    "AttributeValue",
    "Attributes",
    "JsonValue",
    "attributes_from_json",
    "attributes_to_json",
    "value_from_json",
    "value_to_json",
]

AttributeValue: TypeAlias = (
    "str | bool | int | float | bytes | list[AttributeValue] | dict[str, AttributeValue] | None"
)
"""One OTLP AnyValue. ``None`` is an AnyValue with no member set; ``dict`` is a kvlist."""

Attributes: TypeAlias = Mapping[str, AttributeValue]
"""Attributes in the order in which the exporter sent them."""

JsonValue: TypeAlias = "str | bool | int | float | list[JsonValue] | dict[str, JsonValue] | None"

_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def value_to_json(value: AttributeValue) -> dict[str, JsonValue]:
    """Return ``value`` as an OTLP/JSON AnyValue, such as ``{"intValue": "7"}``."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": _double_to_json(value)}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode("ascii")}
        case list():
            return {"arrayValue": {"values": [value_to_json(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": attributes_to_json(value)}}


def value_from_json(value: Mapping[str, JsonValue]) -> AttributeValue:
    """Return the Python form of an OTLP/JSON AnyValue. Raises ValueError on an unknown member."""
    for member, content in value.items():
        match member, content:
            case "stringValue", str():
                return content
            case "boolValue", bool():
                return content
            case "intValue", str() | int():
                return int(content)
            case "doubleValue", str():
                return _NON_FINITE.get(content) if content in _NON_FINITE else float(content)
            case "doubleValue", int() | float():
                return float(content)
            case "bytesValue", str():
                return base64.b64decode(content)
            case "arrayValue", dict():
                return [value_from_json(_object(item)) for item in _values(content)]
            case "kvlistValue", dict():
                return attributes_from_json(_object(item) for item in _values(content))
            case _:
                raise ValueError(f"not an OTLP AnyValue member: {member}={content!r}")
    return None


def attributes_to_json(attributes: Attributes) -> list[JsonValue]:
    """Return ``attributes`` as an OTLP/JSON list of KeyValue objects, in order."""
    return [{"key": key, "value": value_to_json(value)} for key, value in attributes.items()]


def attributes_from_json(items: Iterable[Mapping[str, JsonValue]]) -> dict[str, AttributeValue]:
    """Return the attributes of an OTLP/JSON list of KeyValue objects, in order."""
    return {
        str(item.get("key", "")): value_from_json(_object(item.get("value") or {}))
        for item in items
    }


def _double_to_json(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _values(content: Mapping[str, JsonValue]) -> list[JsonValue]:
    values = content.get("values") or []
    if not isinstance(values, list):
        raise ValueError("values of an AnyValue must be a list")
    return values


def _object(item: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(item, dict):
        raise ValueError(f"expected a JSON object, got {item!r}")
    return item
