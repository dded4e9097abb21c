"""Values that many spans share (resources, scopes), each encoded once and known by a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

__all__ = ["Shared"]

_Value = TypeVar("_Value")
_Document = TypeVar("_Document")


class Shared(Generic[_Value, _Document]):
    """Numbers distinct documents from 0 in order of appearance.

    Args:
        encode: makes the document of a value.

    Attributes:
        documents: by number.
    """

    def __init__(self, encode: Callable[[_Value], _Document]) -> None:
        self._encode = encode
        # Spans mostly share the object itself. It is kept beside its number, because an id is
        # unique among living objects only.
        self._objects: dict[int, tuple[_Value, int]] = {}
        self._numbers: dict[bytes, int] = {}
        self.documents: list[_Document] = []

    def index(self, value: _Value) -> int:
        """Return the number of ``value``'s document."""
        known = self._objects.get(id(value))
        if known is not None:
            return known[1]
        document = self._encode(value)
        number = self._numbers.setdefault(msgspec.json.encode(document), len(self.documents))
        if number == len(self.documents):
            self.documents.append(document)
        self._objects[id(value)] = (value, number)
        return number
