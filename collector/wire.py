"""Protobuf's wire format, walked without being parsed.

https://protobuf.dev/programming-guides/encoding/. A parser makes an object of every field, at
many times the field's size; here only the places of fields are found. Walking costs a third of a
microsecond a field, so it is for what is too large to be parsed at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

__all__ = ["MESSAGE", "Field", "Malformed", "fields", "header", "wrapped"]

MESSAGE = 2
"""The wire type of messages, strings and bytes: a length and as many bytes."""

_CONTINUED = 0x80  # this bit says that more bytes of the number follow
_LOW_BITS = 0x7F
_VARINT = 0
_FIXED_BYTES = {1: 8, 5: 4}
_MAX_TAG_BYTES = 5
_MAX_VARINT_BYTES = 10


Field: TypeAlias = tuple[int, int, int, int, int]
"""Where a field is: its number and wire type, the offset of its tag, of its content (behind the
length, if it has one), and of what follows it. A plain tuple, as millions may be made."""


class Malformed(ValueError):
    """The bytes are not fields of a message."""


def fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """Find the fields of the message that is at ``data[start:end]``, but not of those inside.

    Groups are malformed here: proto3 has none.

    Raises:
        Malformed: the bytes are not fields.
    """
    while start < end:
        tag, content = data[start], start + 1
        if tag >= _CONTINUED:
            tag, content = _varint(data, start, end, _MAX_TAG_BYTES)
        wire_type = tag & 7
        if wire_type == MESSAGE:
            size, content = _varint(data, content, end, _MAX_TAG_BYTES)
            stop = content + size
        elif wire_type == _VARINT:
            _, stop = _varint(data, content, end, _MAX_VARINT_BYTES)
        elif wire_type in _FIXED_BYTES:
            stop = content + _FIXED_BYTES[wire_type]
        else:
            raise Malformed(f"wire type {wire_type} at byte {start}")
        if stop > end:
            raise Malformed(f"the field at byte {start} is cut off")
        yield tag >> 3, wire_type, start, content, stop
        start = stop


def header(number: int, size: int) -> bytes:
    """Return what stands before the content of a message field of ``size`` bytes."""
    return _encoded(number << 3 | MESSAGE) + _encoded(size)


def wrapped(path: Sequence[int], content: bytes | memoryview) -> bytes:
    """Return ``content`` as the only content of the message fields ``path``, outermost first."""
    headers: list[bytes] = []
    size = len(content)
    for number in reversed(path):
        headers.append(header(number, size))
        size += len(headers[-1])
    return b"".join([*reversed(headers), content])


def _varint(data: bytes, start: int, end: int, max_bytes: int) -> tuple[int, int]:
    """Return the number at ``start`` and the offset behind it."""
    if start < end and data[start] < _CONTINUED:
        return data[start], start + 1
    value = 0
    for index in range(start, min(end, start + max_bytes)):
        byte = data[index]
        value |= (byte & _LOW_BITS) << 7 * (index - start)
        if byte < _CONTINUED:
            return value, index + 1
    raise Malformed(f"the number at byte {start} does not end")


def _encoded(number: int) -> bytes:
    encoded = bytearray()
    while number >= _CONTINUED:
        encoded.append(number & _LOW_BITS | _CONTINUED)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
