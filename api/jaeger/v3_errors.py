"""Errors of the v3 API: the gRPC gateway's, as Go's ``http.Error`` sends them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from api.errors import ApiError, from_store_error
from api.jaeger.errors import bad_request, refused
from api.shapes.answers import TEXT
from storage.interface import StoreError

__all__ = ["in_gateway_shape", "malformed"]

_LOG = logging.getLogger(__name__)


class _Detail(msgspec.Struct, frozen=True, rename="camel"):
    http_code: int
    message: str


class _Failure(msgspec.Struct, frozen=True):
    error: _Detail


def malformed(name: str, reason: object) -> ApiError:
    """A 400 that names the parameter as it was sent."""
    return bad_request(f"malformed parameter {name}: {reason}")


def in_gateway_shape(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Handler:
    """Return ``handler`` with every error in the gateway's shape (jaeger-api §6)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return _told(error)
        except StoreError as error:
            return _told(from_store_error(error))
        except Exception:  # noqa: BLE001 - a bug costs one answer and is logged whole
            _LOG.exception("%s %s failed", request.method, request.path)
            message = "this request met a fault in Spanloom; its log has the details"
            return _told(refused(HTTPStatus.INTERNAL_SERVER_ERROR, message))

    return handle


def _told(error: ApiError) -> web.Response:
    failure = _Failure(_Detail(int(error.status), error.body.message))
    return web.Response(
        status=error.status,
        body=msgspec.json.encode(failure) + b"\n",
        headers={hdrs.CONTENT_TYPE: TEXT, hdrs.CACHE_CONTROL: "no-store", **error.headers},
    )
