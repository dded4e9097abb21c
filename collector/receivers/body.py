"""The body of an HTTP request: read, decompressed and bounded while it arrives."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from collector.receivers.budget import BudgetExhausted, Reservation
from collector.receivers.compression import Decompressor, TooLarge, decompressor
from collector.receivers.errors import Condition, RequestError, Undecodable
from collector.receivers.export import overloaded

__all__ = ["read_body"]


async def read_body(
    request: web.BaseRequest, reservation: Reservation, max_bytes: int, timeout_s: float
) -> bytes:
    """Return the decompressed body of ``request``.

    Chunked bodies are counted as they come (Envoy sends no Content-Length), and every byte
    that is kept is taken from ``reservation``.

    Raises:
        RequestError: the body is larger than ``max_bytes`` before or after decompression, is
            badly compressed or framed, comes too slowly, or there is no memory for it.
        ConnectionError: the client has gone.
    """
    encodings = request.headers.getall("Content-Encoding", [])
    body = _Body(decompressor(encodings) if encodings else None, reservation, max_bytes)
    if (request.content_length or 0) > max_bytes:
        raise body.too_large()
    content = request.content
    try:
        if content.is_eof():
            # Small bodies mostly arrive with the headers; reading them needs no timer.
            body.add(content.read_nowait())
        else:
            async with asyncio.timeout(timeout_s):
                await _continue(request)
                while piece := await content.readany():
                    body.add(piece)
    except TimeoutError:
        raise RequestError(
            Condition.SLOW_CLIENT, f"the body did not arrive within {timeout_s:g} s"
        ) from None
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise Undecodable("the body is not framed as HTTP/1.1 asks") from error
    return body.complete()


async def _continue(request: web.BaseRequest) -> None:
    """Answer ``Expect: 100-continue``, as curl sends it before large bodies."""
    transport = request.transport
    if transport and request.headers.get("Expect", "").lower() == "100-continue":
        transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


class _Body:
    def __init__(
        self, decompress: Decompressor | None, reservation: Reservation, max_bytes: int
    ) -> None:
        self._decompress = decompress
        self._reservation = reservation
        self._max_bytes = max_bytes
        self._received = 0
        self._size = 0
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self._received += len(piece)
        if self._received > self._max_bytes:
            raise self.too_large()
        if self._decompress is not None:
            try:
                piece = self._decompress.feed(piece, self._max_bytes - self._size)
            except TooLarge:
                raise self.too_large() from None
        try:
            self._reservation.grow(len(piece))
        except BudgetExhausted:
            raise overloaded() from None
        self._size += len(piece)
        self._pieces.append(piece)

    def complete(self) -> bytes:
        if self._decompress is not None and self._received:
            self._decompress.finish()
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def too_large(self) -> RequestError:
        return RequestError(
            Condition.TOO_LARGE,
            f"the body is larger than {self._max_bytes} bytes (before or after decompression); "
            "send smaller batches",
        )
