"""What is taken of a request: every span whose ids are valid, as the bytes that were sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError

from collector.messages import EXPORT_REQUEST, ExportRequest, LenientExportRequest
from collector.receivers.errors import Condition, RequestError, Undecodable
from collector.wire import MESSAGE, Field, Malformed, fields, header, wrapped

__all__ = ["MAX_PARTS", "MAX_SPANS", "PIECE_BYTES", "Accepted", "accept"]

PIECE_BYTES = 1 << 20
"""Bodies up to this size are parsed whole: at worst that takes 180 MB for a moment."""

MAX_SPANS = 1_000_000
"""Spans in one request, together with their scopes and resources. A full body of 64 MiB has as
many if they have 67 bytes each; spans of Envoy or an SDK have several hundred."""

MAX_PARTS = 4_000_000
"""Attributes, events, links and so on in one request. A full body has as many if they have 17
bytes each. Beyond the limits a body would block the receiver, and then the pipeline, for long."""

_NO_REQUEST = "the body is not a valid ExportTraceServiceRequest"
_SPAN_PATH = (1, 2, 2)  # resource_spans, scope_spans, spans
_ABOVE_SPANS = frozenset({(), (1,), (1, 2)})
_UP_TO_SPANS = frozenset({(1,), (1, 2), _SPAN_PATH})
_ID_FIELDS = (1, 2)  # trace_id, span_id
_MAX_NESTING = 100  # as protobuf's parser

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

_Piece: TypeAlias = bytes | memoryview


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

    @property
    def is_empty(self) -> bool:
        """Whether no span was sent at all."""
        return not self.span_count and not self.rejected


def accept(body: bytes, piece_bytes: int = PIECE_BYTES) -> Accepted:
    """Validate a serialised ExportTraceServiceRequest.

    A span is rejected alone if its trace id is not 16 or its span id not 8 bytes, or is all
    zero (trace.proto: such an id is invalid). Ids of parents and links, and text that is not
    UTF-8, reject nothing: the pipeline mends them.

    Args:
        body: the request.
        piece_bytes: a body larger than this is parsed in pieces of about this size, and has to
            keep within MAX_SPANS and MAX_PARTS.

    Raises:
        Undecodable: ``body`` is not a protobuf message of this type.
        RequestError: TOO_LARGE, it has more spans or parts than a request may have.
    """
    if len(body) > piece_bytes:
        return _LargeRequest(body, piece_bytes).accept()
    request = _parse(body)
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
    rejected: dict[str, int] = {}
    count = _leave_out_faulty_spans(request, rejected)
    return Accepted(request.SerializeToString(), count, rejected, _message(rejected))


def _leave_out_faulty_spans(request: ExportRequest, rejected: dict[str, int]) -> int:
    """Return how many spans stay; add to ``rejected`` those that do not."""
    count = 0
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            valid = 0
            for span in scope_spans.spans:
                reason = _fault(span.trace_id, span.span_id)
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
    return count


class _LargeRequest:
    """A body that is parsed in pieces, because parsed fields are far larger than sent ones.

    Whole, 64 MiB of empty spans (2 bytes each) took 12 GB and 56 s. Consecutive fields of a
    message are such a message again, so any run of them can be parsed by itself, once it is
    wrapped in the messages around it. What is too large for a run is opened, level by level.
    So the same body takes 50 MB and 1 s, and one of usual spans what it takes whole, 0.3 s:
    too little to be worth a thread.
    """

    def __init__(self, body: bytes, piece_bytes: int) -> None:
        self._body = body
        self._view = memoryview(body)
        self._piece_bytes = piece_bytes
        self._span_count = 0
        self._span_limit = MAX_SPANS
        self._part_limit = MAX_PARTS
        self._rejected: dict[str, int] = {}

    def accept(self) -> Accepted:
        try:
            pieces = self._pieces(EXPORT_REQUEST, (), 0, len(self._body))
        except Malformed as error:
            raise Undecodable(f"{_NO_REQUEST}: {error}") from error
        if not self._rejected:
            return Accepted(self._body, self._span_count, {}, "")
        body = b"".join(pieces)
        return Accepted(body, self._span_count, self._rejected, _message(self._rejected))

    def _pieces(
        self, message: Descriptor, path: tuple[int, ...], start: int, end: int
    ) -> list[_Piece]:
        """Return what stays of the ``message`` at ``start``, which is inside of ``path``."""
        if len(path) > _MAX_NESTING:
            raise Malformed(f"messages are nested deeper than {_MAX_NESTING} levels")
        pieces: list[_Piece] = []
        run, run_length = start, 0
        for field in fields(self._body, start, end):
            number, wire_type, field_start, _, field_end = field
            if field_end - run > self._piece_bytes:
                if run < field_start:
                    pieces.append(self._run(path, run, field_start, run_length))
                    run, run_length = field_start, 0
                inner = _inner(message, number, wire_type)
                if field_end - run > self._piece_bytes and inner is not None:
                    pieces += self._opened(inner, (*path, number), field)
                    run, run_length = field_end, -1
            run_length += 1
        if run < end:
            pieces.append(self._run(path, run, end, run_length))
        return pieces

    def _opened(self, message: Descriptor, path: tuple[int, ...], field: Field) -> list[_Piece]:
        number, _, _, start, end = field
        pieces = self._pieces(message, path, start, end)
        if path in _UP_TO_SPANS:
            self._count_spans(1)
        if path == _SPAN_PATH and not self._is_valid_span(start, end):
            return []
        return [header(number, sum(map(len, pieces))), *pieces]

    def _is_valid_span(self, start: int, end: int) -> bool:
        found = {
            number: self._body[content:stop]
            for number, wire_type, _, content, stop in fields(self._body, start, end)
            if number in _ID_FIELDS and wire_type == MESSAGE
        }
        reason = _fault(*(found.get(number, b"") for number in _ID_FIELDS))
        if reason is None:
            self._span_count += 1
        else:
            self._rejected[reason] = self._rejected.get(reason, 0) + 1
        return reason is None

    def _run(self, path: tuple[int, ...], start: int, end: int, length: int) -> _Piece:
        """Return what stays of ``length`` fields, which are inside of ``path``."""
        request = _parse(wrapped(path, self._view[start:end]))
        if path not in _ABOVE_SPANS:
            self._count_parts(length)
            return self._view[start:end]
        self._count_spans(-len(path))  # what it is wrapped in is not of the run
        self._count(request)
        self._count_parts(length)
        rejected_before = sum(self._rejected.values())
        self._span_count += _leave_out_faulty_spans(request, self._rejected)
        if sum(self._rejected.values()) == rejected_before:
            return self._view[start:end]
        if not path:
            return request.SerializeToString()
        resource_spans = request.resource_spans[0]
        inner = resource_spans if len(path) == 1 else resource_spans.scope_spans[0]
        return inner.SerializeToString()

    def _count(self, request: ExportRequest) -> None:
        self._count_spans(len(request.resource_spans))
        for resource_spans in request.resource_spans:
            self._count_spans(len(resource_spans.scope_spans))
            for scope_spans in resource_spans.scope_spans:
                self._count_spans(len(scope_spans.spans))
                for span in scope_spans.spans:
                    self._count_parts(len(span.attributes) + len(span.events) + len(span.links))

    def _count_spans(self, count: int) -> None:
        self._span_limit -= count
        if self._span_limit < 0:
            raise _too_many("spans, scopes and resources", MAX_SPANS)

    def _count_parts(self, count: int) -> None:
        self._part_limit -= count
        if self._part_limit < 0:
            raise _too_many("attributes, events, links and other parts", MAX_PARTS)


def _parse(body: bytes) -> ExportRequest:
    try:
        return LenientExportRequest.FromString(body)
    except DecodeError as error:
        raise Undecodable(_NO_REQUEST) from error


def _inner(message: Descriptor, number: int, wire_type: int) -> Descriptor | None:
    """Return the type of the message that is in a field of ``message``, if one is."""
    if wire_type != MESSAGE or number not in message.fields_by_number:
        return None
    inner: Descriptor | None = message.fields_by_number[number].message_type
    return inner


def _too_many(what: str, limit: int) -> RequestError:
    return RequestError(
        Condition.TOO_LARGE, f"the request has more than {limit:,} {what}; send smaller batches"
    )


def _message(rejected: dict[str, int]) -> str:
    parts = [f"{_REASONS[reason]}: {number}" for reason, number in sorted(rejected.items())]
    return f"{sum(rejected.values())} spans rejected for invalid ids ({'; '.join(parts)})"


class _Span(Protocol):
    @property
    def trace_id(self) -> bytes: ...

    @property
    def span_id(self) -> bytes: ...


class _Sortable(Protocol):
    def sort(self, *, key: Callable[[_Span], bool]) -> None: ...


def _fault(trace_id: bytes, span_id: bytes) -> str | None:
    if len(trace_id) != _TRACE_ID_BYTES:
        return "trace_id_length"
    if trace_id == _NO_TRACE_ID:
        return "trace_id_zero"
    if len(span_id) != _SPAN_ID_BYTES:
        return "span_id_length"
    if span_id == _NO_SPAN_ID:
        return "span_id_zero"
    return None


def _is_faulty(span: _Span) -> bool:
    return _fault(span.trace_id, span.span_id) is not None
