"""A span as it is sent, and the trace that gives it its ids and times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.collector.builders import key_values

__all__ = ["MS", "STRANGER", "Sent", "Trace"]

MS = 1_000_000
STRANGER = "192.0.2.10"
"""A caller that is no pod."""

_SERVER, _CONSUMER = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER
_KNOWN, _REMOTE, _SAMPLED = 0x100, 0x200, 1


@dataclass(eq=False, kw_only=True)
class Sent:
    """One span.

    Attributes:
        tags: over what the builder says; None takes a tag away.
        resource: the same for the resource's attributes.
        at: start in milliseconds after the parent's (a root: the window's); by default one more
            than the parent's, and ten more for every older sibling.
        lasting: duration in milliseconds.
        id, parent: ids where they do not follow from the nesting.
        is_lost: the span never arrives, its children name it all the same.
        address: of the pod, for the spans that it calls.
    """

    name: str
    kind: int
    children: Sequence[Sent] = ()
    tags: dict[str, Any] = field(default_factory=dict)
    resource: dict[str, Any] = field(default_factory=dict)
    status: int = Status.STATUS_CODE_UNSET
    trace_flags: int | None = None
    trace_state: str = ""
    links: Sequence[Sent] = ()
    events: Sequence[str] = ()
    at: float | None = None
    lasting: float = 20
    id: int | None = None
    parent: int | None = None
    is_lost: bool = False
    address: str = ""
    # Set when the span gets its place in a trace
    trace: Trace | None = None
    span_id: int = 0
    parent_id: int = 0
    start_ms: float = 0

    def message(self, trace_id: bytes, start_ns: int) -> Span:
        """The span as it is sent; ``start_ns`` is the beginning of the window."""
        begin = start_ns + round(self.start_ms * MS)
        remote = _REMOTE if self.kind in (_SERVER, _CONSUMER) and self.parent_id else 0
        flags = _SAMPLED | _KNOWN | remote if self.trace_flags is None else self.trace_flags
        return Span(
            trace_id=trace_id,
            span_id=_id(self.span_id),
            parent_span_id=_id(self.parent_id) if self.parent_id else b"",
            name=self.name,
            kind=self.kind,
            trace_state=self.trace_state,
            flags=flags,
            start_time_unix_nano=begin,
            end_time_unix_nano=begin + round(self.lasting * MS),
            status=Status(code=self.status),
            attributes=key_values(self.tags),
            events=[Span.Event(name=name, time_unix_nano=begin) for name in self.events],
        )


@dataclass(eq=False)
class Trace:
    """Spans of one trace id.

    Attributes:
        roots: with what is below them.
        short_id: the upper half of the trace id is zero, as where 64-bit ids are in use.
        joins: the trace whose id this one has, perhaps in the other form.
    """

    roots: Sequence[Sent]
    short_id: bool = False
    joins: Trace | None = None

    def spans(self) -> list[Sent]:
        """What arrives, in the order of nesting."""
        return [sent for sent in self._all() if not sent.is_lost]

    def place(self, first_id: int) -> int:
        """Give every span its ids, start and caller's address; return the next free id."""
        for number, (sent, above) in enumerate(_nested(self.roots, None), first_id):
            sent.span_id = number if sent.id is None else sent.id
            given = above.span_id if above is not None else 0
            sent.parent_id = given if sent.parent is None else sent.parent
            sent.trace = self
        for siblings, above in _families(self.roots, None):
            for index, sent in enumerate(siblings):
                offset = 1 + 10 * index if above is not None else 0
                begin = above.start_ms if above is not None else 0
                sent.start_ms = begin + (offset if sent.at is None else sent.at)
                if sent.kind == _SERVER and sent.tags.get("component") == "proxy":
                    caller = above.address if above is not None and above.address else STRANGER
                    sent.tags.setdefault("peer.address", caller)
        return first_id + len(self._all())

    def _all(self) -> list[Sent]:
        return [sent for sent, _ in _nested(self.roots, None)]


def _nested(family: Sequence[Sent], above: Sent | None) -> Iterator[tuple[Sent, Sent | None]]:
    for sent in family:
        yield sent, above
        yield from _nested(sent.children, sent)


def _families(family: Sequence[Sent], above: Sent | None) -> Iterator[Any]:
    yield family, above
    for sent in family:
        yield from _families(sent.children, sent)


def _id(number: int) -> bytes:
    return number.to_bytes(8, "big")
