"""OTLP values to Python: AnyValue, KeyValue lists, events and links, in the lenient form."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from google.protobuf.message import DecodeError

from collector.messages import (
    AnyValue,
    KeyValue,
    LenientEvent,
    LenientLink,
    LenientResource,
    LenientScope,
)
from model.attributes import Attributes, AttributeValue, JsonValue, attributes_to_json
from model.span import Resource, Scope

__all__ = [
    "Mending",
    "attributes",
    "events_json",
    "links_json",
    "resource",
    "scope",
    "text",
    "value",
]

_encode = msgspec.json.Encoder().encode


class Mending:
    """Counts what had to be mended, by reason, over one batch."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def note(self, reason: str, times: int = 1) -> None:
        """Count ``times`` faults of the kind ``reason``."""
        self.counts[reason] = self.counts.get(reason, 0) + times


def text(raw: bytes, mending: Mending) -> str:
    """Return ``raw`` as text; each invalid UTF-8 sequence becomes U+FFFD and is counted."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        mending.note("invalid_utf8")
        return raw.decode(errors="replace")


def value(message: AnyValue, mending: Mending) -> AttributeValue:
    """Return the Python form of an AnyValue; None if no known member is set.

    The nesting is bounded by protobuf's parser (100 levels), so recursion is safe.
    """
    match message.WhichOneof("value"):
        case "string_value":
            return text(message.string_value, mending)
        case "bool_value":
            return message.bool_value
        case "int_value":
            return message.int_value
        case "double_value":
            return message.double_value
        case "bytes_value":
            return message.bytes_value
        case "array_value":
            return [value(item, mending) for item in message.array_value.values]
        case "kvlist_value":
            return attributes(message.kvlist_value.values, mending)
        case _:  # nothing set, or a member for profiles only (string_value_strindex)
            return None


def attributes(items: Sequence[KeyValue], mending: Mending) -> dict[str, AttributeValue]:
    """Return key-value pairs in order; of a key that occurs twice the last value stays."""
    found = {text(item.key, mending): value(item.value, mending) for item in items}
    if len(found) != len(items):
        mending.note("duplicate_attribute_key", len(items) - len(found))
    return found


def resource(raw: bytes, schema_url: bytes, mending: Mending) -> Resource:
    """Return a raw ``resource.v1.Resource``; an undecodable one is empty, and counted."""
    try:
        message = LenientResource.FromString(raw)
    except DecodeError:
        mending.note("undecodable_resource")
        return Resource()
    return Resource(
        attributes(message.attributes, mending),
        message.dropped_attributes_count,
        text(schema_url, mending),
    )


def scope(raw: bytes, schema_url: bytes, mending: Mending) -> Scope:
    """Return a raw ``common.v1.InstrumentationScope``; an undecodable one is empty, counted."""
    try:
        message = LenientScope.FromString(raw)
    except DecodeError:
        mending.note("undecodable_scope")
        return Scope()
    return Scope(
        text(message.name, mending),
        text(message.version, mending),
        attributes(message.attributes, mending),
        message.dropped_attributes_count,
        text(schema_url, mending),
    )


def events_json(raw_events: Sequence[bytes], mending: Mending) -> str:
    """Return a span's raw events as a JSON list of OTLP/JSON events."""
    found: list[JsonValue] = []
    for raw in raw_events:
        try:
            event = LenientEvent.FromString(raw)
        except DecodeError:
            mending.note("undecodable_event")
            continue
        found.append(
            {
                "timeUnixNano": str(event.time_unix_nano),
                "name": text(event.name, mending),
                **_attributes_member(attributes(event.attributes, mending)),
                **_count_member(event.dropped_attributes_count),
            }
        )
    return _encode(found).decode()


def links_json(raw_links: Sequence[bytes], mending: Mending) -> str:
    """Return a span's raw links as a JSON list of OTLP/JSON links (ids in hex)."""
    found: list[JsonValue] = []
    for raw in raw_links:
        try:
            link = LenientLink.FromString(raw)
        except DecodeError:
            mending.note("undecodable_link")
            continue
        found.append(
            {
                "traceId": link.trace_id.hex(),
                "spanId": link.span_id.hex(),
                **({"traceState": text(link.trace_state, mending)} if link.trace_state else {}),
                **_attributes_member(attributes(link.attributes, mending)),
                **_count_member(link.dropped_attributes_count),
                **({"flags": link.flags} if link.flags else {}),
            }
        )
    return _encode(found).decode()


def _attributes_member(found: Attributes) -> dict[str, JsonValue]:
    return {"attributes": attributes_to_json(found)} if found else {}


def _count_member(dropped: int) -> dict[str, JsonValue]:
    return {"droppedAttributesCount": dropped} if dropped else {}
