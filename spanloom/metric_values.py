"""Names the process whose metric values prometheus_client keeps in files."""

from __future__ import annotations

from prometheus_client import values

__all__ = ["keep_values_as"]


def keep_values_as(process: str) -> None:
    """Keep the values of metrics made from now on under ``process``.

    By default files are named by process id: a receiver that crashes again and again would
    leave ever more of them. By its name the next one goes on counting where the last ended.
    """
    make = values.MultiProcessValue
    values.ValueClass = make(lambda: process)  # type: ignore[no-untyped-call] # untyped there
