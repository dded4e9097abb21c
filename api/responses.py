"""Answers: a document becomes JSON, an entity tag and, when the client takes it, gzip.

All of it is CPU work that grows with the answer, so :func:`render` runs on a query thread.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec
import xxhash
from aiohttp import hdrs, web

from api.errors import ApiError
from api.queries import QUERIES, Deadline

__all__ = [
    "JSON",
    "MIN_GZIP_BYTES",
    "Payload",
    "accepts_gzip",
    "answer",
    "answer_in_chunks",
    "error_response",
    "render",
    "respond",
]

JSON = "application/json"

MIN_GZIP_BYTES = 1024
"""Shorter bodies are not compressed: the packet is no shorter for it."""

_GZIP_LEVEL = 4  # traces shrink to a tenth at a third of the default level's time
_GZIP_WINDOW = 31  # zlib's way to ask for a gzip header around a 32 KiB window
_ZERO_WEIGHT = re.compile(r"\s*q\s*=\s*0(?:\.0*)?\s*")


@dataclass(frozen=True, slots=True)
class Payload:
    """A body as it goes out.

    Attributes:
        etag: digest of the body before compression; weak, as encodings share it.
    """

    body: bytes
    content_type: str
    etag: str
    gzipped: bool


def render(chunks: Iterable[bytes], content_type: str, *, gzip: bool) -> Payload:
    """Return a body, given in pieces, ready to send.

    CPU-bound; gives up the GIL while it hashes and deflates a piece.
    """
    digest = xxhash.xxh3_128()  # of a large graph, BLAKE2 takes as long as encoding it
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW) if gzip else None
    parts: list[bytes] = []
    for chunk in chunks:
        digest.update(chunk)
        parts.append(chunk if deflate is None else deflate.compress(chunk))
    if deflate is not None:
        parts.append(deflate.flush())
    return Payload(b"".join(parts), content_type, digest.hexdigest(), gzipped=gzip)


def respond(request: web.Request, payload: Payload) -> web.Response:
    """Return the response with ``payload``, or 304 if the client has that body already."""
    headers = {
        hdrs.ETAG: f'W/"{payload.etag}"',
        hdrs.CACHE_CONTROL: "no-cache",  # keep it, but ask with If-None-Match each time
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    known = request.if_none_match or ()
    if any(tag.value in ("*", payload.etag) for tag in known):
        return web.Response(status=304, headers=headers)
    if payload.gzipped:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    return web.Response(
        body=payload.body, headers={**headers, hdrs.CONTENT_TYPE: payload.content_type}
    )


async def answer(request: web.Request, work: Callable[[Deadline], object]) -> web.Response:
    """Run ``work`` on a query thread and answer with the document that it returns, as JSON."""

    def run(deadline: Deadline) -> Payload:
        body = msgspec.json.encode(work(deadline))
        return render([body], JSON, gzip=len(body) >= MIN_GZIP_BYTES and accepts_gzip(request))

    return respond(request, await request.app[QUERIES].run(run))


async def answer_in_chunks(
    request: web.Request, work: Callable[[Deadline], Iterable[bytes]]
) -> web.Response:
    """Run ``work`` as :func:`answer` does; it returns the answer's JSON in pieces."""

    def run(deadline: Deadline) -> Payload:
        return render(work(deadline), JSON, gzip=accepts_gzip(request))

    return respond(request, await request.app[QUERIES].run(run))


def error_response(error: ApiError) -> web.Response:
    """Return the one shape of every answer that is no success."""
    return web.Response(
        status=error.status,
        body=msgspec.json.encode({"error": error.body}),
        content_type=JSON,
        headers={hdrs.CACHE_CONTROL: "no-store", **error.headers},
    )


def accepts_gzip(request: web.Request) -> bool:
    """Whether a client's Accept-Encoding names gzip with a weight above 0 (RFC 9110, 12.5.3)."""
    for item in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return _ZERO_WEIGHT.fullmatch(weight) is None
    return False
