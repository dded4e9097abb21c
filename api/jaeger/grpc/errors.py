"""What went wrong with a call, as gRPC says it."""

from __future__ import annotations

import logging

from google.protobuf.message import DecodeError
from grpc import StatusCode

from api.errors import Overloaded
from storage.interface import QueryTimeout, StoreError, StoreUnavailable

__all__ = ["CallError", "as_call_error", "invalid"]

_LOG = logging.getLogger(__name__)


class CallError(Exception):
    """An answer that is no success: the status that ends the call."""

    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message


def invalid(message: str) -> CallError:
    """The request is at fault."""
    return CallError(StatusCode.INVALID_ARGUMENT, message)


def as_call_error(method: str, error: Exception) -> CallError:
    """Return the status for what ``method`` raised; what nobody foresaw is logged whole."""
    match error:
        case CallError():
            return error
        case DecodeError():
            return invalid("the request is not the message that this method takes")
        case Overloaded():
            return CallError(StatusCode.RESOURCE_EXHAUSTED, error.body.message)
        case QueryTimeout() | TimeoutError():
            return CallError(
                StatusCode.DEADLINE_EXCEEDED,
                "the query did not finish within its time limit and was cancelled",
            )
        case StoreUnavailable():
            return CallError(StatusCode.UNAVAILABLE, f"the store does not answer for now: {error}")
        case StoreError():
            return CallError(StatusCode.INTERNAL, f"the store: {error}")
        case _:
            _LOG.error("%s failed", method, exc_info=error)
            return CallError(
                StatusCode.INTERNAL,
                "this call met a fault in Spanloom; its log has the details",
            )
