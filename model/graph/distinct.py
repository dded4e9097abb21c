"""Numbers for things, so that columns can hold them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Distinct"]

_Item = TypeVar("_Item", bound=Hashable)


class Distinct(Generic[_Item]):
    """A list of different things that knows the index of each."""

    def __init__(self, *items: _Item) -> None:
        self.items: list[_Item] = []
        self._indexes: dict[_Item, int] = {}
        for item in items:
            self.index(item)

    def __len__(self) -> int:
        return len(self.items)

    def index(self, item: _Item) -> int:
        """Return the index of ``item``, which is added if it is new."""
        known = self._indexes.get(item)
        if known is None:
            known = self._indexes[item] = len(self.items)
            self.items.append(item)
        return known
