"""The bound on memory: bytes of all request bodies that a receiver process holds at once."""

from __future__ import annotations

import threading

from collector.metrics import in_flight_bytes, in_flight_limit_bytes
from collector.receivers.config import DEFAULT_IN_FLIGHT_BYTES

__all__ = ["REQUEST_OVERHEAD_BYTES", "BudgetExhausted", "ByteBudget", "Reservation"]

REQUEST_OVERHEAD_BYTES = 16 << 10
"""What an open request costs besides its body: its task, headers and library buffers."""


class BudgetExhausted(Exception):
    """The bodies in flight leave no room for this one now."""


class ByteBudget:
    """Bytes that all requests in flight share, over both transports. Thread-safe.

    A body counts from its first byte until it is on disk or refused.
    """

    def __init__(self, limit_bytes: int = DEFAULT_IN_FLIGHT_BYTES) -> None:
        self._limit = limit_bytes
        self._used = 0
        self._lock = threading.Lock()
        in_flight_limit_bytes.set(limit_bytes)

    @property
    def used_bytes(self) -> int:
        """Bytes reserved now."""
        return self._used

    def reserve(self) -> Reservation:
        """Return a reservation for a request whose body is not known yet.

        Raises BudgetExhausted.
        """
        self._take(REQUEST_OVERHEAD_BYTES)
        return Reservation(self, REQUEST_OVERHEAD_BYTES)

    def _take(self, size: int) -> None:
        with self._lock:
            if self._used + size > self._limit:
                raise BudgetExhausted
            self._used += size
            in_flight_bytes.set(self._used)

    def _give_back(self, size: int) -> None:
        with self._lock:
            self._used -= size
            in_flight_bytes.set(self._used)


class Reservation:
    """The part of a budget that one request holds."""

    __slots__ = ("_budget", "_size")

    def __init__(self, budget: ByteBudget, size: int) -> None:
        self._budget = budget
        self._size = size

    def grow(self, size: int) -> None:
        """Reserve ``size`` more bytes. Raises BudgetExhausted; what is held stays held."""
        self._budget._take(size)  # noqa: SLF001 - the two classes are one mechanism
        self._size += size

    def shrink(self, size: int) -> None:
        """Give back ``size`` bytes, at most what is held."""
        given = min(size, self._size)
        self._size -= given
        if given:
            self._budget._give_back(given)  # noqa: SLF001 - the two classes are one mechanism

    def transfer(self) -> Reservation:
        """Return a reservation that holds everything; this one holds nothing any more."""
        size, self._size = self._size, 0
        return Reservation(self._budget, size)

    def release(self) -> None:
        """Give everything back; a second call does nothing."""
        self.shrink(self._size)
