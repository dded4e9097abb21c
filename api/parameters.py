"""The query string of a request, read strictly.

What a client asks for and what it gets must be the same: a parameter that is unknown, given
twice or not understood is an error that says so, never something to skip.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aiohttp import web
from multidict import MultiMapping

from api.errors import ApiError, bad_parameter
from api.times import parse_duration, parse_time

__all__ = ["MAX_TEXT_LENGTH", "Parameters", "path_text", "path_value"]

MAX_TEXT_LENGTH = 1024
"""Characters that one value may have."""

_T = TypeVar("_T")
_D = TypeVar("_D")

_BOOLEANS = {"true": True, "false": False}
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")


class Parameters:
    """Typed access to the query parameters of one request.

    Args:
        query: the decoded query string.
        single: the names that may be given once.
        repeated: the names that may be given several times.

    Raises:
        ApiError: a 400 for a name that is in neither list, or given too often.
    """

    def __init__(
        self, query: MultiMapping[str], single: Sequence[str], repeated: Sequence[str] = ()
    ) -> None:
        known = [*single, *repeated]
        for name in query:
            if name not in known:
                raise _unknown(name, known)
        for name in single:
            if len(query.getall(name, [])) > 1:
                raise bad_parameter(name, "is given more than once and takes one value")
        self._query = query

    def has(self, name: str) -> bool:
        """Whether the client gave ``name``."""
        return name in self._query

    def given(self, *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Every name and value as given, sorted, but for the names in ``without``."""
        return sorted((name, text) for name, text in self._query.items() if name not in without)

    def text(self, name: str, default: str = "") -> str:
        """A text that is not empty."""
        return self._read(name, lambda text: text, default)

    def prefix(self, name: str) -> str:
        """A text that may be empty, as when a field for completion is still blank."""
        text = self._query.get(name, "")
        return text if not text else self.text(name)

    def texts(self, name: str, parse: Callable[[str], _T], *, limit: int) -> list[_T]:
        """All values of a repeated parameter in order, at most ``limit`` of them."""
        values = self._query.getall(name, [])
        if len(values) > limit:
            raise bad_parameter(name, f"is given {len(values)} times; at most {limit} are allowed")
        return [_parsed(name, text, parse) for text in values]

    def parsed(self, name: str, parse: Callable[[str], _T]) -> _T | None:
        """A value that ``parse`` reads; its ValueError becomes the client's message."""
        return self._read(name, parse, None)

    def time(self, name: str) -> int | None:
        """Nanoseconds since the epoch, of an RFC 3339 time or an integer."""
        return self._read(name, parse_time, None)

    def duration(self, name: str) -> int | None:
        """Nanoseconds, of a text such as ``15ms`` or an integer."""
        return self._read(name, parse_duration, None)

    def boolean(self, name: str) -> bool | None:
        """``true`` or ``false``."""
        return self._read(name, _boolean, None)

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """An integer within bounds, both inclusive."""

        def parse(text: str) -> int:
            number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
            if not minimum <= number <= maximum:
                raise ValueError(
                    f"{text!r} is not an integer between {minimum} and {maximum}",
                )
            return number

        return self._read(name, parse, default)

    def number(self, name: str, *, minimum: float, maximum: float) -> float | None:
        """A decimal number within bounds, both inclusive."""

        def parse(text: str) -> float:
            number = float(text) if _DECIMAL.fullmatch(text) else math.nan
            if not minimum <= number <= maximum:
                raise ValueError(f"{text!r} is not a number between {minimum:g} and {maximum:g}")
            return number

        return self._read(name, parse, None)

    def choice(self, name: str, choices: Mapping[str, _T]) -> _T | None:
        """One of a few words."""

        def parse(text: str) -> _T:
            if text not in choices:
                raise ValueError(f"{text!r} is none of {', '.join(choices)}")
            return choices[text]

        return self._read(name, parse, None)

    def exclusive(self, name: str, others: Sequence[str]) -> None:
        """Raise a 400 if ``name`` is given together with one of ``others``."""
        if self.has(name):
            for other in others:
                if self.has(other):
                    raise bad_parameter(name, f"cannot be combined with {other}")

    def _read(self, name: str, parse: Callable[[str], _T], default: _D) -> _T | _D:
        text = self._query.get(name)
        return default if text is None else _parsed(name, text, parse)


def path_text(request: web.Request, name: str) -> str:
    """Return a variable of the path, decoded. Raises a 400 if it is too long."""
    return _parsed(name, request.match_info[name], str)


def path_value(request: web.Request, name: str, parse: Callable[[str], _T]) -> _T:
    """Return what ``parse`` reads from a variable of the path; its ValueError becomes a 400."""
    return _parsed(name, request.match_info[name], parse)


def _parsed(name: str, text: str, parse: Callable[[str], _T]) -> _T:
    if not text:
        raise bad_parameter(name, "is empty", "leave the parameter out to ask for everything")
    if len(text) > MAX_TEXT_LENGTH:
        raise bad_parameter(
            name, f"has {len(text)} characters; at most {MAX_TEXT_LENGTH} are allowed"
        )
    try:
        return parse(text)
    except ValueError as error:
        raise bad_parameter(name, str(error)) from error


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError(f"{text!r} is neither true nor false")
    return _BOOLEANS[text]


def _unknown(name: str, known: Sequence[str]) -> ApiError:
    near = difflib.get_close_matches(name[:MAX_TEXT_LENGTH], known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    listed = f"the parameters here are {', '.join(known)}" if known else "there are none here"
    return bad_parameter(name[:100], "is not a parameter of this resource", hint + listed)
