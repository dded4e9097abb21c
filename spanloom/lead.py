"""Which of several processes on one store rolls up and applies the retention."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from spanloom.self_metrics import store_leading
from storage.interface import Store, StoreError

__all__ = ["Lead"]

_log = structlog.get_logger(__name__)

T = TypeVar("T")


class Lead:
    """This process's part in the lead of the store; thread-safe.

    Losing it is no fault: another process goes on. A store that does not answer has no leader.
    """

    def __init__(self, store: Store, *, held: bool) -> None:
        """``held``: whether this process is known to lead, as the only one on its store does."""
        self._store = store
        self._held = held
        self._lock = threading.Lock()
        store_leading.set(held)

    def held(self) -> bool:
        """Ask the store whether this process leads, and tell if that has changed."""
        with self._lock:
            reason = "another process leads"
            try:
                leads = self._store.lead()
            except StoreError as error:
                leads, reason = False, str(error)
            if leads and not self._held:
                _log.info("this process now keeps the rollups and the retention")
            elif self._held and not leads:
                _log.info("this process no longer keeps the rollups and the retention", why=reason)
            self._held = leads
            store_leading.set(leads)
            return leads

    def run(self, work: Callable[[], T]) -> T | None:
        """Do ``work`` if this process leads; None if it does not, or lost the lead meanwhile.

        Raises StoreError if ``work`` failed for another reason.
        """
        if not self.held():
            return None
        try:
            return work()
        except StoreError:
            if self.held():
                raise
            return None
