"""Durations (``200ms``, ``7d``) and byte sizes (``64MiB``) as people write them.

Counted exactly, in integers: nanoseconds and bytes.
"""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["format_bytes", "format_duration", "parse_bytes", "parse_duration"]

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
_BYTES = {
    "": 1,
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]*)")
_LIMIT = 2**63


def parse_duration(text: str) -> int:
    """Return the nanoseconds of ``200ms``, ``1.5s``, ``1h30m`` or ``0``.

    Raises ValueError if the text is no duration, has no unit, or is not whole nanoseconds.
    """
    text = text.strip()
    if text == "0":
        return 0
    total, end = Fraction(0), 0
    for part in _DURATION_PART.finditer(text):
        if part.start() != end:
            break
        total += Fraction(part[1]) * _NANOSECONDS[part[2]]
        end = part.end()
    if not text or end != len(text):
        raise ValueError(f"{text!r} is no duration; write a number and a unit, such as 200ms or 7d")
    return _whole(total, text, "nanoseconds")


def parse_bytes(text: str) -> int:
    """Return the bytes of ``64MiB``, ``1.5 GiB``, ``10kB`` or ``4096``.

    Raises ValueError if the text is no size or not a whole number of bytes.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2] not in _BYTES:
        raise ValueError(f"{text!r} is no size; write bytes or a unit, such as 4096 or 64MiB")
    return _whole(Fraction(found[1]) * _BYTES[found[2]], text, "bytes")


def format_duration(nanoseconds: int) -> str:
    """Return the shortest exact form with one unit: 90,000,000,000 is ``90s``."""
    return _largest_unit(
        nanoseconds, {u: n for u, n in _NANOSECONDS.items() if u not in ("µs", "w")}
    )


def format_bytes(size: int) -> str:
    """Return the shortest exact form with a binary unit, or the bare number of bytes."""
    return _largest_unit(size, {u: n for u, n in _BYTES.items() if u == "" or u.endswith("iB")})


def _whole(value: Fraction, text: str, unit: str) -> int:
    if value.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of {unit}")
    if value >= _LIMIT:
        raise ValueError(f"{text!r} is too large")
    return int(value)


def _largest_unit(value: int, units: dict[str, int]) -> str:
    if value == 0:
        return "0s" if "s" in units else "0"
    unit = max((u for u, n in units.items() if value % n == 0), key=lambda u: units[u])
    return f"{value // units[unit]}{unit}"
