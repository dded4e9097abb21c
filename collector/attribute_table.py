"""Interned attributes: the same KeyValue bytes are parsed once, however many spans carry them.

Proxies repeat themselves: of the twenty attributes of an Envoy span nearly all have been seen
before, byte for byte. Looking raw bytes up in a dict is several times cheaper than parsing
them (docs/PERFORMANCE.md), and the spans of one proxy share the *shape* of their attributes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
from google.protobuf.message import DecodeError

from collector.any_value import Mending, text, value
from collector.messages import LenientKeyValue
from model.attributes import AttributeValue, value_to_json
from model.batch import Shape, ShapeEntry, ValueType
from model.columns import ColumnType, WellKnownColumn, columns_by_key

__all__ = ["AttributeTable", "Entry", "Layout", "rest_json"]

Entry: TypeAlias = "tuple[int, AttributeValue]"
"""An attribute: the index of its slot (key, type, column), and its value."""

_MAX_ENTRIES = 200_000
_MAX_ENTRY_BYTES = 1024
_MAX_SLOTS = 20_000

_CANONICAL_INT = re.compile(r"0|-?[1-9][0-9]{0,18}")
_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INT64_MAX = (1 << 63) - 1

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Layout:
    """What the spans of one sequence of slots share.

    Attributes:
        shape: keys, types and columns; a key that was sent twice occurs once.
        columns: (column, index of the value in the span's entries, type sent).
        rest: (JSON-encoded key and colon, index of the value in the span's entries, type sent)
            of the attributes without a column.
        duplicates: attributes per span that are overridden by a later one of the same key.
    """

    shape: Shape
    columns: tuple[tuple[str, int, ValueType], ...]
    rest: tuple[tuple[bytes, int, ValueType], ...]
    duplicates: int


class AttributeTable:
    """Interns raw KeyValue messages as :data:`Entry` and sequences of slots as :class:`Layout`.

    Bounded: :meth:`shrink` forgets everything when too much has been interned. It must only be
    called between batches, because slots are numbered anew afterwards.
    """

    def __init__(self, columns: tuple[WellKnownColumn, ...]) -> None:
        self._columns = columns_by_key(columns)
        self._entries: dict[bytes, Entry] = {}
        self.known = self._entries.get  # raw KeyValue -> Entry | None, as cheap as can be
        self._slots: list[ShapeEntry] = []
        self._slot_numbers: dict[ShapeEntry, int] = {}
        self._layouts: dict[tuple[int, ...], Layout] = {}

    def shrink(self) -> None:
        """Forget everything if the tables have outgrown their bounds."""
        if len(self._entries) > _MAX_ENTRIES or len(self._slots) > _MAX_SLOTS:
            self._entries.clear()
            self._slots.clear()
            self._slot_numbers.clear()
            self._layouts.clear()

    def complete(
        self, entries: list[Entry | None], raws: Sequence[bytes], mending: Mending
    ) -> list[Entry]:
        """Return ``entries`` with each None replaced by the entry of the raw KeyValue there.

        A KeyValue that cannot be decoded is left out, and counted.
        """
        found = [
            entry if entry is not None else self._add(raw, mending)
            for entry, raw in zip(entries, raws, strict=True)
        ]
        return [entry for entry in found if entry is not None]

    def _add(self, raw: bytes, mending: Mending) -> Entry | None:
        try:
            message = LenientKeyValue.FromString(raw)
        except DecodeError:
            mending.note("undecodable_attribute")
            return None
        found = self._parse(text(message.key, mending), value(message.value, mending))
        if len(raw) <= _MAX_ENTRY_BYTES:
            self._entries[raw] = found
        return found

    def _parse(self, key: str, content: AttributeValue) -> Entry:
        kind = _type_of(content)
        column = self._columns.get(key)
        held = column is not None and _fits(column.type, kind, content)
        slot = ShapeEntry(key, kind, column.name if column is not None and held else "")
        number = self._slot_numbers.get(slot)
        if number is None:
            number = self._slot_numbers[slot] = len(self._slots)
            self._slots.append(slot)
        return (number, content)

    def layout(self, slots: tuple[int, ...]) -> Layout:
        """Return the layout of spans whose attributes have these slots, in this order."""
        found = self._layouts.get(slots)
        if found is None:
            found = self._layouts[slots] = self._lay_out([self._slots[number] for number in slots])
        return found

    @staticmethod
    def _lay_out(slots: list[ShapeEntry]) -> Layout:
        last_index = {slot.key: index for index, slot in enumerate(slots)}
        entries: list[ShapeEntry] = []
        columns: dict[str, tuple[str, int, ValueType]] = {}
        rest: list[tuple[bytes, int, ValueType]] = []
        for key, index in last_index.items():
            slot = slots[index]
            if slot.column and slot.column not in columns:
                columns[slot.column] = (slot.column, index, slot.type)
                entries.append(slot)
            else:  # no column, or another name of the same thing has taken it
                rest.append((_encode(key) + b":", index, slot.type))
                entries.append(ShapeEntry(key, slot.type))
        return Layout(
            Shape(tuple(entries)),
            tuple(columns.values()),
            tuple(rest),
            duplicates=len(slots) - len(last_index),
        )


def rest_json(layout: Layout, entries: list[Entry]) -> str | None:
    """Return the attributes without a column as a JSON object; None if there are none."""
    if not layout.rest:
        return None
    members = []
    for key, index, kind in layout.rest:
        content = entries[index][1]
        members.append(key + _encode(value_to_json(content) if kind is ValueType.ANY else content))
    return (b"{" + b",".join(members) + b"}").decode()


def _type_of(content: AttributeValue) -> ValueType:
    match content:
        case bool():
            return ValueType.BOOL
        case str():
            return ValueType.STRING
        case int():
            return ValueType.INT
        case float() if math.isfinite(content):
            return ValueType.DOUBLE
        case _:
            return ValueType.ANY


def _fits(column: ColumnType, kind: ValueType, content: AttributeValue) -> bool:
    """Whether the column can give the value back unchanged, knowing the type sent."""
    match column:
        case ColumnType.STRING:
            return kind is ValueType.STRING
        case ColumnType.INT:
            return kind is ValueType.INT or (
                isinstance(content, str)
                and _CANONICAL_INT.fullmatch(content) is not None
                and -_INT64_MAX <= int(content) <= _INT64_MAX
            )
        case ColumnType.BOOL:
            return kind is ValueType.BOOL or content in ("true", "false")
        case ColumnType.UUID:
            return isinstance(content, str) and _CANONICAL_UUID.fullmatch(content) is not None
