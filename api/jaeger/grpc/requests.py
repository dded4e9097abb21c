"""Ids, times and searches as gRPC's requests carry them."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from api.jaeger.grpc.errors import invalid
from api.jaeger.source import Found

__all__ = [
    "LEFT_OUT",
    "checked_tags",
    "duration_ns",
    "is_unset",
    "left_out",
    "time_ns",
    "trace_id_of",
]

LEFT_OUT = "x-spanloom-traces-left-out"
"""Metadata after a search's answer that was cut off: how many traces are missing."""

_SECOND_NS = 1_000_000_000
_LAST_NS = 2**63 - 2  # one more, the end of a half-open window, is the last that a store knows
_TRACE_ID_SIZES = (8, 16)
_MAX_TAGS = 100


def trace_id_of(sent: bytes) -> str:
    """Return 32 hex digits of an id of 16 bytes, or of 8, the lower half. Raises CallError."""
    if not sent.strip(b"\x00"):
        raise invalid("uninitialized TraceID is not allowed")
    if len(sent) not in _TRACE_ID_SIZES:
        raise invalid(f"a TraceID has 16 bytes, not {len(sent)}")
    return sent.hex().rjust(32, "0")


def is_unset(time: Timestamp) -> bool:
    """Whether it is absent, or a time before the epoch: Go's clients send the year 1 for none."""
    return time.seconds < 0 or not (time.seconds or time.nanos)


def time_ns(time: Timestamp) -> int:
    """Return nanoseconds since the epoch, at most those that a store knows."""
    return min(max(0, time.seconds * _SECOND_NS + time.nanos), _LAST_NS)


def duration_ns(name: str, duration: Duration) -> int:
    """Return nanoseconds, 0 where it is absent. Raises CallError if it is negative."""
    nanoseconds = duration.seconds * _SECOND_NS + duration.nanos
    if nanoseconds < 0:
        raise invalid(f"{name} must not be negative")
    return min(nanoseconds, _LAST_NS)


def checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a search. Raises CallError if there are too many."""
    if len(tags) > _MAX_TAGS:
        raise invalid(f"{len(tags)} tags; at most {_MAX_TAGS} are allowed")
    return dict(tags)


def left_out(found: Found) -> tuple[tuple[str, str], ...]:
    """Return the metadata that says how many traces are missing; empty if none is."""
    return ((LEFT_OUT, str(found.left_out)),) if found.left_out else ()
