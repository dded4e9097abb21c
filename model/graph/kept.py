"""Answers to the questions that were asked last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Kept"]

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


class Kept(Generic[_Question, _Answer]):
    """Answers of a pure function, for questions that are long and mostly the same objects.

    They are compared one by one, not hashed: equal objects that are the same compare in
    nanoseconds, where hashing a key of the graph takes microseconds. Used from several threads.

    Args:
        answer: the function.
        most: answers that are kept.
    """

    def __init__(self, answer: Callable[[_Question], _Answer], most: int = 16) -> None:
        self._answer = answer
        self._most = most
        self._kept: list[tuple[_Question, _Answer]] = []

    def to(self, question: _Question) -> _Answer:
        """Return the answer to ``question``."""
        kept = self._kept
        for place, (asked, known) in enumerate(kept):
            if asked == question:
                if place:
                    self._kept = [kept[place], *kept[:place], *kept[place + 1 :]]
                return known
        found = self._answer(question)
        # One assignment, so that nobody sees a list in the making.
        self._kept = [(question, found), *kept[: self._most - 1]]
        return found
