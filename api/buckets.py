"""The width of a histogram's buckets: round to people, few enough for a chart."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["bucket_count", "choose_width"]

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def bucket_count(from_ns: int, to_ns: int, width_ns: int) -> int:
    """Return how many buckets aligned to multiples of ``width_ns`` touch [from, to)."""
    return -(-to_ns // width_ns) - from_ns // width_ns


def choose_width(from_ns: int, to_ns: int, buckets: int) -> int:
    """Return the smallest round width in nanoseconds that gives about ``buckets`` buckets.

    Never more than one over: the window may start and end within a bucket.
    """
    return next(
        width for width in _round_widths() if bucket_count(from_ns, to_ns, width) <= buckets + 1
    )


def _round_widths() -> Iterator[int]:
    decade = 1
    while decade < _SECOND:
        yield from (decade, 2 * decade, 5 * decade)
        decade *= 10
    for unit in (_SECOND, _MINUTE):
        yield from (unit * count for count in (1, 2, 5, 10, 15, 30))
    yield from (_HOUR * count for count in (1, 2, 3, 6, 12))
    days = 1
    while True:
        yield _DAY * days
        days *= 2
