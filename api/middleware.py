"""What happens around every handler: counting, CORS, the error shape, common headers."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from api.errors import ApiError, ErrorBody, from_store_error
from api.metrics import REQUEST_DURATION, REQUESTS, RESPONSE_BYTES
from api.responses import error_response
from storage.interface import StoreError

__all__ = ["cross_origin", "finish_response", "measure", "route_template", "shape_errors"]

_LOG = logging.getLogger(__name__)

_UNMATCHED = "unmatched"
_PREFLIGHT_MAX_AGE_S = 600
_PREFLIGHT_HEADERS = f"{hdrs.IF_NONE_MATCH}, {hdrs.CONTENT_TYPE}"

_COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

_HTTP_CODES = {
    HTTPStatus.NOT_FOUND: "route_not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}


async def finish_response(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers that every response carries, just before it is sent."""
    if isinstance(response, web.HTTPException):
        # Raised before any middleware ran, as for an Expect header that is not understood.
        shaped = error_response(_from_http(request, response))
        response.body = shaped.body
        response.content_type = shaped.content_type
        response.headers[hdrs.CONTENT_LENGTH] = str(shaped.content_length)
    for name, value in _COMMON_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = "spanloom"  # instead of the library's name and version


def route_template(request: web.Request) -> str:
    """Return ``/api/v1/traces/{trace_id}`` for a request to any trace; bounded for metrics."""
    resource = request.match_info.route.resource
    return _UNMATCHED if resource is None else resource.canonical


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count requests and observe their duration, by route template."""
    route = route_template(request)
    method = request.method if request.method in hdrs.METH_ALL else "other"
    started = time.perf_counter()
    response = await handler(request)
    REQUEST_DURATION.labels(route).observe(time.perf_counter() - started)
    REQUESTS.labels(route, method, str(response.status)).inc()
    if isinstance(response, web.Response):
        RESPONSE_BYTES.labels(route).inc(response.content_length or 0)
    return response


@web.middleware
async def shape_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into the one error shape."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(error)
    except StoreError as error:
        return error_response(from_store_error(error))
    except web.HTTPException as error:
        return error_response(_from_http(request, error))
    except Exception:  # noqa: BLE001 - a bug costs one answer, counted as a 500 and logged whole
        _LOG.exception("%s %s failed", request.method, route_template(request))
        return error_response(
            ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                ErrorBody(
                    "internal_error",
                    "this request met a fault in Spanloom; its log has the details",
                    hint="please report it with the log's traceback",
                ),
            )
        )


def cross_origin(allowed: tuple[str, ...]) -> Middleware:
    """Let pages of the ``allowed`` origins read answers (the Fetch standard's CORS protocol)."""

    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN, "")
        permitted = bool(origin) and ("*" in allowed or origin in allowed)
        preflight = (
            request.method == hdrs.METH_OPTIONS
            and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
        )
        response: web.StreamResponse
        if permitted and preflight:
            response = web.Response(status=HTTPStatus.NO_CONTENT)
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, HEAD, POST"
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = _PREFLIGHT_HEADERS
            response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = str(_PREFLIGHT_MAX_AGE_S)
        else:
            response = await handler(request)
        if allowed:
            vary = response.headers.get(hdrs.VARY)
            response.headers[hdrs.VARY] = f"{vary}, Origin" if vary else "Origin"
        if permitted:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*" if "*" in allowed else origin
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = "ETag, Retry-After"
        return response

    return allow


def _from_http(request: web.Request, error: web.HTTPException) -> ApiError:
    status = HTTPStatus(error.status)
    code = _HTTP_CODES.get(status, status.name.lower())
    headers: dict[str, str] = {}
    if hdrs.ALLOW in error.headers:
        headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    path = request.path[:200]
    hint: str | None = None
    match status:
        case HTTPStatus.NOT_FOUND:
            message = f"there is nothing at {path}"
            hint = "the resources are listed in /api/v1/openapi.yaml"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            message = f"{request.method[:20]} is not possible on {path}"
            hint = f"use {headers.get(hdrs.ALLOW, 'GET')}"
        case _:
            message = f"{status.phrase}: {error.text or path}"
    return ApiError(status, ErrorBody(code, message, hint=hint), headers)
