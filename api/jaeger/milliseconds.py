"""Times and spans of time in milliseconds: how Jaeger's routes about graphs and metrics ask."""

from __future__ import annotations

from multidict import MultiMapping

from api.jaeger.errors import bad_request
from api.jaeger.strconv import parse_int

__all__ = ["NS_PER_MS", "read_milliseconds"]

NS_PER_MS = 1_000_000


def read_milliseconds(given: MultiMapping[str], name: str, default: int) -> int:
    """Return the milliseconds that a parameter gives, not negative; ``default`` if it is empty.

    Raises ApiError, a 400 in Jaeger's words.
    """
    text = given.get(name, "")
    if not text:
        return default
    try:
        milliseconds = parse_int(text)
    except ValueError as error:
        raise bad_request(f"unable to parse param '{name}': {error}") from error
    if milliseconds < 0:
        raise bad_request(f"unable to parse param '{name}': must not be negative")
    return milliseconds
