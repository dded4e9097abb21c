"""A bound on the time that goes into work that may wait."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Allowance"]


class Allowance:
    """Time to spend: so much at once, and a share of the time that passes.

    What was spent too much is paid back before more may be spent.
    """

    def __init__(
        self, most_s: float, share: float, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_s = most_s
        self._share = share
        self._now_s = now_s
        self._left_s = most_s
        self._counted_s = now_s()

    def is_left(self) -> bool:
        """Whether there is time to spend."""
        now_s = self._now_s()
        earned_s = self._share * (now_s - self._counted_s)
        self._counted_s = now_s
        self._left_s = min(self._left_s + earned_s, self._most_s)
        return self._left_s > 0

    def spend(self, seconds: float) -> None:
        """Take off time that was spent."""
        self._left_s -= seconds
