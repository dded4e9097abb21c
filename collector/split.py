"""Splits a serialised ExportTraceServiceRequest into smaller ones.

Works on the wire format alone (https://protobuf.dev/programming-guides/encoding/), so that
whatever the file holds, unknown fields and invalid UTF-8 included, arrives as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["NotProtobuf", "split_request"]

_LENGTH_DELIMITED = 2
_RESOURCE_SPANS = 1  # ExportTraceServiceRequest.resource_spans
_SCOPE_SPANS = 2  # ResourceSpans.scope_spans
_SPANS = 2  # ScopeSpans.spans


class NotProtobuf(ValueError):
    """The bytes are not a protobuf message."""


def split_request(data: bytes, max_spans: int, max_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Yield (request, spans in it); each within the limits unless one span is beyond them.

    Raises NotProtobuf.
    """
    pending, pending_spans = bytearray(), 0
    for piece, spans in _pieces(data, max_spans, max_bytes):
        if pending and (pending_spans + spans > max_spans or len(pending) + len(piece) > max_bytes):
            yield bytes(pending), pending_spans
            pending, pending_spans = bytearray(), 0
        pending += piece
        pending_spans += spans
    if pending:
        yield bytes(pending), pending_spans


def _pieces(data: bytes, max_spans: int, max_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Yield requests of one scope each, with as many of its spans as the limits allow."""
    for number, whole, resource_spans in _fields(data):
        if number != _RESOURCE_SPANS:
            raise NotProtobuf(f"no trace request: it has a field {number}")
        resource, scopes = _parted(resource_spans, _SCOPE_SPANS)
        if not scopes:
            yield whole, 0
        for scope_spans in scopes:
            scope, spans = _parted(scope_spans, _SPANS)
            for chunk in _chunks(spans, max_spans, max_bytes):
                body = scope + b"".join(_field(_SPANS, span) for span in chunk)
                body = resource + _field(_SCOPE_SPANS, body)
                yield _field(_RESOURCE_SPANS, body), len(chunk)


def _chunks(spans: list[bytes], max_spans: int, max_bytes: int) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for span in spans:
        length = len(_field(_SPANS, span))
        if chunk and (len(chunk) == max_spans or size + length > max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(span)
        size += length
    yield chunk


def _parted(message: bytes, number: int) -> tuple[bytes, list[bytes]]:
    """Return the other fields as they are, and the contents of the fields ``number``."""
    others, found = bytearray(), []
    for field, whole, content in _fields(message):
        if field == number:
            found.append(content)
        else:
            others += whole
    return bytes(others), found


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (number, the whole field, its content) of each field."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                content = at
                _, at = _varint(message, at)
            case 1:
                content, at = at, at + 8
            case 2:
                length, content = _varint(message, at)
                at = content + length
            case 5:
                content, at = at, at + 4
            case other:
                raise NotProtobuf(f"wire type {other} at byte {start}")
        if at > len(message):
            raise NotProtobuf(f"the field at byte {start} is longer than the message")
        yield tag >> 3, message[start:at], message[content:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise NotProtobuf(f"a number is cut off at byte {at}")


def _field(number: int, content: bytes) -> bytes:
    head, length = bytearray([number << 3 | _LENGTH_DELIMITED]), len(content)
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + content
