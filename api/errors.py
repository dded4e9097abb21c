"""The one shape of every answer that is no success, and the table that maps errors to it."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from storage.interface import QueryTimeout, StoreError, StoreUnavailable

__all__ = ["ApiError", "ErrorBody", "Overloaded", "bad_parameter", "from_store_error", "not_found"]

_STORE_RETRY_S = 5
_OVERLOAD_RETRY_S = 1


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong.

    Attributes:
        code: a stable word to program against.
        message: what happened and where, for a person.
        parameter: the request parameter at fault.
        hint: what to do about it.
    """

    code: str
    message: str
    parameter: str | None = None
    hint: str | None = None


class ApiError(Exception):
    """An answer that is no success.

    Attributes:
        status: the HTTP status.
        body: what the client is told.
        headers: further headers, such as ``Retry-After`` or ``Allow``.
    """

    def __init__(
        self, status: HTTPStatus, body: ErrorBody, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status.value} {body.code}: {body.message}")
        self.status = status
        self.body = body
        self.headers = headers or {}


class Overloaded(ApiError):
    """Too many requests wait for a thread already."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            HTTPStatus.SERVICE_UNAVAILABLE,
            ErrorBody(
                "overloaded",
                f"{waiting} requests are waiting already, so this one was not queued",
                hint="try again in a moment; ask for less at once",
            ),
            {"Retry-After": str(_OVERLOAD_RETRY_S)},
        )


def bad_parameter(parameter: str, message: str, hint: str | None = None) -> ApiError:
    """A 400 that names the parameter at fault."""
    return ApiError(
        HTTPStatus.BAD_REQUEST,
        ErrorBody("invalid_parameter", f"{parameter}: {message}", parameter, hint),
    )


def not_found(code: str, message: str, hint: str | None = None) -> ApiError:
    """A 404 for a thing that could exist but does not."""
    return ApiError(HTTPStatus.NOT_FOUND, ErrorBody(code, message, hint=hint))


def from_store_error(error: StoreError) -> ApiError:
    """Map the store's errors: a timeout is 504, unavailability 503, the rest 500."""
    match error:
        case QueryTimeout():
            return ApiError(
                HTTPStatus.GATEWAY_TIMEOUT,
                ErrorBody(
                    "query_timeout",
                    "the query did not finish within its time limit and was cancelled",
                    hint="narrow the time range, or add a service or an operation",
                ),
            )
        case StoreUnavailable():
            return ApiError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                ErrorBody(
                    "store_unavailable",
                    f"the store does not answer for now: {error}",
                    hint="try again; spans are still being accepted",
                ),
                {"Retry-After": str(_STORE_RETRY_S)},
            )
        case _:
            return ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR, ErrorBody("store_error", f"the store: {error}")
            )
