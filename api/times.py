"""Times and durations as text: RFC 3339 with nanoseconds, integer nanoseconds, ``1.5s``.

Everything here is exact integer arithmetic; a time or duration that is written comes back
from its text as the same number of nanoseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

__all__ = ["MAX_NS", "format_duration", "format_time", "parse_duration", "parse_time"]

MAX_NS = 2**63 - 1
"""The last nanosecond that the store can hold (in the year 2262)."""

_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A "+" that nobody escaped in a URL arrives as a space; before an offset it can mean only that.
_RFC_3339 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+\- ])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))"
)
_INTEGER = re.compile(r"[0-9]{1,19}")

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter mu, which keyboards and Go write too
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
    "d": 86_400 * _SECOND,
}
_PART = re.compile(rf"([0-9]{{1,19}}(?:\.[0-9]{{1,9}})?)({'|'.join(_UNITS)})")


def parse_time(text: str) -> int:
    """Return the nanoseconds since the epoch of an RFC 3339 time or of integer nanoseconds.

    Raises ValueError with a reason for people.
    """
    if _INTEGER.fullmatch(text):
        return _bounded(int(text), text)
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is neither an RFC 3339 time with an offset, such as "
            "2026-11-20T09:30:00.5Z, nor nanoseconds since the epoch as an integer"
        )
    try:
        moment = datetime.fromisoformat(f"{match['date']}T{match['time']}+00:00")
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time: {error}") from error
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    if match["utc"] is None:
        hours, minutes = int(match["hours"]), int(match["minutes"])
        if hours > 23 or minutes > 59:
            raise ValueError(f"{text!r} has an impossible offset from UTC")
        offset = hours * 3600 + minutes * 60
        seconds -= -offset if match["sign"] == "-" else offset
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    return _bounded(seconds * _SECOND + fraction, text)


def format_time(ns: int) -> str:
    """Return nanoseconds since the epoch as RFC 3339 in UTC with nine fraction digits."""
    seconds, fraction = divmod(ns, _SECOND)
    return f"{_whole_second(seconds)}.{fraction:09d}Z"


def parse_duration(text: str) -> int:
    """Return the nanoseconds of ``15ms``, ``1.5s``, ``1m30s``, ``7d`` or of a bare integer.

    A bare integer is nanoseconds, as in ``duration_nano``. Raises ValueError with a reason.
    """
    if _INTEGER.fullmatch(text):
        return _bounded(int(text), text)
    total = Fraction(0)
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            break
        total += Fraction(part[1]) * _UNITS[part[2]]
        position = part.end()
    if not text or position < len(text):
        raise ValueError(
            f"{text!r} is not a duration; write a number with a unit, such as 250us, 15ms, 1.5s, "
            "1m30s, 2h or 7d, or nanoseconds as an integer"
        )
    if total.denominator != 1:
        raise ValueError(f"{text!r} is finer than a nanosecond")
    return _bounded(total.numerator, text)


def format_duration(ns: int) -> str:
    """Return nanoseconds as people read them: ``0s``, ``850ns``, ``12.5ms``, ``1.5s``, ``2m3s``.

    The text is exact; :func:`parse_duration` gives the same number back.
    """
    if ns == 0:
        return "0s"
    for unit, size in (("ns", 1_000), ("us", 1_000_000), ("ms", _SECOND)):
        if ns < size:
            return f"{_decimal(ns, _UNITS[unit])}{unit}"
    minutes, rest = divmod(ns, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    return text + (f"{_decimal(rest, _SECOND)}s" if rest else "")


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    if not rest:
        return str(whole)
    digits = len(str(unit)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0")


def _bounded(ns: int, text: str) -> int:
    if not 0 <= ns <= MAX_NS:
        raise ValueError(f"{text!r} is outside of what can be stored (1970 to 2262)")
    return ns


@lru_cache(maxsize=4096)  # spans of one trace share a few seconds
def _whole_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
