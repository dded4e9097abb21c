"""The bound on memory for gRPC messages that are still arriving.

gRPC's library collects a message before it tells us its size, so messages on their way cannot
be counted byte by byte as HTTP bodies are. A quick one needs no bound: the network cannot bring
much in a fifth of a second. One that takes longer has to fit the budget as if it were as large
as a message may be.

Why two looks before a message counts as slow: a loop that was busy for long finds its timers
due before it has seen the messages that came meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from collector.receivers.budget import BudgetExhausted, Reservation
from collector.receivers.errors import Condition, RequestError
from collector.receivers.export import overloaded

__all__ = ["SLOW_AFTER_S", "read_message"]

SLOW_AFTER_S = 0.2
"""Seconds after which a message that has not arrived is counted at full size."""

_SECOND_LOOK_S = 0.05


async def read_message(
    read: Awaitable[object], reservation: Reservation, max_bytes: int, timeout_s: float
) -> object:
    """Return what ``read`` returns: a message, or what stands for its absence.

    Raises:
        RequestError: the message did not arrive within ``timeout_s`` seconds, or is slow and
            the budget has no room for ``max_bytes``.
    """
    loop = asyncio.get_running_loop()
    watch = _Watch(loop, reservation, max_bytes)
    try:
        async with asyncio.timeout(timeout_s) as watch.deadline:
            return await read
    except TimeoutError:
        if watch.has_no_room:
            raise overloaded() from None
        raise RequestError(
            Condition.SLOW_CLIENT, f"the message did not arrive within {timeout_s:g} s"
        ) from None
    finally:
        watch.end()


class _Watch:
    """Charges a slow read to its reservation while it lasts."""

    __slots__ = (
        "_charged",
        "_loop",
        "_max_bytes",
        "_reservation",
        "_timer",
        "deadline",
        "has_no_room",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, reservation: Reservation, max_bytes: int
    ) -> None:
        self.deadline: asyncio.Timeout | None = None
        self.has_no_room = False
        self._loop = loop
        self._reservation = reservation
        self._max_bytes = max_bytes
        self._charged = 0
        self._timer = loop.call_later(SLOW_AFTER_S, self._look_again)

    def _look_again(self) -> None:
        self._timer = self._loop.call_later(_SECOND_LOOK_S, self._charge)

    def _charge(self) -> None:
        try:
            self._reservation.grow(self._max_bytes)
        except BudgetExhausted:
            self.has_no_room = True
            if self.deadline is not None:
                self.deadline.reschedule(self._loop.time())
        else:
            self._charged = self._max_bytes

    def end(self) -> None:
        self._timer.cancel()
        self._reservation.shrink(self._charged)
