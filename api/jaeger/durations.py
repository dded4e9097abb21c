"""Durations as Go writes and reads them (``time.ParseDuration``), with Go's words for errors."""

from __future__ import annotations

import re

__all__ = ["format_go_duration", "parse_go_duration"]

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"(?P<whole>[0-9]*)(?P<point>\.(?P<fraction>[0-9]*))?(?P<unit>[^0-9.]*)")
_MAX = 2**63 - 1
_MAX_DIGITS = 19  # of 2**63; Python refuses to convert thousands of them
_MAX_FRACTION_DIGITS = 18  # as Go, which ignores those beyond


def parse_go_duration(text: str) -> int:
    """Return the nanoseconds of ``1.5s``, ``100ms``, ``1h2m`` or ``-2us``; ``0`` needs no unit.

    What is finer than a nanosecond is cut off. Raises ValueError in Go's words.
    """
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    if unsigned == "0":
        return 0
    if not unsigned:
        raise _invalid(text)
    total = 0
    position = 0
    while position < len(unsigned):
        part = _PART.match(unsigned, position)
        assert part is not None  # every part of the pattern may be empty
        whole, fraction = part["whole"].lstrip("0"), part["fraction"] or ""
        if not part["whole"] and not fraction:
            raise _invalid(text)
        if not part["unit"]:
            raise ValueError(f"time: missing unit in duration {_quoted(text)}")
        unit = _UNITS.get(part["unit"])
        if unit is None:
            raise ValueError(
                f"time: unknown unit {_quoted(part['unit'])} in duration {_quoted(text)}"
            )
        if len(whole) > _MAX_DIGITS:
            raise _invalid(text)
        fraction = fraction[:_MAX_FRACTION_DIGITS]
        total += int(whole or "0") * unit
        total += int(fraction or "0") * unit // 10 ** len(fraction)
        position = part.end()
    negative = text.startswith("-")
    if total > _MAX + negative:
        raise _invalid(text)
    return -total if negative else total


def format_go_duration(ns: int) -> str:
    """Return nanoseconds as Go prints a ``time.Duration``: ``0s``, ``1.5ms``, ``-1m0.5s``."""
    sign, amount = ("-", -ns) if ns < 0 else ("", ns)
    if amount == 0:
        return "0s"
    for unit in ("ns", "\u00b5s", "ms"):
        if amount < 1000 * _UNITS[unit]:
            return f"{sign}{_decimal(amount, _UNITS[unit])}{unit}"
    minutes, rest = divmod(amount, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{whole}{_decimal(rest, _UNITS['s'])}s"


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = len(str(unit)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".") if rest else str(whole)


def _invalid(text: str) -> ValueError:
    return ValueError(f"time: invalid duration {_quoted(text)}")


def _quoted(text: str) -> str:
    r"""Quote as Go's package ``time`` does: bytes outside printable ASCII as ``\xNN``."""
    quoted = []
    for byte in text.encode("utf-8", "surrogateescape"):
        if byte in b'"\\':
            quoted.append("\\" + chr(byte))
        else:
            quoted.append(chr(byte) if 0x20 <= byte < 0x80 else f"\\x{byte:02x}")
    return f'"{"".join(quoted)}"'
