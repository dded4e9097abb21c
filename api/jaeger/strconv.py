"""Numbers and booleans as Go's package ``strconv`` reads them, with its words for errors."""

from __future__ import annotations

import re

__all__ = ["parse_bool", "parse_float", "parse_int", "quoted"]

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MAX_DIGITS = 20  # more than 64 bits have; Python refuses to convert thousands
_MAX_FLOAT_CHARACTERS = 400
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def parse_bool(text: str) -> bool:
    """Return a boolean: ``1``, ``t``, ``true``, ``0``, ``F``, ``False`` and so on.

    Raises ValueError in Go's words.
    """
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _error("ParseBool", text, "invalid syntax")


def parse_int(text: str, *, bits: int = 64, function: str = "ParseInt") -> int:
    """Return a decimal integer of ``bits`` bits with a sign.

    Raises ValueError in Go's words, as those of ``function``.
    """
    if _INTEGER.fullmatch(text) is None:
        raise _error(function, text, "invalid syntax")
    digits = text.lstrip("+-").lstrip("0")
    number = 0 if len(digits) > _MAX_DIGITS else int(digits or "0")
    number = -number if text.startswith("-") else number
    if len(digits) > _MAX_DIGITS or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise _error(function, text, "value out of range")
    return number


def parse_float(text: str) -> float:
    """Return a finite decimal number. Raises ValueError in Go's words."""
    if _FLOAT.fullmatch(text) is None or len(text) > _MAX_FLOAT_CHARACTERS:
        raise _error("ParseFloat", text, "invalid syntax")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _error("ParseFloat", text, "value out of range")
    return number


def quoted(text: str) -> str:
    """Return ``text`` as Go's ``%q`` writes it."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(character: str) -> str:
    escaped = _ESCAPES.get(character)
    if escaped is not None:
        return escaped
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _error(function: str, text: str, reason: str) -> ValueError:
    return ValueError(f"strconv.{function}: parsing {quoted(text)}: {reason}")
