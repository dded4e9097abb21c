"""Ids as people and tools write them, and the one form in which they are stored and compared."""

from __future__ import annotations

import re

__all__ = [
    "normalise_request_id",
    "parse_span_id",
    "parse_trace_id",
    "request_id_forms",
]

_TRACE_ID_DIGITS = 32
_SPAN_ID_DIGITS = 16
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_REWRITTEN_CHARACTER = 14  # counted from 0: the version digit of the UUID


def parse_trace_id(text: str) -> str:
    """Return a trace id as 32 lower-case hex digits.

    Takes upper case, 64-bit ids and ids whose leading zeros were dropped (as Jaeger prints
    them): what is missing on the left is zeros. Raises ValueError if ``text`` is no trace id.
    """
    return _parse_id(text, _TRACE_ID_DIGITS, "trace id")


def parse_span_id(text: str) -> str:
    """Return a span id as 16 lower-case hex digits, as :func:`parse_trace_id` does."""
    return _parse_id(text, _SPAN_ID_DIGITS, "span id")


def _parse_id(text: str, digits: int, what: str) -> str:
    found = text.strip().lower()
    if len(found) > digits or _HEX.fullmatch(found) is None:
        raise ValueError(f"{what} must be 1 to {digits} hex digits, got {text[:64]!r}")
    if not found.strip("0"):
        raise ValueError(f"{what} must not be all zeros")
    return found.rjust(digits, "0")


def normalise_request_id(text: str) -> str:
    """Return an ``x-request-id`` in the form in which two reports of one request are equal.

    Envoy writes its tracing decision over the version digit of the UUID (character 14:
    ``9`` sampled, ``a`` and ``b`` forced, ``4`` not traced), so that digit becomes ``0``.
    What is no UUID is returned unchanged: such ids are compared as they are.
    """
    found = text.strip().lower()
    if _UUID.fullmatch(found) is None:
        return text
    return found[:_REWRITTEN_CHARACTER] + "0" + found[_REWRITTEN_CHARACTER + 1 :]


def request_id_forms(text: str) -> tuple[str, ...]:
    """Return every stored form that is the same request as ``text``, for a lookup by equality.

    A UUID has 16 forms, one a value of the digit that proxies rewrite; other text has one.
    """
    found = normalise_request_id(text)
    if _UUID.fullmatch(found) is None:
        return (found,)
    head, tail = found[:_REWRITTEN_CHARACTER], found[_REWRITTEN_CHARACTER + 1 :]
    return tuple(f"{head}{digit}{tail}" for digit in "0123456789abcdef")
