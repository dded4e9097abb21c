"""The store's errors; part of its interface, where users of the store find them."""

from __future__ import annotations

__all__ = ["QueryTimeout", "StatementRefused", "StoreError", "StoreTooNew", "StoreUnavailable"]


class StoreError(Exception):
    """Base of the store's errors. The message is for the operator."""


class StoreUnavailable(StoreError):
    """The store cannot be reached, is locked or failed for now. Trying again may help."""


class StoreTooNew(StoreError):
    """The data was written by a newer version of Spanloom; this one must not touch it."""


class QueryTimeout(StoreError):
    """The query did not finish within its time limit and was cancelled."""


class StatementRefused(StoreError):
    """A statement of a user is no single reading statement, or does not run."""
