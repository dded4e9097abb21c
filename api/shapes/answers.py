"""Answers in other tools' manner: text, and errors in the form that their clients read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from api.errors import ApiError, from_store_error
from api.queries import QUERIES, Deadline
from api.responses import JSON, MIN_GZIP_BYTES, Payload, accepts_gzip, render, respond
from storage.interface import StoreError

__all__ = ["HTML", "TEXT", "answer_bytes", "in_dialect", "json_error", "open_to_all", "text_error"]

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

_Told = Callable[[ApiError], web.Response]


async def answer_bytes(
    request: web.Request, content_type: str, work: Callable[[Deadline], bytes]
) -> web.Response:
    """Run ``work`` on a query thread and answer with the body that it returns."""

    def run(deadline: Deadline) -> Payload:
        body = work(deadline)
        gzip = len(body) >= MIN_GZIP_BYTES and accepts_gzip(request)
        return render([body], content_type, gzip=gzip)

    return respond(request, await request.app[QUERIES].run(run))


def in_dialect(handler: Callable[[web.Request], Awaitable[web.Response]], told: _Told) -> Handler:
    """Return ``handler`` with its errors told by ``told`` instead of in our shape."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return told(error)
        except StoreError as error:
            return told(from_store_error(error))

    return handle


def text_error(error: ApiError) -> web.Response:
    """Tell an error as Go's ``http.Error`` does: its message as plain text."""
    return _uncached(error, f"{error.body.message}\n".encode(), TEXT)


def json_error(error: ApiError) -> web.Response:
    """Tell an error as Kiali does: ``{"error": message}``."""
    return _uncached(error, msgspec.json.encode({"error": error.body.message}), JSON)


def open_to_all(handler: Handler) -> Handler:
    """Return ``handler`` with answers that pages of any origin may read."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
        return response

    return handle


def _uncached(error: ApiError, body: bytes, content_type: str) -> web.Response:
    headers = {
        hdrs.CONTENT_TYPE: content_type,
        hdrs.CACHE_CONTROL: "no-store",
        **error.headers,
    }
    return web.Response(status=error.status, body=body, headers=headers)
