"""The side of a span: what tells two spans of one id apart (rules G1 and G10).

Zipkin's shared ids give the client's and the server's span of one call the same span id, so a
span is known by its trace id, its span id *and* its side.
"""

from __future__ import annotations

from enum import IntEnum

from model.span import SpanKind

__all__ = ["Side", "side_of"]


class Side(IntEnum):
    """Ordered from the caller to the callee: among spans of one id, the lesser is the parent."""

    CLIENT = 0
    LOCAL = 1
    SERVER = 2


_SIDES: dict[int, Side] = {
    SpanKind.CLIENT: Side.CLIENT,
    SpanKind.PRODUCER: Side.CLIENT,
    SpanKind.SERVER: Side.SERVER,
    SpanKind.CONSUMER: Side.SERVER,
}


def side_of(kind: int) -> Side:
    """Return the side of a span of ``kind``; kinds that name no side are local."""
    return _SIDES.get(kind, Side.LOCAL)
