"""The one table of errors, mapped to gRPC and HTTP as the OTLP specification asks.

https://opentelemetry.io/docs/specs/otlp/#failures and #failures-1. Which codes a client may
retry is part of the protocol: UNAVAILABLE, RESOURCE_EXHAUSTED with RetryInfo, and HTTP 429,
502, 503, 504. Any other answer makes clients drop the data at once, hence no 500 here.
"""

from __future__ import annotations

import math
from enum import Enum

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from collector.interface import SpoolFull

__all__ = ["Condition", "RequestError", "Undecodable", "error_status", "of_spool"]


class Condition(Enum):
    """Why a request is answered with an error: gRPC code, HTTP status, may it be retried."""

    UNDECODABLE = ("undecodable", grpc.StatusCode.INVALID_ARGUMENT, 400, False)
    DAMAGED_COMPRESSION = ("damaged_compression", grpc.StatusCode.INVALID_ARGUMENT, 400, False)
    # gRPC's library answers UNIMPLEMENTED to an unknown encoding before we see the call.
    UNKNOWN_ENCODING = ("unknown_encoding", grpc.StatusCode.UNIMPLEMENTED, 400, False)
    # HTTP/2 on the HTTP port: mostly OTLP/gRPC that was meant for the other port.
    HTTP2 = ("http2", grpc.StatusCode.INVALID_ARGUMENT, 400, False)
    TLS = ("tls", grpc.StatusCode.INVALID_ARGUMENT, 400, False)
    NOT_FOUND = ("not_found", grpc.StatusCode.UNIMPLEMENTED, 404, False)
    OTHER_SIGNAL = ("other_signal", grpc.StatusCode.UNIMPLEMENTED, 404, False)
    METHOD_NOT_ALLOWED = ("method_not_allowed", grpc.StatusCode.UNIMPLEMENTED, 405, False)
    TOO_LARGE = ("too_large", grpc.StatusCode.RESOURCE_EXHAUSTED, 413, False)
    UNSUPPORTED_MEDIA_TYPE = ("media_type", grpc.StatusCode.INVALID_ARGUMENT, 415, False)
    # 408 would be the usual word, but clients must not retry it: the spans would be lost.
    SLOW_CLIENT = ("slow_client", grpc.StatusCode.UNAVAILABLE, 503, True)
    OVERLOADED = ("overloaded", grpc.StatusCode.RESOURCE_EXHAUSTED, 429, True)
    SPOOL_FULL = ("spool_full", grpc.StatusCode.UNAVAILABLE, 503, True)
    SPOOL_UNAVAILABLE = ("spool_unavailable", grpc.StatusCode.UNAVAILABLE, 503, True)
    DRAINING = ("draining", grpc.StatusCode.UNAVAILABLE, 503, True)
    UNEXPECTED = ("unexpected", grpc.StatusCode.UNAVAILABLE, 503, True)

    def __init__(self, label: str, code: grpc.StatusCode, http: int, retryable: bool) -> None:
        self.label = label
        self.code = code
        self.http = http
        self.retryable = retryable


class RequestError(Exception):
    """A request that is answered with an error.

    Attributes:
        condition: the line of the table.
        message: for the developer of the client, in English.
        span_count: spans of the request, when they are known.
        headers: further HTTP headers of the answer.
    """

    def __init__(
        self,
        condition: Condition,
        message: str,
        span_count: int = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.condition = condition
        self.message = message
        self.span_count = span_count
        self.headers = headers or {}


class Undecodable(RequestError):
    """The body is not an ExportTraceServiceRequest in the encoding that it claims."""

    def __init__(self, message: str) -> None:
        super().__init__(Condition.UNDECODABLE, message)


def of_spool(failure: Exception, span_count: int) -> RequestError:
    """Return the answer to a request that the spool has not made durable, by its reason."""
    if isinstance(failure, SpoolFull):
        return RequestError(
            Condition.SPOOL_FULL, "the spool is full, try again later", span_count=span_count
        )
    return RequestError(
        Condition.SPOOL_UNAVAILABLE,
        "the spool cannot be written now, try again later",
        span_count=span_count,
    )


def error_status(error: RequestError, retry_delay_s: float) -> status_pb2.Status:
    """Return the google.rpc.Status that says ``error`` to the client.

    Retryable errors carry a RetryInfo of ``retry_delay_s`` seconds, HTTP's 400 a BadRequest.
    """
    code: tuple[int, str] = error.condition.code.value
    answer = status_pb2.Status(code=code[0], message=error.message)
    if error.condition.retryable:
        delay = duration_pb2.Duration()
        delay.FromMicroseconds(math.ceil(retry_delay_s * 1_000_000))
        answer.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    elif error.condition.http == 400:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field="body", description=error.message
        )
        answer.details.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    return answer


def _packed(
    detail: error_details_pb2.RetryInfo | error_details_pb2.BadRequest,
) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed
