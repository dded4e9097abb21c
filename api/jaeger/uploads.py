"""Files of traces that clients send: read whole, within bounds."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import zstandard
from aiohttp import hdrs, web

from api.errors import ApiError, Overloaded
from api.jaeger.errors import bad_request, refused
from api.jaeger.otlp_json_spans import spans_of_otlp_json
from api.queries import Deadline
from model.span import Span

__all__ = ["Upload", "UploadGate", "spans_by_trace"]

_READ_TIMEOUT_S = 30.0
_MAX_AT_ONCE = 4
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW_BYTES = 8 << 20  # what RFC 8878 asks every decoder to support
_GZIP_WINDOW = 31  # zlib's way to ask for a gzip header around a 32 KiB window

_MAX_OBJECTS, _MAX_VALUES = 1_000_000, 4_000_000
"""As the receivers': an empty object takes two bytes, and 100 times that when it is decoded."""


class UploadGate:
    """Lets few uploads in at once, as each is held in memory whole.

    Args:
        max_bytes: of one body, before and after decompression.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._inside = 0

    async def __aenter__(self) -> UploadGate:
        """Raise Overloaded when too many are inside."""
        if self._inside >= _MAX_AT_ONCE:
            raise Overloaded(self._inside)
        self._inside += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """Make room for the next."""
        self._inside -= 1

    async def read(self, request: web.Request) -> Upload:
        """Return what the client sent. Raises ApiError with 408, 413 or 415."""
        if (request.content_length or 0) > self._max_bytes:
            raise _too_many_bytes(self._max_bytes)
        coding = request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower()
        if coding not in ("identity", "gzip"):
            message = f"Content-Encoding {coding[:50]!r} is not known; send gzip, or none"
            raise refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
        sent = bytearray()
        try:
            async with asyncio.timeout(_READ_TIMEOUT_S):
                async for chunk in request.content.iter_any():
                    sent += chunk
                    if len(sent) > self._max_bytes:
                        raise _too_many_bytes(self._max_bytes)
        except TimeoutError as error:
            message = f"the body did not arrive within {_READ_TIMEOUT_S:g} s"
            raise refused(HTTPStatus.REQUEST_TIMEOUT, message) from error
        return Upload(bytes(sent), gzipped=coding == "gzip", max_bytes=self._max_bytes)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body as it was sent; ``max_bytes`` bounds it when it is decompressed.

    Attributes:
        gzipped: for the way, as HTTP says; the file itself may be compressed besides.
    """

    sent: bytes
    gzipped: bool
    max_bytes: int

    def body(self) -> bytes:
        """Return the body, decompressed; CPU-bound. Raises ApiError with 413 or 400."""
        body = self._ungzipped(self.sent) if self.gzipped else self.sent
        if body.startswith(_GZIP):
            body = self._ungzipped(body)
        elif body.startswith(_ZSTD):
            body = self._unzstandarded(body)
        if body.count(b"{") > _MAX_OBJECTS or body.count(b",") >= _MAX_VALUES:
            raise _beyond(f"{_MAX_OBJECTS:,} JSON objects or {_MAX_VALUES:,} values")
        return body

    def _unzstandarded(self, sent: bytes) -> bytes:
        stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).stream_reader(
            sent, read_across_frames=True
        )
        try:
            body = stream.read(self.max_bytes + 1)
        except zstandard.ZstdError as error:
            raise bad_request(f"the body is no zstd: {error}") from error
        if len(body) > self.max_bytes:
            raise _too_many_bytes(self.max_bytes)
        return body

    def _ungzipped(self, sent: bytes) -> bytes:
        stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            body = stream.decompress(sent, self.max_bytes + 1)
        except zlib.error as error:
            raise bad_request(f"the body is no gzip: {error}") from error
        if len(body) > self.max_bytes:
            raise _too_many_bytes(self.max_bytes)
        if not stream.eof:
            raise bad_request("the body is no gzip: it is cut off")
        return body


def spans_by_trace(
    documents: Iterator[bytes], deadline: Deadline, complaint: str
) -> dict[str, list[Span]]:
    """Return the spans of documents of OTLP/JSON, trace ids in order of appearance.

    Raises ApiError with 400: ``complaint`` and the reason, where a document cannot be read.
    """
    traces: dict[str, list[Span]] = {}
    try:
        for document in documents:
            deadline.remaining()
            for span in spans_of_otlp_json(document):
                traces.setdefault(span.trace_id, []).append(span)
    except ValueError as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise bad_request(f"{complaint}: {lines[0][:500]}") from error
    return traces


def _too_many_bytes(limit: int) -> ApiError:
    return _beyond(f"{limit:,} bytes (query.jaeger.max_upload_bytes)")


def _beyond(limit: str) -> ApiError:
    message = f"http: request body too large; the limit is {limit}"
    return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
