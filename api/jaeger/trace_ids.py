"""Trace ids as Jaeger's clients write them."""

from __future__ import annotations

import base64
import binascii
import re

from api.jaeger.strconv import quoted

__all__ = ["parse_trace_id"]

_HEX_DIGITS = 32
_HEX = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)
_BASE64_CHARACTERS = 24
_ID_BYTES = (8, 16)
_STANDARD = str.maketrans("-_", "+/")


def parse_trace_id(text: str) -> str:
    """Return the 32 lower-case hex digits of a trace id.

    Takes up to 32 hex digits in any case, without leading zeros or with them, and the base64 of
    8 or 16 bytes: standard or for URLs, padded or not. What is both is hex. Raises ValueError in
    Jaeger's words.
    """
    if _HEX.fullmatch(text) is not None:
        return text.lower().rjust(_HEX_DIGITS, "0")
    if len(text) <= _BASE64_CHARACTERS and _BASE64.fullmatch(text) is not None:
        try:
            decoded = base64.b64decode(_padded(text.translate(_STANDARD)), validate=True)
        except binascii.Error:
            decoded = b""
        if len(decoded) in _ID_BYTES:
            return decoded.hex().rjust(_HEX_DIGITS, "0")
    if len(text) > _HEX_DIGITS:
        raise ValueError(f"TraceID cannot be longer than 32 hex characters: {text[:100]}")
    raise ValueError(f"strconv.ParseUint: parsing {quoted(text)}: invalid syntax")


def _padded(text: str) -> str:
    return text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
