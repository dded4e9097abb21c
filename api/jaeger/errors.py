"""Errors of the legacy API: Jaeger's envelope, as Go's ``http.Error`` sends it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from api.errors import ApiError, ErrorBody, from_store_error
from api.shapes.answers import TEXT
from storage.interface import StoreError

__all__ = ["EnvelopeError", "bad_request", "enveloped", "page_not_found", "refused"]

_LOG = logging.getLogger(__name__)


class EnvelopeError(
    msgspec.Struct, frozen=True, omit_defaults=True, rename={"trace_id": "traceID"}
):
    """One member of an envelope's ``errors``; ``trace_id`` as the client wrote it.

    A failure's ``code`` is the answer's status; what a client is told besides data has none.
    """

    code: int = 0
    msg: str = ""
    trace_id: str = ""


class _Failure(msgspec.Struct, frozen=True):
    errors: tuple[EnvelopeError]
    data: None = None
    total: int = 0
    limit: int = 0
    offset: int = 0


def refused(status: HTTPStatus, message: str) -> ApiError:
    """An answer that is no success, in Jaeger's words."""
    return ApiError(status, ErrorBody(status.name.lower(), message))


def bad_request(message: str) -> ApiError:
    """A 400 in Jaeger's words."""
    return refused(HTTPStatus.BAD_REQUEST, message)


def enveloped(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Handler:
    """Return ``handler`` with every error in the envelope (jaeger-api §4.1)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return _told(error)
        except StoreError as error:
            return _told(from_store_error(error))
        except web.HTTPException as error:
            return _told(refused(HTTPStatus(error.status), error.text or error.reason))
        except Exception:  # noqa: BLE001 - a bug costs one answer and is logged whole
            _LOG.exception("%s %s failed", request.method, request.path)
            message = "this request met a fault in Spanloom; its log has the details"
            return _told(refused(HTTPStatus.INTERNAL_SERVER_ERROR, message))

    return handle


async def page_not_found(request: web.Request) -> web.Response:
    """Answer as Go's router does where there is nothing."""
    return web.Response(
        status=HTTPStatus.NOT_FOUND,
        body=b"404 page not found\n",
        headers={hdrs.CONTENT_TYPE: TEXT, hdrs.CACHE_CONTROL: "no-store"},
    )


def _told(error: ApiError) -> web.Response:
    failure = _Failure((EnvelopeError(int(error.status), error.body.message),))
    return web.Response(
        status=error.status,
        body=msgspec.json.encode(failure) + b"\n",
        headers={hdrs.CONTENT_TYPE: TEXT, hdrs.CACHE_CONTROL: "no-store", **error.headers},
    )
