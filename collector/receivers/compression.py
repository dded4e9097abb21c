"""Decompression of HTTP bodies, bounded: Content-Encoding gzip, deflate (zlib) and zstd.

We decompress ourselves because aiohttp takes truncated gzip silently and answers 500 to
garbage. A body has to be one complete stream with nothing behind it.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard

from collector.receivers.errors import Condition, RequestError

__all__ = ["ENCODINGS", "Decompressor", "TooLarge", "decompressor"]

ENCODINGS = ("identity", "gzip", "deflate", "zstd")
"""The values of Content-Encoding that are understood."""

_ZSTD_MAX_WINDOW_BYTES = 8 << 20  # what RFC 8878 asks every decoder to support
_ZSTD_SLICE_BYTES = 1 << 10


class TooLarge(Exception):
    """The decompressed body is larger than allowed."""


class Decompressor(Protocol):
    """Decompresses one body piece by piece."""

    def feed(self, piece: bytes, max_bytes: int) -> bytes:
        """Return what ``piece`` adds to the body.

        Raises:
            TooLarge: it adds more than ``max_bytes``.
            RequestError: the compressed data is damaged, or goes on behind its end.
        """
        ...

    def finish(self) -> None:
        """Check that the stream is complete. Raises RequestError if it was cut off."""
        ...


def decompressor(encodings: list[str]) -> Decompressor | None:
    """Return the decompressor for the values of all Content-Encoding headers; None: identity.

    Raises:
        RequestError: the encoding is not known, or there are several.
    """
    names = [name.strip().lower() for value in encodings for name in value.split(",")]
    if len(names) > 1:
        raise RequestError(
            Condition.UNKNOWN_ENCODING, "several Content-Encodings at once are not supported"
        )
    match names:
        case [] | ["" | "identity"]:
            return None
        case ["gzip" | "x-gzip"]:
            return _Zlib(zlib.MAX_WBITS | 16)
        case ["deflate"]:
            return _Zlib(zlib.MAX_WBITS)
        case ["zstd"]:
            return _Zstd()
        case _:
            raise RequestError(
                Condition.UNKNOWN_ENCODING,
                f"unsupported Content-Encoding {names[0][:64]!r}, supported: "
                + ", ".join(ENCODINGS),
            )


class _Zlib:
    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(wbits=window_bits)

    def feed(self, piece: bytes, max_bytes: int) -> bytes:
        if self._stream.eof and piece:
            raise _trailing()
        try:
            # One byte more than allowed, since 0 would mean "no limit" to zlib.
            grown = self._stream.decompress(piece, max_bytes + 1)
        except zlib.error as error:
            raise _damaged() from error
        if len(grown) > max_bytes:
            raise TooLarge
        if self._stream.unused_data:
            raise _trailing()
        return grown

    def finish(self) -> None:
        if not self._stream.eof:
            raise _truncated()


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(
            max_window_size=_ZSTD_MAX_WINDOW_BYTES
        ).decompressobj()

    def feed(self, piece: bytes, max_bytes: int) -> bytes:
        # zstandard cannot bound what one call returns, but 4 bytes make 128 KiB at most:
        # slices bound it, so that a bomb is stopped after 32 MiB too many.
        grown: list[bytes] = []
        size = 0
        for start in range(0, len(piece), _ZSTD_SLICE_BYTES):
            if self._stream.eof:
                raise _trailing()
            try:
                part = self._stream.decompress(piece[start : start + _ZSTD_SLICE_BYTES])
            except zstandard.ZstdError as error:
                raise _damaged() from error
            size += len(part)
            if size > max_bytes:
                raise TooLarge
            grown.append(part)
        if self._stream.unused_data:
            raise _trailing()
        return b"".join(grown)

    def finish(self) -> None:
        if not self._stream.eof:
            raise _truncated()


def _damaged() -> RequestError:
    return RequestError(Condition.DAMAGED_COMPRESSION, "the compressed body is damaged")


def _truncated() -> RequestError:
    return RequestError(Condition.DAMAGED_COMPRESSION, "the compressed body is cut off")


def _trailing() -> RequestError:
    return RequestError(
        Condition.DAMAGED_COMPRESSION, "the compressed body has bytes behind its end"
    )
