"""What is taken of a request: every span whose ids are valid, as the bytes that were sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from google.protobuf.message import DecodeError

from collector.messages import ExportRequest, LenientExportRequest
from collector.receivers.errors import Undecodable

__all__ = ["Accepted", "accept"]

_TRACE_ID_BYTES = 16
_SPAN_ID_BYTES = 8
_NO_TRACE_ID = bytes(_TRACE_ID_BYTES)
_NO_SPAN_ID = bytes(_SPAN_ID_BYTES)

_REASONS = {
    "trace_id_length": "trace_id is not 16 bytes",
    "trace_id_zero": "trace_id is all zero",
    "span_id_length": "span_id is not 8 bytes",
    "span_id_zero": "span_id is all zero",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request as it goes to the spool.

    Attributes:
        body: a serialised ExportTraceServiceRequest: the very bytes that were sent, unless
            spans had to be left out.
        span_count: spans in ``body``; 0 means that there is nothing to store.
        rejected: spans left out, by reason.
        message: what is said to the client about them; empty if there are none.
    """

    body: bytes
    span_count: int
    rejected: dict[str, int]
    message: str

    @property
    def rejected_count(self) -> int:
        """Spans left out."""
        return sum(self.rejected.values())


def accept(body: bytes) -> Accepted:
    """Validate a serialised ExportTraceServiceRequest.

    A span is rejected alone if its trace id is not 16 or its span id not 8 bytes, or is all
    zero (trace.proto: such an id is invalid). Ids of parents and links, and text that is not
    UTF-8, reject nothing: the pipeline mends them.

    Raises:
        Undecodable: ``body`` is not a protobuf message of this type.
    """
    try:
        request = LenientExportRequest.FromString(body)
    except DecodeError as error:
        raise Undecodable("the body is not a valid ExportTraceServiceRequest") from error
    count = 0
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                trace_id = span.trace_id
                span_id = span.span_id
                if (
                    len(trace_id) != _TRACE_ID_BYTES
                    or len(span_id) != _SPAN_ID_BYTES
                    or trace_id == _NO_TRACE_ID
                    or span_id == _NO_SPAN_ID
                ):
                    return _accept_valid_spans(request)
                count += 1
    return Accepted(body, count, {}, "")


def _accept_valid_spans(request: ExportRequest) -> Accepted:
    count = 0
    rejected: dict[str, int] = {}
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            valid = 0
            for span in scope_spans.spans:
                reason = _fault(span)
                if reason is None:
                    valid += 1
                else:
                    rejected[reason] = rejected.get(reason, 0) + 1
            if valid < len(scope_spans.spans):
                # Deleting one by one would be quadratic in what a client may send; a stable
                # sort moves the faulty spans to the end, where one deletion removes them.
                cast("_Sortable", scope_spans.spans).sort(key=_is_faulty)
                del scope_spans.spans[valid:]
            count += valid
    parts = [f"{_REASONS[reason]}: {number}" for reason, number in sorted(rejected.items())]
    message = f"{sum(rejected.values())} spans rejected for invalid ids ({'; '.join(parts)})"
    return Accepted(request.SerializeToString(), count, rejected, message)


class _Span(Protocol):
    @property
    def trace_id(self) -> bytes: ...

    @property
    def span_id(self) -> bytes: ...


class _Sortable(Protocol):
    def sort(self, *, key: Callable[[_Span], bool]) -> None: ...


def _fault(span: _Span) -> str | None:
    if len(span.trace_id) != _TRACE_ID_BYTES:
        return "trace_id_length"
    if span.trace_id == _NO_TRACE_ID:
        return "trace_id_zero"
    if len(span.span_id) != _SPAN_ID_BYTES:
        return "span_id_length"
    if span.span_id == _NO_SPAN_ID:
        return "span_id_zero"
    return None


def _is_faulty(span: _Span) -> bool:
    return _fault(span) is not None
